using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// LSTM of Sonnet 1 (deepmind/sonnet v1.36 sonnet/python/modules/gated_rnn.py:238-276), gates i j f o. States: c, h.
/// <code>
/// c and h are clipped before the step      [i|j|f|o] = norm([x;h] @ w_gates) + b_gates
/// c' = sigmoid(f + forget_bias + w_f_diag*c) * c + sigmoid(i + w_i_diag*c) * tanh(j)      h' = (sigmoid(o) * tanh(c' + w_o_diag*c')) @ w_h_projection
/// </code>
/// </summary>
/// <param name="kernel"><c>(x+h, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="forgetBias">Added to the forget gate at run time.</param>
internal sealed class Sonnet1Lstm(NumericArray kernel, NumericArray bias, double forgetBias) : IStepEquations
{
    /// <summary>The normalisation of all gates together, or null.</summary>
    public LayerNorm? Norm { get; init; }

    /// <summary>Null without peepholes.</summary>
    public LstmPeepholes? Peepholes { get; init; }

    /// <summary>The limit of the cell state that comes in, or null.</summary>
    public double? CellClip { get; init; }

    /// <summary>The limit of the output that comes in, or null.</summary>
    public double? HiddenClip { get; init; }

    /// <summary><c>(u, h)</c>, or null.</summary>
    public NumericArray? Projection { get; init; }

    /// <inheritdoc />
    public int OutputWidth => Projection?.Width ?? (kernel.Width / 4);

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h, u) = (states[0], states[1], kernel.Width / 4);
        (c, h) = (CellClip is { } limit ? c.Clip(limit) : c, HiddenClip is { } bound ? h.Clip(bound) : h);
        var z = NumericArray.Concatenate(x, h).Dot(kernel); // (b, 4u)
        z = (Norm?.Of(z) ?? z) + bias;
        var (i, f) = (z.Columns(0, u), z.Columns(2 * u, u) + forgetBias); // (b, u)
        (i, f) = Peepholes is { } old ? (i + (old.Input * c), f + (old.Forget * c)) : (i, f);
        var next = (f.Sigmoid() * c) + (i.Sigmoid() * z.Columns(u, u).Tanh());
        var output = z.Columns(3 * u, u).Sigmoid() * (Peepholes is { } seen ? next + (seen.Output * next) : next).Tanh();
        output = Projection is null ? output : output.Dot(Projection); // (b, h)
        return new StepResult(output, [next, output]);
    }
}
