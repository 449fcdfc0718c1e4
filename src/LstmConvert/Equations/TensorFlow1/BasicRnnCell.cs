using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// BasicRNNCell (tensorflow v1.15.5 python/ops/rnn_cell_impl.py:446-471): <c>h' = act([x;h] @ kernel + bias)</c>. States: h.
/// </summary>
/// <param name="kernel"><c>(x+u, u)</c>.</param>
/// <param name="bias"><c>(u,)</c>.</param>
/// <param name="activation">The activation.</param>
internal sealed class BasicRnnCell(NumericArray kernel, NumericArray bias, Activation activation) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => kernel.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var h = activation.TensorFlow(NumericArray.Concatenate(x, states[0]).Dot(kernel) + bias); // (b, u)
        return new StepResult(h, [h]);
    }
}
