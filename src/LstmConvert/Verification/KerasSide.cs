using LstmConvert.Equations.Keras;
using LstmConvert.Recognition;
using NumSharp;

namespace LstmConvert.Verification;

/// <summary>Weights of one Keras recurrent layer as float64, and how the layer is built.</summary>
/// <param name="Name">The layer's name in the file.</param>
/// <param name="ClassName"><c>LSTM</c>, <c>GRU</c> or <c>SimpleRNN</c>.</param>
/// <param name="Units">u.</param>
/// <param name="InputSize">x.</param>
/// <param name="Kernel"><c>(x, g*u)</c>, C order.</param>
/// <param name="RecurrentKernel"><c>(u, g*u)</c>.</param>
/// <param name="Bias"><c>(g*u,)</c>, or two rows of it with <c>reset_after=True</c>.</param>
public sealed record KerasLayer(string Name, string ClassName, int Units, int InputSize, double[] Kernel, double[] RecurrentKernel, double[] Bias)
{
    /// <summary>The activation of candidate and output.</summary>
    public string Activation { get; init; } = "tanh";

    /// <summary>The activation of the gates.</summary>
    public string RecurrentActivation { get; init; } = "sigmoid";

    /// <summary>True resets after the matrix product (GRU).</summary>
    public bool ResetAfter { get; init; }

    /// <summary>The kernel of the Dense that follows, <c>(u, p)</c>, or null.</summary>
    public double[]? Projection { get; init; }

    /// <summary>p, or 0.</summary>
    public int ProjectionSize { get; init; }

    /// <summary>The number of gates: 4, 3 or 1.</summary>
    public int Gates => ClassName switch
    {
        "LSTM" => 4,
        "GRU" => 3,
        _ => 1,
    };
}

/// <summary>
/// Runs Keras' layers on the weights read back from the file, with Keras' masks: a masked step keeps the states; the backward
/// direction walks the time axis from its end.
/// </summary>
internal static class KerasSide
{
    public static CellRun Run(RecognizedCell cell, KerasLayer layer, Sequence input, int[] lengths, CellState initial, bool single)
    {
        var call = Caller(layer, single);
        var h = Numbers.Matrix(initial.H, input.Batch, layer.Units, single);
        var c = initial.C is { } start ? Numbers.Matrix(start, input.Batch, layer.Units, single) : null;
        var outputs = Sequence.Zeros(input.Batch, input.Steps, layer.Units);
        var states = c is null ? null : Sequence.Zeros(input.Batch, input.Steps, layer.Units);
        for (var k = 0; k < input.Steps; k++)
        {
            var t = cell.Direction == Direction.Backward ? input.Steps - 1 - k : k;
            var mask = Array.ConvertAll(lengths, length => t < length);
            var (newH, newC) = call(input.Step(t, single), h, c);
            h = Numbers.Where(mask, newH, h);
            outputs.SetStep(t, h);
            if (newC is not null)
            {
                c = Numbers.Where(mask, newC, c!);
                states!.SetStep(t, c);
            }
        }

        var finalH = Numbers.Doubles(h);
        if (layer.Projection is { } projection)
        {
            var dense = Numbers.Matrix(projection, layer.Units, layer.ProjectionSize, single);
            var projected = Sequence.Zeros(input.Batch, input.Steps, layer.ProjectionSize);
            for (var t = 0; t < input.Steps; t++)
            {
                projected.SetStep(t, np.dot(outputs.Step(t, single), dense));
            }

            outputs = projected;
            finalH = Numbers.Doubles(np.dot(h, dense));
        }

        return new CellRun(cell, input, outputs, states, finalH, c is null ? null : Numbers.Doubles(c));
    }

    private static Func<NDArray, NDArray, NDArray?, (NDArray H, NDArray? C)> Caller(KerasLayer layer, bool single)
    {
        var width = layer.Gates * layer.Units;
        var kernel = Numbers.Matrix(layer.Kernel, layer.InputSize, width, single);
        var recurrent = Numbers.Matrix(layer.RecurrentKernel, layer.Units, width, single);
        NDArray Bias(int row) => Numbers.Matrix([.. layer.Bias.Skip(row * width).Take(width)], 1, width, single).reshape(width);
        switch (layer.ClassName)
        {
            case "LSTM":
                var lstm = new Lstm(kernel, recurrent, Bias(0), layer.Activation, layer.RecurrentActivation);
                return (x, h, c) => lstm.Call(x, h, c!) is var (newH, newC) ? (newH, newC) : default;
            case "GRU":
                var second = !layer.ResetAfter ? null : layer.Bias.Length == 2 * width ? Bias(1) : Bias(0) * Numbers.Zero(single);
                var gru = new Gru(kernel, recurrent, Bias(0), second, layer.Activation, layer.RecurrentActivation);
                return (x, h, _) => (gru.Call(x, h), null);
            default:
                var rnn = new SimpleRnn(kernel, recurrent, Bias(0), layer.Activation);
                return (x, h, _) => (rnn.Call(x, h), null);
        }
    }
}
