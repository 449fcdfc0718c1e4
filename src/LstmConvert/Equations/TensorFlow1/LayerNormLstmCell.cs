using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// LayerNormBasicLSTMCell and LayerNormLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1342-1463, 2468-2735), gates i j f
/// o,
/// without the bias that the second one makes and does not add. States: c, m.
/// <code>
/// [i|j|f|o] = [x;m] @ kernel, each normalised
/// c' = norm(sigmoid(f + forget_bias + w_f*c) * c + sigmoid(i + w_i*c) * act(j))       clipped to ±cell_clip
/// m' = sigmoid(o + w_o*c') * act(c'),  @ projection                                   clipped to ±proj_clip
/// </code>
/// </summary>
/// <param name="kernel"><c>(x+p, 4u)</c>, p = u without projection.</param>
/// <param name="norms">The normalisations.</param>
/// <param name="forgetBias">Added to the normalised forget gate.</param>
/// <param name="activation">Of candidate and output.</param>
internal sealed class LayerNormLstmCell(NumericArray kernel, LstmNorms norms, double forgetBias, Activation activation) : IStepEquations
{
    /// <summary>Null without peepholes.</summary>
    public LstmPeepholes? Peepholes { get; init; }

    /// <summary><c>(u, p)</c>, or null.</summary>
    public NumericArray? Projection { get; init; }

    /// <summary>The limit of the cell state, or null.</summary>
    public double? CellClip { get; init; }

    /// <summary>The limit of the projected output, or null.</summary>
    public double? ProjectionClip { get; init; }

    /// <inheritdoc />
    public int OutputWidth => Projection?.Width ?? (kernel.Width / 4);

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, m, u) = (states[0], states[1], kernel.Width / 4);
        var z = NumericArray.Concatenate(x, m).Dot(kernel); // (b, 4u)
        var (i, j) = (norms.Input!.Of(z.Columns(0, u)), norms.Transform.Of(z.Columns(u, u))); // (b, u)
        var (f, o) = (norms.Forget.Of(z.Columns(2 * u, u)) + forgetBias, norms.Output.Of(z.Columns(3 * u, u)));
        if (Peepholes is not null)
        {
            (i, f) = (i + (Peepholes.Input * c), f + (Peepholes.Forget * c));
        }

        var next = norms.State.Of((f.Sigmoid() * c) + (i.Sigmoid() * activation.TensorFlow(j))); // (b, u)
        next = CellClip is { } limit ? next.Clip(limit) : next;
        o = Peepholes is null ? o : o + (Peepholes.Output * next);
        var output = o.Sigmoid() * activation.TensorFlow(next);
        if (Projection is not null)
        {
            output = output.Dot(Projection); // (b, p)
            output = ProjectionClip is { } bound ? output.Clip(bound) : output;
        }

        return new StepResult(output, [next, output]);
    }
}
