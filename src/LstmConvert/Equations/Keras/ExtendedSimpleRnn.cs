using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// Our ExtendedSimpleRNNCell (KerasLayers/Python/ExtendedSimpleRNNCell.py). State: h.
/// <code>
/// z = x @ kernel + h @ recurrent_kernel, normalised where there is a gamma, + bias      h' = (1 - leaky)*h + leaky*act(z)
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, u)</c>.</param>
/// <param name="bias"><c>(u,)</c>, or null.</param>
/// <param name="activation">act.</param>
/// <param name="leaky">The share of the new value.</param>
internal sealed class ExtendedSimpleRnn(
    NumericArray kernel,
    NumericArray recurrentKernel,
    NumericArray? bias,
    Activation activation,
    double leaky) : IStepEquations
{
    /// <summary>The normalisation of the sum of both products, without a beta, or null.</summary>
    public (NumericArray Gamma, double Epsilon)? Norm { get; init; }

    /// <inheritdoc />
    public int OutputWidth => recurrentKernel.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var h = states[0];
        var z = x.Dot(kernel) + h.Dot(recurrentKernel); // (b, u)
        if (Norm is var (gamma, epsilon))
        {
            z -= z.Mean();
            z = gamma * z / ((z * z).Mean() + epsilon).Sqrt();
        }

        z = activation.Keras(bias is null ? z : z + bias);
        z = leaky == 1 ? z : ((1 - leaky) * h) + (leaky * z);
        return new StepResult(z, [z]);
    }
}
