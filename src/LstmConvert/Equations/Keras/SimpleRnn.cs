using NumSharp;

namespace LstmConvert.Equations.Keras;

/// <summary>One step of Keras' SimpleRNN: <c>h' = act(x W + b + h R)</c> (keras 2.2.4 keras/layers/recurrent.py).</summary>
/// <param name="kernel"><c>(x, u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, u)</c>.</param>
/// <param name="bias"><c>(u,)</c>.</param>
/// <param name="activation">The activation.</param>
public sealed class SimpleRnn(NDArray kernel, NDArray recurrentKernel, NDArray bias, string activation)
{
    /// <summary>One step.</summary>
    /// <param name="inputs"><c>(b, x)</c>.</param>
    /// <param name="h"><c>(b, u)</c>.</param>
    /// <returns>h <c>(b, u)</c>.</returns>
    public NDArray Call(NDArray inputs, NDArray h) =>
        Activations.Apply(activation, np.dot(inputs, kernel) + bias + np.dot(h, recurrentKernel)); // (b, u)
}
