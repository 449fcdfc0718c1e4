using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// BasicLSTMCell and LSTMCell (tensorflow v1.15.5 python/ops/rnn_cell_impl.py:725-1063), gates i j f o. States: c, m.
/// <code>
/// [i|j|f|o] = [x;m] @ kernel + bias
/// c' = sigmoid(f + forget_bias + w_f*c) * c + sigmoid(i + w_i*c) * act(j)        clipped to ±cell_clip
/// m' = sigmoid(o + w_o*c') * act(c'),  @ projection                              clipped to ±proj_clip
/// </code>
/// </summary>
/// <param name="kernel"><c>(x+p, 4u)</c>, p = u without projection.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="forgetBias">Added to the forget gate at run time.</param>
/// <param name="activation">Of candidate and output.</param>
internal sealed class LstmCell(NumericArray kernel, NumericArray bias, double forgetBias, Activation activation) : IStepEquations
{
    /// <summary>The activation of the gates; TensorFlow's own cells have sigmoid.</summary>
    public Activation RecurrentActivation { get; init; } = Activations.Sigmoid;

    /// <summary>Null without peepholes.</summary>
    public LstmPeepholes? Peepholes { get; init; }

    /// <summary><c>(u, p)</c>, or null.</summary>
    public NumericArray? Projection { get; init; }

    /// <summary>The limit of the cell state, or null; 0 clips to 0.</summary>
    public double? CellClip { get; init; }

    /// <summary>The limit of the projected output, or null.</summary>
    public double? ProjectionClip { get; init; }

    /// <inheritdoc />
    public int OutputWidth => Projection?.Width ?? (kernel.Width / 4);

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, m) = (states[0], states[1]);
        var (act, gate, u) = (activation.TensorFlow, RecurrentActivation.TensorFlow, kernel.Width / 4);
        var z = NumericArray.Concatenate(x, m).Dot(kernel) + bias; // (b, 4u)
        var (i, j, f, o) = (z.Columns(0, u), z.Columns(u, u), z.Columns(2 * u, u) + forgetBias, z.Columns(3 * u, u)); // (b, u)
        if (Peepholes is not null)
        {
            (i, f) = (i + (Peepholes.Input * c), f + (Peepholes.Forget * c));
        }

        var next = (gate(f) * c) + (gate(i) * act(j)); // (b, u)
        next = CellClip is { } limit ? next.Clip(limit) : next;
        o = Peepholes is null ? o : o + (Peepholes.Output * next);
        var output = gate(o) * act(next);
        if (Projection is not null)
        {
            output = output.Dot(Projection); // (b, p)
            output = ProjectionClip is { } bound ? output.Clip(bound) : output;
        }

        return new StepResult(output, [next, output]);
    }
}
