using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// Keras's GRU (keras 2.2.4 keras/layers/recurrent.py:1163, 3.15.1 src/layers/rnn/gru.py), blocks z r h, one gate at a time as
/// implementation 1 does it; z keeps the old state. States: h.
/// <code>
/// z = gate(x @ W_z + b_z + h @ R_z + d_z), r alike
/// reset after:   hh = act(x @ W_h + b_h + r * (h @ R_h + d_h))
/// reset before:  hh = act(x @ W_h + b_h + (r*h) @ R_h)                d is not there
/// h' = z*h + (1-z)*hh
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, 3u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, 3u)</c>.</param>
/// <param name="bias"><c>(3u,)</c>, with <paramref name="resetAfter"/> <c>(2, 3u)</c>: b, then d; null with <c>use_bias=False</c>.</param>
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
    private readonly Gates gates = new(
        kernel, recurrentKernel, resetAfter ? bias?.Rows(0, 1) : bias, resetAfter ? bias?.Rows(1, 1) : null, 3);

    /// <inheritdoc />
    public int OutputWidth => recurrentKernel.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var h = states[0];
        var z = recurrentActivation.Keras(gates.Input(0, x) + gates.Recurrent(0, h)); // (b, u)
        var r = recurrentActivation.Keras(gates.Input(1, x) + gates.Recurrent(1, h));
        var recurrent = resetAfter ? r * gates.Recurrent(2, h) : gates.Recurrent(2, r * h);
        var candidate = activation.Keras(gates.Input(2, x) + recurrent);
        var next = (z * h) + ((1 - z) * candidate);
        return new StepResult(next, [next]);
    }
}
