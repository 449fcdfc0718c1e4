using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// SRUCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:2738-2816; Lei et al. 2018). States: c.
/// <code>
/// [a|f|r|t] = x @ W        f = sigmoid(f + b_f)   r = sigmoid(r + b_r)        c' = f*c + (1-f)*a        h = r*act(c') + (1-r)*t
/// </code>
/// </summary>
/// <param name="kernel">W, <c>(x, 4u)</c>.</param>
/// <param name="bias"><c>(2u,)</c>.</param>
/// <param name="activation">Of the state.</param>
internal sealed class SruCell(NumericArray kernel, NumericArray bias, Activation activation) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => kernel.Width / 4;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (z, u) = (x.Dot(kernel), OutputWidth); // (b, 4u)
        var f = (z.Columns(u, u) + bias.Columns(0, u)).Sigmoid(); // (b, u)
        var r = (z.Columns(2 * u, u) + bias.Columns(u, u)).Sigmoid();
        var next = (f * states[0]) + ((1 - f) * z.Columns(0, u));
        return new StepResult((r * activation.TensorFlow(next)) + ((1 - r) * z.Columns(3 * u, u)), [next]);
    }
}
