using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// TimeFreqLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:325-496; Sainath and Li 2016), columns i j f o. State: c and m
/// of every window beside each other.
/// <code>
/// for each window w of the input: [i|j|f|o] = [w; m; m of the window before] @ kernel + bias
/// c' = sigmoid(f + forget_bias + w_f*c)*c + sigmoid(i + w_i*c)*tanh(j)      m' = sigmoid(o + w_o*c')*tanh(c')
/// </code>
/// </summary>
/// <param name="kernel"><c>(f+2u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="windows">The first feature of each window.</param>
internal sealed class TimeFreqLstmCell(NumericArray kernel, NumericArray bias, IReadOnlyList<int> windows) : IStepEquations
{
    private readonly int u = bias.Width / 4;

    /// <summary>Added to the forget gate at run time.</summary>
    public required double ForgetBias { get; init; }

    /// <summary>The limit of the cell state, or null.</summary>
    public double? CellClip { get; init; }

    /// <summary>Of i, f and o, <c>(u,)</c> each; null without.</summary>
    public (NumericArray Input, NumericArray Forget, NumericArray Output)? Peepholes { get; init; }

    /// <inheritdoc />
    public int OutputWidth => u * windows.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (before, outputs, next) = (NumericArray.Zeros(x.Precision, x.RowCount, u), new List<NumericArray>(), new List<NumericArray>());
        for (var k = 0; k < windows.Count; k++)
        {
            var (c, m) = (states[0].Columns(2 * k * u, u), states[0].Columns(((2 * k) + 1) * u, u));
            var z = NumericArray.Concatenate(x.Columns(windows[k], kernel.RowCount - (2 * u)), m, before).Dot(kernel) + bias; // (b, 4u)
            var (i, j, f, o) = (z.Columns(0, u), z.Columns(u, u), z.Columns(2 * u, u) + ForgetBias, z.Columns(3 * u, u));
            (i, f) = Peepholes is { } old ? (i + (old.Input * c), f + (old.Forget * c)) : (i, f);
            c = (f.Sigmoid() * c) + (i.Sigmoid() * j.Tanh());
            c = CellClip is { } limit ? c.Clip(limit) : c;
            o = Peepholes is { } seen ? o + (seen.Output * c) : o;
            before = o.Sigmoid() * c.Tanh();
            outputs.Add(before);
            next.AddRange([c, before]);
        }

        return new StepResult(NumericArray.Concatenate([.. outputs]), [NumericArray.Concatenate([.. next])]);
    }
}
