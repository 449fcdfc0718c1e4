using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// TFLiteLSTMCell (tensorflow v1.15.5 lite/experimental/examples/lstm/rnn_cell.py:300-510): a matrix out x in for each gate, in the order
/// input,
/// forget, cell, output. States: c, m.
/// <code>
/// i = x @ W_i.T + m @ R_i.T + b_i, and so on        c' = sigmoid(f + w_f*c)*c + sigmoid(i + w_i*c)*act(g)      clipped to ±cell_clip
/// m' = sigmoid(o + w_o*c') * act(c'),  @ P.T        clipped to ±proj_clip
/// </code>
/// </summary>
/// <param name="inputs">W, <c>(u, x)</c> each.</param>
/// <param name="recurrents">R, <c>(u, p)</c> each, p = u without projection.</param>
/// <param name="biases"><c>(u,)</c> each.</param>
/// <param name="activation">Of candidate and output.</param>
internal sealed class TfLiteLstmCell(
    IReadOnlyList<NumericArray> inputs,
    IReadOnlyList<NumericArray> recurrents,
    IReadOnlyList<NumericArray> biases,
    Activation activation) : IStepEquations
{
    private readonly NumericArray[] input = [.. inputs.Select(matrix => matrix.Transpose())];
    private readonly NumericArray[] recurrent = [.. recurrents.Select(matrix => matrix.Transpose())];

    /// <summary>Null without peepholes.</summary>
    public LstmPeepholes? Peepholes { get; init; }

    /// <summary><c>(p, u)</c>, or null.</summary>
    public NumericArray? Projection { get; init; }

    /// <summary>The limit of the cell state, or null.</summary>
    public double? CellClip { get; init; }

    /// <summary>The limit of the projected output, or null.</summary>
    public double? ProjectionClip { get; init; }

    /// <inheritdoc />
    public int OutputWidth => Projection?.RowCount ?? biases[0].Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, m) = (states[0], states[1]);
        NumericArray Gate(int gate) => x.Dot(input[gate]) + m.Dot(recurrent[gate]) + biases[gate]; // (b, u)
        var (i, f, g, o) = (Gate(0), Gate(1), Gate(2), Gate(3));
        if (Peepholes is not null)
        {
            (i, f) = (i + (Peepholes.Input * c), f + (Peepholes.Forget * c));
        }

        var next = (f.Sigmoid() * c) + (i.Sigmoid() * activation.TensorFlow(g));
        next = CellClip is { } limit ? next.Clip(limit) : next;
        var output = (Peepholes is null ? o : o + (Peepholes.Output * next)).Sigmoid() * activation.TensorFlow(next);
        if (Projection is not null)
        {
            output = output.Dot(Projection.Transpose()); // (b, p)
            output = ProjectionClip is { } bound ? output.Clip(bound) : output;
        }

        return new StepResult(output, [next, output]);
    }
}
