using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// MinimalRNNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3765-3877; Chen 2017). States: h.
/// <code>
/// z = act(x @ W_x)        k = sigmoid([z;h] @ W + b)        h' = k*h + (1-k)*z
/// </code>
/// </summary>
/// <param name="kernel">W_x above W, <c>(x+2u, u)</c>.</param>
/// <param name="bias"><c>(u,)</c>.</param>
/// <param name="activation">Of z.</param>
internal sealed class MinimalRnnCell(NumericArray kernel, NumericArray bias, Activation activation) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => kernel.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, u) = (states[0], kernel.Width);
        var z = activation.TensorFlow(x.Dot(kernel.Rows(0, x.Width))); // (b, u)
        var k = (NumericArray.Concatenate(z, h).Dot(kernel.Rows(x.Width, 2 * u)) + bias).Sigmoid();
        var next = (k * h) + ((1 - k) * z);
        return new StepResult(next, [next]);
    }
}
