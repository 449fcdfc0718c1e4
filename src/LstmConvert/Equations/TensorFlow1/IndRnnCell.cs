using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// IndRNNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3083-3178; Li et al. 2018): every unit sees only itself. States: h.
/// <code>
/// h' = act(x @ W + u*h + b)
/// </code>
/// </summary>
/// <param name="input"><c>(x, u)</c>.</param>
/// <param name="recurrent"><c>(1, u)</c>.</param>
/// <param name="bias"><c>(u,)</c>.</param>
/// <param name="activation">The activation.</param>
internal sealed class IndRnnCell(NumericArray input, NumericArray recurrent, NumericArray bias, Activation activation) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => input.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var next = activation.TensorFlow(x.Dot(input) + (recurrent * states[0]) + bias); // (b, u)
        return new StepResult(next, [next]);
    }
}
