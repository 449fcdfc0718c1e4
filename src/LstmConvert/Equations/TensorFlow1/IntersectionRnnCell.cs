using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// IntersectionRNNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1716-1843; Collins et al. 2016). State: h, which is not the
/// output.
/// <code>
/// x = x @ in_projection/kernel + in_projection/bias, where the input is not as wide as the cell      [gh|h|gy|y] = [x;h] @ kernel + bias
/// h' = sigmoid(gh + forget_bias) * h + (1 - …) * tanh(h)      output = sigmoid(gy + forget_bias) * x + (1 - …) * act(y)
/// </code>
/// </summary>
/// <param name="kernel"><c>(2u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="forgetBias">Added to both gates.</param>
/// <param name="activation">act.</param>
internal sealed class IntersectionRnnCell(NumericArray kernel, NumericArray bias, double forgetBias, Activation activation) : IStepEquations
{
    /// <summary><c>(x, u)</c> and <c>(u,)</c>, or null.</summary>
    public (NumericArray Kernel, NumericArray Bias)? Projection { get; init; }

    /// <inheritdoc />
    public int OutputWidth => kernel.Width / 4;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, u) = (states[0], OutputWidth);
        var input = Projection is { } projection ? x.Dot(projection.Kernel) + projection.Bias : x; // (b, u)
        var z = NumericArray.Concatenate(input, h).Dot(kernel) + bias; // (b, 4u)
        var (time, depth) = ((z.Columns(0, u) + forgetBias).Sigmoid(), (z.Columns(2 * u, u) + forgetBias).Sigmoid()); // (b, u)
        var next = (time * h) + ((1 - time) * z.Columns(u, u).Tanh());
        return new StepResult((depth * input) + ((1 - depth) * activation.TensorFlow(z.Columns(3 * u, u))), [next]);
    }
}
