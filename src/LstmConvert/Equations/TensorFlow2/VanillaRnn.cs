using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow2;

/// <summary>VanillaRNN of Sonnet 2: <c>h' = act(x @ w_i + h @ w_h + b)</c> (sonnet v2 src/recurrent.py, VanillaRNN.__call__). States:
/// h.</summary>
/// <param name="input"><c>(x, u)</c>.</param>
/// <param name="hidden"><c>(u, u)</c>.</param>
/// <param name="bias"><c>(u,)</c>.</param>
/// <param name="activation">The activation.</param>
internal sealed class VanillaRnn(NumericArray input, NumericArray hidden, NumericArray bias, Activation activation) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => hidden.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var next = activation.TensorFlow(x.Dot(input) + states[0].Dot(hidden) + bias); // (b, u)
        return new StepResult(next, [next]);
    }
}
