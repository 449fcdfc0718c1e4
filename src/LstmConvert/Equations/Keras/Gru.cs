using NumSharp;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// One step of Keras' GRU (keras 2.2.4 keras/layers/recurrent.py:1163), blocks z r h; z keeps the old state.
/// </summary>
/// <param name="kernel"><c>(x, 3u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, 3u)</c>.</param>
/// <param name="inputBias"><c>(3u,)</c>.</param>
/// <param name="recurrentBias"><c>(3u,)</c> with <c>reset_after=True</c>, which multiplies before it resets; else null.</param>
/// <param name="activation">Of the candidate.</param>
/// <param name="recurrentActivation">Of the gates.</param>
public sealed class Gru(NDArray kernel, NDArray recurrentKernel, NDArray inputBias, NDArray? recurrentBias, string activation, string recurrentActivation)
{
    /// <summary>One step.</summary>
    /// <param name="inputs"><c>(b, x)</c>.</param>
    /// <param name="h"><c>(b, u)</c>.</param>
    /// <returns>h <c>(b, u)</c>.</returns>
    public NDArray Call(NDArray inputs, NDArray h)
    {
        var z = Activations.Apply(recurrentActivation, Input(inputs, 0) + Recurrent(h, 0)); // (b, u)
        var r = Activations.Apply(recurrentActivation, Input(inputs, 1) + Recurrent(h, 1));
        var candidate = Activations.Apply(activation, Input(inputs, 2) + (recurrentBias is null ? Recurrent(r * h, 2) : r * Recurrent(h, 2)));
        return (z * h) + ((Activations.One(z) - z) * candidate);
    }

    private string Columns(int k) => $"{k * recurrentKernel.shape[0]}:{(k + 1) * recurrentKernel.shape[0]}";

    private NDArray Input(NDArray inputs, int k) => np.dot(inputs, kernel[$":, {Columns(k)}"]) + inputBias[Columns(k)];

    private NDArray Recurrent(NDArray h, int k)
    {
        var product = np.dot(h, recurrentKernel[$":, {Columns(k)}"]);
        return recurrentBias is null ? product : product + recurrentBias[Columns(k)];
    }
}
