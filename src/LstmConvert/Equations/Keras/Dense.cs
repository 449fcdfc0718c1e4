using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>Keras's Dense on inputs of any rank: <c>act(x @ kernel + bias)</c> along the last axis (keras 3.15.1
/// src/layers/core/dense.py).</summary>
/// <param name="kernel"><c>(x, u)</c>.</param>
/// <param name="bias"><c>(u,)</c>, or null with <c>use_bias=False</c>.</param>
/// <param name="activation">The activation.</param>
internal sealed class Dense(NumericArray kernel, NumericArray? bias, Activation activation)
{
    /// <summary>The layer.</summary>
    /// <param name="x"><c>(…, x)</c>.</param>
    /// <returns><c>(…, u)</c>.</returns>
    public NumericArray Call(NumericArray x)
    {
        var product = x.Dot(kernel);
        return activation.Keras(bias is null ? product : product + bias);
    }

    /// <summary>The layer on every step of sequences.</summary>
    /// <param name="x"><c>(b, t, …, x)</c>.</param>
    /// <returns><c>(b, t, …, u)</c>.</returns>
    public Sequence Call(Sequence x) => Sequence.Of(Call(x.ToArray(kernel.Precision)));
}
