using LstmConvert.Arrays;

namespace LstmConvert.Equations.Haiku;

/// <summary>VanillaRNN of Haiku (deepmind/dm-haiku haiku/_src/recurrent.py): <c>h' = relu(x @ w + b + h @ w_1 + b_1)</c>. States:
/// h.</summary>
/// <param name="input">w and b: <c>(x, u)</c>, <c>(u,)</c>.</param>
/// <param name="state">w_1 and b_1: <c>(u, u)</c>, <c>(u,)</c>.</param>
internal sealed class VanillaRnn((NumericArray Kernel, NumericArray Bias) input, (NumericArray Kernel, NumericArray Bias) state)
    : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => state.Bias.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var next = (x.Dot(input.Kernel) + input.Bias + states[0].Dot(state.Kernel) + state.Bias).Max(0);
        return new StepResult(next, [next]);
    }
}
