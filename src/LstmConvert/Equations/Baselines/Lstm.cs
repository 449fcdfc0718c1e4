using LstmConvert.Arrays;

namespace LstmConvert.Equations.Baselines;

/// <summary>
/// The lstm of OpenAI baselines and of stable-baselines (openai/baselines a2c/utils.py:81-102), gates i f o c; no forget bias. States: c,
/// h.
/// <code>
/// [i|f|o|c] = x @ W + h @ R + b        c' = sigmoid(f)*c + sigmoid(i)*tanh(c)        h' = sigmoid(o)*tanh(c')
/// </code>
/// </summary>
/// <param name="input">W, <c>(x, 4u)</c>.</param>
/// <param name="recurrent">R, <c>(u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
internal sealed class Lstm(NumericArray input, NumericArray recurrent, NumericArray bias) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => recurrent.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h, u) = (states[0], states[1], recurrent.RowCount);
        var z = x.Dot(input) + h.Dot(recurrent) + bias; // (b, 4u)
        var next = (z.Columns(u, u).Sigmoid() * c) + (z.Columns(0, u).Sigmoid() * z.Columns(3 * u, u).Tanh()); // (b, u)
        var output = z.Columns(2 * u, u).Sigmoid() * next.Tanh();
        return new StepResult(output, [next, output]);
    }
}
