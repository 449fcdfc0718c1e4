using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// Our CFNCell (KerasLayers/Python/CFNCell.py). State: h.
/// <code>
/// [t|e] = sigmoid((x @ kernel)[t, e] + h @ recurrent_kernel + bias)      h' = t * act(h) + (1 - e) * act((x @ kernel)[c])
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, 3u)</c>, columns t e c.</param>
/// <param name="recurrentKernel"><c>(u, 2u)</c>.</param>
/// <param name="bias"><c>(2u,)</c>.</param>
/// <param name="activation">act.</param>
internal sealed class Cfn(NumericArray kernel, NumericArray recurrentKernel, NumericArray bias, Activation activation) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => recurrentKernel.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, u, act) = (states[0], OutputWidth, activation.Keras);
        var (input, recurrent) = (x.Dot(kernel), h.Dot(recurrentKernel) + bias); // (b, 3u), (b, 2u)
        var t = (input.Columns(0, u) + recurrent.Columns(0, u)).Sigmoid(); // (b, u)
        var e = (input.Columns(u, u) + recurrent.Columns(u, u)).Sigmoid();
        h = (t * act(h)) + ((1 - e) * act(input.Columns(2 * u, u)));
        return new StepResult(h, [h]);
    }
}
