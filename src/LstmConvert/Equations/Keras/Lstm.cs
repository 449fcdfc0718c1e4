using NumSharp;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// One step of Keras' LSTM (keras 2.2.4 keras/layers/recurrent.py:1756, 3.15.1 src/layers/rnn/lstm.py), blocks i f c o, one gate
/// at a time as implementation 1 does it. The forget bias is in the stored bias.
/// </summary>
/// <param name="kernel"><c>(x, 4u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="activation">Of candidate and output.</param>
/// <param name="recurrentActivation">Of the gates.</param>
public sealed class Lstm(NDArray kernel, NDArray recurrentKernel, NDArray bias, string activation, string recurrentActivation)
{
    /// <summary>One step.</summary>
    /// <param name="inputs"><c>(b, x)</c>.</param>
    /// <param name="h"><c>(b, u)</c>.</param>
    /// <param name="c"><c>(b, u)</c>.</param>
    /// <returns>h and c, <c>(b, u)</c> each.</returns>
    public (NDArray H, NDArray C) Call(NDArray inputs, NDArray h, NDArray c)
    {
        var i = Activations.Apply(recurrentActivation, Block(inputs, h, 0)); // (b, u)
        var f = Activations.Apply(recurrentActivation, Block(inputs, h, 1));
        var candidate = Activations.Apply(activation, Block(inputs, h, 2));
        var o = Activations.Apply(recurrentActivation, Block(inputs, h, 3));
        var carry = (f * c) + (i * candidate);
        return (o * Activations.Apply(activation, carry), carry);
    }

    private NDArray Block(NDArray inputs, NDArray h, int k)
    {
        var units = recurrentKernel.shape[0];
        var columns = $"{k * units}:{(k + 1) * units}";
        return np.dot(inputs, kernel[$":, {columns}"]) + np.dot(h, recurrentKernel[$":, {columns}"]) + bias[columns];
    }
}
