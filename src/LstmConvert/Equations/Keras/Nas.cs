using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// Our NASCell (KerasLayers/Python/NASCell.py). States: h, c.
/// <code>
/// x0..x7 = x @ kernel      h0..h7 = h @ recurrent_kernel + bias
/// c' = tanh(tanh(sigmoid(x0+h0) * relu(x1+h1)) + c) * tanh(sigmoid(x2+h2) + relu(x3*h3))
/// h' = tanh(c' * tanh(tanh(tanh(x4+h4) * sigmoid(x5+h5)) + sigmoid(tanh(x6+h6) + sigmoid(x7+h7)))) @ projection_kernel
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, 8u)</c>.</param>
/// <param name="recurrentKernel"><c>(p, 8u)</c>.</param>
/// <param name="bias"><c>(8u,)</c>, or null.</param>
/// <param name="projection"><c>(u, p)</c>, or null.</param>
internal sealed class Nas(NumericArray kernel, NumericArray recurrentKernel, NumericArray? bias, NumericArray? projection) : IStepEquations
{
    private readonly Gates gates = new(kernel, recurrentKernel, null, bias, 8);

    /// <inheritdoc />
    public int OutputWidth => recurrentKernel.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c) = (states[0], states[1]);
        NumericArray Sum(int gate) => gates.Input(gate, x) + gates.Recurrent(gate, h); // (b, u)
        var a = (Sum(0).Sigmoid() * Sum(1).Max(0)).Tanh();
        var b = (Sum(2).Sigmoid() + (gates.Input(3, x) * gates.Recurrent(3, h)).Max(0)).Tanh();
        var d = (Sum(4).Tanh() * Sum(5).Sigmoid()).Tanh();
        var e = (Sum(6).Tanh() + Sum(7).Sigmoid()).Sigmoid();
        c = (a + c).Tanh() * b;
        h = (c * (d + e).Tanh()).Tanh();
        h = projection is null ? h : h.Dot(projection); // (b, p)
        return new StepResult(h, [h, c]);
    }
}
