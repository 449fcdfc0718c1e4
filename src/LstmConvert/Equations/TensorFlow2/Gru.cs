using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow2;

/// <summary>
/// GRU as TensorFlow 2's Keras computes it (keras 2.15 src/layers/rnn/gru.py GRUCell.call, implementation 2: all gates at once), blocks z r
/// h; z keeps the old state. States: h.
/// <code>
/// [xz|xr|xh] = x @ kernel + bias[0]
/// reset after:   [hz|hr|hh] = h @ recurrent_kernel + bias[1];  g = act(xh + r*hh)
/// reset before:  [hz|hr] = h @ recurrent_kernel[zr];           g = act(xh + (r*h) @ recurrent_kernel[h])
/// z = gate(xz + hz);  r = gate(xr + hr);  h' = z*h + (1-z)*g
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, 3u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, 3u)</c>.</param>
/// <param name="bias"><c>(3u,)</c>, with <paramref name="resetAfter"/> <c>(2, 3u)</c>, or null with <c>use_bias=False</c>.</param>
/// <param name="resetAfter">True multiplies before it resets.</param>
/// <param name="activation">Of the candidate.</param>
/// <param name="recurrentActivation">Of the gates.</param>
internal sealed class Gru(
    NumericArray kernel,
    NumericArray recurrentKernel,
    NumericArray? bias,
    bool resetAfter,
    Activation activation,
    Activation recurrentActivation) : IStepEquations
{
    private readonly int units = recurrentKernel.RowCount;
    private readonly NumericArray recurrentGates = resetAfter ? recurrentKernel : recurrentKernel.Columns(0, 2 * recurrentKernel.RowCount);
    private readonly NumericArray recurrentCandidate = recurrentKernel.Columns(2 * recurrentKernel.RowCount, recurrentKernel.RowCount);
    private readonly NumericArray? inputBias = resetAfter ? bias?.Rows(0, 1) : bias;
    private readonly NumericArray? recurrentBias = resetAfter ? bias?.Rows(1, 1) : null;

    /// <inheritdoc />
    public int OutputWidth => units;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var h = states[0];
        var input = x.Dot(kernel); // (b, 3u)
        input = inputBias is null ? input : input + inputBias;
        var inner = h.Dot(recurrentGates); // (b, 3u) or (b, 2u)
        inner = recurrentBias is null ? inner : inner + recurrentBias;
        var z = recurrentActivation.TensorFlow(input.Columns(0, units) + inner.Columns(0, units)); // (b, u)
        var r = recurrentActivation.TensorFlow(input.Columns(units, units) + inner.Columns(units, units));
        var recurrent = resetAfter ? r * inner.Columns(2 * units, units) : (r * h).Dot(recurrentCandidate);
        var g = activation.TensorFlow(input.Columns(2 * units, units) + recurrent);
        var next = (z * h) + ((1 - z) * g);
        return new StepResult(next, [next]);
    }
}
