using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>The weights of a Keras layer, cut into the blocks of its gates once.</summary>
internal sealed class Gates
{
    private readonly NumericArray[] kernel;
    private readonly NumericArray[] recurrentKernel;
    private readonly NumericArray[]? bias;
    private readonly NumericArray[]? recurrentBias;

    /// <summary>Cuts them.</summary>
    /// <param name="kernel"><c>(x, count * u)</c>.</param>
    /// <param name="recurrentKernel"><c>(u, count * u)</c>.</param>
    /// <param name="bias"><c>(count * u,)</c>, or null.</param>
    /// <param name="recurrentBias"><c>(count * u,)</c>, or null.</param>
    /// <param name="count">The number of gates.</param>
    public Gates(NumericArray kernel, NumericArray recurrentKernel, NumericArray? bias, NumericArray? recurrentBias, int count)
    {
        NumericArray[]? Cut(NumericArray? weight) =>
            weight is null
                ? null
                : [.. Enumerable.Range(0, count).Select(gate => weight.Columns(gate * (weight.Width / count), weight.Width / count))];
        (this.kernel, this.recurrentKernel, this.bias, this.recurrentBias) = (
            Cut(kernel)!,
            Cut(recurrentKernel)!,
            Cut(bias),
            Cut(recurrentBias));
    }

    /// <summary>What the input adds to a gate, <c>(b, u)</c>.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="x"><c>(b, x)</c>.</param>
    public NumericArray Input(int gate, NumericArray x) => bias is null ? x.Dot(kernel[gate]) : x.Dot(kernel[gate]) + bias[gate];

    /// <summary>What the state adds to a gate, <c>(b, u)</c>.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="h"><c>(b, u)</c>.</param>
    public NumericArray Recurrent(int gate, NumericArray h) =>
        recurrentBias is null ? h.Dot(recurrentKernel[gate]) : h.Dot(recurrentKernel[gate]) + recurrentBias[gate];
}
