using LstmConvert.Arrays;
using LstmConvert.Equations.TensorFlow1;

namespace LstmConvert.Equations.Sonnet1;

/// <summary>
/// Conv1DLSTM to Conv3DLSTM of Sonnet 1 (deepmind/sonnet v1.36 sonnet/python/modules/gated_rnn.py:1011-1046), channels i j f o. States: h,
/// c, <c>(b, …, u)</c> each.
/// <code>
/// [i|j|f|o] = convolution(x, kernel) + bias + convolution(h, recurrent) + bias      steps of one, padded with zeros to the same size
/// c' = sigmoid(f + forget_bias)*c + sigmoid(i)*tanh(j)      h' = tanh(c') * sigmoid(o)
/// </code>
/// </summary>
/// <param name="kernel"><c>(k, …, x, 4u)</c>.</param>
/// <param name="recurrent"><c>(k, …, u, 4u)</c>.</param>
/// <param name="forgetBias">Added to the forget gate at run time.</param>
internal sealed class ConvLstm(NumericArray kernel, NumericArray recurrent, double forgetBias) : IStepEquations
{
    /// <summary>None, one or two of <c>(4u,)</c>, all added.</summary>
    public IReadOnlyList<NumericArray> Biases { get; init; } = [];

    /// <inheritdoc />
    public int OutputWidth => kernel.Width / 4;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c, u) = (states[0], states[1], OutputWidth);
        var z = ConvLstmCell.Convolution(x, kernel) + ConvLstmCell.Convolution(h, recurrent); // (b, …, 4u)
        z = Biases.Aggregate(z, (sum, bias) => sum + bias);
        c = ((z.Columns(2 * u, u) + forgetBias).Sigmoid() * c) + (z.Columns(0, u).Sigmoid() * z.Columns(u, u).Tanh());
        h = c.Tanh() * z.Columns(3 * u, u).Sigmoid(); // (b, …, u)
        return new StepResult(h, [h, c]);
    }
}
