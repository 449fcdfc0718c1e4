using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// NASCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1549-1619; tfa/rnn/nas_cell.py is the same). States: c, m.
/// <code>
/// M = m @ recurrent_kernel + bias, I = x @ kernel, in eight parts
/// l0 = sigmoid(I0+M0)  l1 = relu(I1+M1)  l2 = sigmoid(I2+M2)  l3 = relu(I3*M3)  l4 = tanh(I4+M4)  l5 = sigmoid(I5+M5)  l6 = tanh(I6+M6)  l7 = sigmoid(I7+M7)
/// c' = tanh(tanh(l0*l1) + c) * tanh(l2+l3)      m' = tanh(c' * tanh(tanh(l4*l5) + sigmoid(l6+l7))),  @ projection_weights
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, 8u)</c>.</param>
/// <param name="recurrentKernel"><c>(h, 8u)</c>.</param>
/// <param name="bias"><c>(8u,)</c>, or null.</param>
/// <param name="projection"><c>(u, h)</c>, or null.</param>
internal sealed class NasCell(NumericArray kernel, NumericArray recurrentKernel, NumericArray? bias, NumericArray? projection)
    : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => projection?.Width ?? (kernel.Width / 8);

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, m, u) = (states[0], states[1], kernel.Width / 8);
        var (inputs, memory) = (x.Dot(kernel), m.Dot(recurrentKernel)); // (b, 8u)
        memory = bias is null ? memory : memory + bias;
        NumericArray[] Parts(NumericArray whole) => [.. Enumerable.Range(0, 8).Select(k => whole.Columns(k * u, u))]; // (b, u)
        var (i, r, sums) = (Parts(inputs), Parts(memory), Parts(inputs + memory));
        var first = (sums[0].Sigmoid() * sums[1].Max(0)).Tanh();
        var second = (sums[2].Sigmoid() + (i[3] * r[3]).Max(0)).Tanh();
        var third = (sums[4].Tanh() * sums[5].Sigmoid()).Tanh();
        var fourth = (sums[6].Tanh() + sums[7].Sigmoid()).Sigmoid();
        var next = (first + c).Tanh() * second;
        var output = (next * (third + fourth).Tanh()).Tanh();
        output = projection is null ? output : output.Dot(projection); // (b, h)
        return new StepResult(output, [next, output]);
    }
}
