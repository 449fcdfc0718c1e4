using LstmConvert.Arrays;

namespace LstmConvert.Equations.Haiku;

/// <summary>
/// LSTM of Haiku (deepmind/dm-haiku haiku/_src/recurrent.py), gates i g f o beside each other. States: h, c.
/// <code>
/// z = [x;h] @ w + b        c' = sigmoid(f + forget_bias)*c + sigmoid(i)*tanh(g)        h' = sigmoid(o)*tanh(c')
/// </code>
/// </summary>
/// <param name="kernel">w, <c>(x+u, 4u)</c>.</param>
/// <param name="bias">b, <c>(4u,)</c>.</param>
/// <param name="forgetBias">1 in Haiku.</param>
internal sealed class Lstm(NumericArray kernel, NumericArray bias, double forgetBias) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => bias.Count / 4;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c, u) = (states[0], states[1], bias.Count / 4);
        var z = NumericArray.Concatenate(x, h).Dot(kernel) + bias; // (b, 4u)
        var (i, g, f, o) = (
            z.Columns(0, u).Sigmoid(),
            z.Columns(u, u).Tanh(),
            (z.Columns(2 * u, u) + forgetBias).Sigmoid(),
            z.Columns(3 * u, u).Sigmoid());
        var next = (f * c) + (i * g);
        var output = o * next.Tanh();
        return new StepResult(output, [output, next]);
    }
}
