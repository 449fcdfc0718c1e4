using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// CoupledInputForgetGateLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:98-322), gates j f o. States: c, m.
/// <code>
/// [j|f|o] = [x;m] @ W + B, or each normalised and no B
/// k = sigmoid(f + forget_bias + w_f*c);  c' = k*c + (1-k)*act(j)                 normalised
/// m' = sigmoid(o + w_o*c') * act(c'),  @ projection        clipped to ±proj_clip
/// </code>
/// </summary>
/// <param name="kernel"><c>(x+p, 3u)</c>, p = u without projection.</param>
/// <param name="bias"><c>(3u,)</c>, or null; not added where gates are normalised.</param>
/// <param name="forgetBias">Added to the forget gate at run time.</param>
/// <param name="activation">Of candidate and output.</param>
internal sealed class CoupledInputForgetGateLstmCell(NumericArray kernel, NumericArray? bias, double forgetBias, Activation activation)
    : IStepEquations
{
    /// <summary>The normalisations of gates and state, with which the bias is not added; null without.</summary>
    public LstmNorms? Norms { get; init; }

    /// <summary>The peephole of the forget gate, <c>(u,)</c>, or null.</summary>
    public NumericArray? ForgetPeephole { get; init; }

    /// <summary>The peephole of the output gate, <c>(u,)</c>, or null.</summary>
    public NumericArray? OutputPeephole { get; init; }

    /// <summary><c>(u, p)</c>, or null.</summary>
    public NumericArray? Projection { get; init; }

    /// <summary>The limit of the projected output, or null.</summary>
    public double? ProjectionClip { get; init; }

    /// <inheritdoc />
    public int OutputWidth => Projection?.Width ?? (kernel.Width / 3);

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, m, u) = (states[0], states[1], kernel.Width / 3);
        var z = NumericArray.Concatenate(x, m).Dot(kernel); // (b, 3u)
        z = Norms is null && bias is not null ? z + bias : z;
        var (j, f, o) = (z.Columns(0, u), z.Columns(u, u), z.Columns(2 * u, u)); // (b, u)
        (j, f, o) = Norms is null ? (j, f, o) : (Norms.Transform.Of(j), Norms.Forget.Of(f), Norms.Output.Of(o));
        f += forgetBias;
        var k = (ForgetPeephole is null ? f : f + (ForgetPeephole * c)).Sigmoid();
        var next = (k * c) + ((1 - k) * activation.TensorFlow(j)); // (b, u)
        next = Norms?.State.Of(next) ?? next;
        o = OutputPeephole is null ? o : o + (OutputPeephole * next);
        var output = o.Sigmoid() * activation.TensorFlow(next);
        if (Projection is not null)
        {
            output = output.Dot(Projection); // (b, p)
            output = ProjectionClip is { } limit ? output.Clip(limit) : output;
        }

        return new StepResult(output, [next, output]);
    }
}
