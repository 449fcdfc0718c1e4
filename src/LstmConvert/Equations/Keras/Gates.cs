using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>The weights of a Keras layer, as the blocks of its gates.</summary>
/// <param name="kernel"><c>(x, count * u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, count * u)</c>.</param>
/// <param name="bias"><c>(count * u,)</c>, or null.</param>
/// <param name="recurrentBias"><c>(count * u,)</c>, or null.</param>
/// <param name="count">The number of gates.</param>
internal sealed class Gates(
    NumericArray kernel,
    NumericArray recurrentKernel,
    NumericArray? bias,
    NumericArray? recurrentBias,
    int count)
{
    private readonly NumericArray[]? biases = Cut(bias, count);
    private readonly NumericArray[]? recurrentBiases = Cut(recurrentBias, count);

    /// <summary>What the input adds to a gate, <c>(b, u)</c>.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="x"><c>(b, x)</c>.</param>
    public NumericArray Input(int gate, NumericArray x) => Sum(x, kernel, gate, biases);

    /// <summary>What the state adds to a gate, <c>(b, u)</c>.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="h"><c>(b, u)</c>.</param>
    public NumericArray Recurrent(int gate, NumericArray h) =>
        Sum(h, recurrentKernel, gate, recurrentBiases);

    private static NumericArray[]? Cut(NumericArray? weight, int count) => weight is null ? null
        : [.. Enumerable.Range(0, count).Select(gate => weight.Columns(gate * (weight.Width / count), weight.Width / count))];

    private NumericArray Sum(NumericArray values, NumericArray weight, int gate, NumericArray[]? added)
    {
        var width = weight.Width / count;
        var product = values.Dot(weight, gate * width, width);
        return added is null ? product : product + added[gate];
    }
}
