using LstmConvert.Arrays;

namespace LstmConvert.Equations.Dl4j;

/// <summary>
/// LSTM of Deeplearning4j, gates c f o i beside each other (community.konduit.ai topic 124). States: c, h.
/// <code>
/// z = x @ W + h @ RW + b        c' = sigmoid(f)*c + sigmoid(i)*tanh(c)        h' = sigmoid(o)*tanh(c')
/// </code>
/// </summary>
/// <param name="input">W, <c>(x, 4u)</c>.</param>
/// <param name="recurrent">RW, <c>(u, 4u)</c>.</param>
/// <param name="bias">b, <c>(4u,)</c> or <c>(1, 4u)</c>.</param>
internal sealed class Lstm(NumericArray input, NumericArray recurrent, NumericArray bias) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => recurrent.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h, u) = (states[0], states[1], recurrent.RowCount);
        var z = x.Dot(input) + h.Dot(recurrent) + bias; // (b, 4u)
        var next = (z.Columns(u, u).Sigmoid() * c) + (z.Columns(3 * u, u).Sigmoid() * z.Columns(0, u).Tanh());
        var output = z.Columns(2 * u, u).Sigmoid() * next.Tanh();
        return new StepResult(output, [next, output]);
    }
}
