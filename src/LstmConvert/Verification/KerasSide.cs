using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Equations.Keras;
using LstmConvert.Recognition;

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
        var h = Numbers.Matrix(initial.H, input.Batch, layer.Units, single);
        var c = initial.C is { } start ? Numbers.Matrix(start, input.Batch, layer.Units, single) : null;
        var isBackward = cell.Direction == Direction.Backward;
        var run = Loop.Run(Equations(layer, single), input, Mask.Of(lengths, input.Steps), c is null ? [h] : [h, c], isBackward);
        Sequence InTime(Sequence sequence) => isBackward ? sequence.Reversed() : sequence;
        var (output, final) = (InTime(run.Output), run.FinalStates[0]);
        if (layer.Projection is { } projection)
        {
            var dense = new Dense(Numbers.Matrix(projection, layer.Units, layer.ProjectionSize, single), null, Activations.Linear);
            (output, final) = (dense.Call(output), dense.Call(final));
        }

        return new CellRun(
            cell, input, output, c is null ? null : InTime(run.StatesPerStep[1]), final.ToDoubles(), c is null ? null : run.FinalStates[1].ToDoubles());
    }

    private static IStepEquations Equations(KerasLayer layer, bool single)
    {
        var width = layer.Gates * layer.Units;
        var kernel = Numbers.Matrix(layer.Kernel, layer.InputSize, width, single);
        var recurrent = Numbers.Matrix(layer.RecurrentKernel, layer.Units, width, single);
        var (activation, gate) = (Activations.Get(layer.Activation), Activations.Get(layer.RecurrentActivation));
        NumericArray Bias(int rows) => Numbers.Matrix([.. layer.Bias.Take(rows * width), .. new double[Math.Max(0, (rows * width) - layer.Bias.Length)]], rows, width, single);
        return layer.ClassName switch
        {
            "LSTM" => new Lstm(kernel, recurrent, Bias(1), activation, gate),
            "GRU" => new Gru(kernel, recurrent, Bias(layer.ResetAfter ? 2 : 1), layer.ResetAfter, activation, gate),
            _ => new SimpleRnn(kernel, recurrent, Bias(1), activation),
        };
    }
}
