using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// LSTM of Sonnet 1 without peepholes and clips (deepmind/sonnet v1.36 sonnet/python/modules/gated_rnn.py:238-276), gates i j f o. States: c, h.
/// <code>
/// [i|j|f|o] = norm([x;h] @ w_gates) + b_gates
/// c' = sigmoid(f + forget_bias) * c + sigmoid(i) * tanh(j)      h' = (sigmoid(o) * tanh(c')) @ w_h_projection
/// </code>
/// </summary>
/// <param name="kernel"><c>(x+h, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="forgetBias">Added to the forget gate at run time.</param>
internal sealed class Sonnet1Lstm(NumericArray kernel, NumericArray bias, double forgetBias) : IStepEquations
{
    /// <summary>The normalisation of all gates together, or null.</summary>
    public LayerNorm? Norm { get; init; }

    /// <summary><c>(u, h)</c>, or null.</summary>
    public NumericArray? Projection { get; init; }

    /// <inheritdoc />
    public int OutputWidth => Projection?.Width ?? (kernel.Width / 4);

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h, u) = (states[0], states[1], kernel.Width / 4);
        var z = NumericArray.Concatenate(x, h).Dot(kernel); // (b, 4u)
        z = (Norm?.Of(z) ?? z) + bias;
        var next = ((z.Columns(2 * u, u) + forgetBias).Sigmoid() * c) + (z.Columns(0, u).Sigmoid() * z.Columns(u, u).Tanh()); // (b, u)
        var output = z.Columns(3 * u, u).Sigmoid() * next.Tanh();
        output = Projection is null ? output : output.Dot(Projection); // (b, h)
        return new StepResult(output, [next, output]);
    }
}
