using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// HighwayWrapper (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1296-1339; Srivastava et al. 2015). States: those of the cell
/// inside, which do not see the mixture.
/// <code>
/// carry = sigmoid(x @ carry_w + carry_b)   transform = sigmoid(x @ transform_w + transform_b), or 1 - carry
/// output = x*carry + cell(x)*transform
/// </code>
/// </summary>
/// <param name="inside">The cell, as wide as x.</param>
/// <param name="carry">carry_w, <c>(u, u)</c>.</param>
/// <param name="carryBias">carry_b, <c>(u,)</c>.</param>
internal sealed class HighwayWrapper(IStepEquations inside, NumericArray carry, NumericArray carryBias) : IStepEquations
{
    /// <summary>transform_w <c>(u, u)</c> and transform_b <c>(u,)</c>, or null.</summary>
    public (NumericArray Kernel, NumericArray Bias)? Transform { get; init; }

    /// <inheritdoc />
    public int OutputWidth => inside.OutputWidth;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (output, next) = inside.Step(x, states);
        var kept = (x.Dot(carry) + carryBias).Sigmoid(); // (b, u)
        var made = Transform is { } gate ? (x.Dot(gate.Kernel) + gate.Bias).Sigmoid() : 1 - kept;
        return new StepResult((x * kept) + (output * made), next);
    }
}
