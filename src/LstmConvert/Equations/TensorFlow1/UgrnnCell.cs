using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// UGRNNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1622-1713; Collins et al. 2016), columns g c. States: h.
/// <code>
/// [g|c] = [x;h] @ kernel + bias;  k = sigmoid(g + forget_bias);  h' = k*h + (1-k)*act(c)
/// </code>
/// </summary>
/// <param name="kernel"><c>(x+u, 2u)</c>.</param>
/// <param name="bias"><c>(2u,)</c>.</param>
/// <param name="forgetBias">Added to the gate at run time.</param>
/// <param name="activation">The activation of the candidate.</param>
internal sealed class UgrnnCell(NumericArray kernel, NumericArray bias, double forgetBias, Activation activation) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => kernel.Width / 2;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, u) = (states[0], kernel.Width / 2);
        var z = NumericArray.Concatenate(x, h).Dot(kernel) + bias; // (b, 2u)
        var k = (z.Columns(0, u) + forgetBias).Sigmoid(); // (b, u)
        var next = (k * h) + ((1 - k) * activation.TensorFlow(z.Columns(u, u)));
        return new StepResult(next, [next]);
    }
}
