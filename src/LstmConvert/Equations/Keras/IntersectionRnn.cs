using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// Our IntersectionRNNCell (KerasLayers/Python/IntersectionRNNCell.py). State: h, which is not the output.
/// <code>
/// [g|s|q|y] = x @ kernel + h @ recurrent_kernel + bias, x projected where there is a projection
/// h' = sigmoid(g) * h + (1 - sigmoid(g)) * tanh(s)      output = sigmoid(q) * x + (1 - sigmoid(q)) * act(y)
/// </code>
/// </summary>
/// <param name="kernel"><c>(u, 4u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="activation">act.</param>
internal sealed class IntersectionRnn(NumericArray kernel, NumericArray recurrentKernel, NumericArray bias, Activation activation)
    : IStepEquations
{
    /// <summary><c>(x, u)</c> and <c>(u,)</c>, or null.</summary>
    public (NumericArray Kernel, NumericArray Bias)? Projection { get; init; }

    /// <inheritdoc />
    public int OutputWidth => recurrentKernel.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, u) = (states[0], OutputWidth);
        x = Projection is { } projection ? x.Dot(projection.Kernel) + projection.Bias : x; // (b, u)
        var z = x.Dot(kernel) + h.Dot(recurrentKernel) + bias; // (b, 4u)
        var (g, q) = (z.Columns(0, u).Sigmoid(), z.Columns(2 * u, u).Sigmoid()); // (b, u)
        h = (g * h) + ((1 - g) * z.Columns(u, u).Tanh());
        return new StepResult((q * x) + ((1 - q) * activation.Keras(z.Columns(3 * u, u))), [h]);
    }
}
