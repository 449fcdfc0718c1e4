using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// Keras's LSTM (keras 2.2.4 keras/layers/recurrent.py:1756, 3.15.1 src/layers/rnn/lstm.py), blocks i f c o, one gate at a time as
/// implementation 1 does it. The forget bias is in the stored bias. States: h, c.
/// <code>
/// i = gate(x @ W_i + b_i + h @ R_i), f and o alike;  c' = f*c + i*act(x @ W_c + b_c + h @ R_c);  h' = o*act(c')
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, 4u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>, or null with <c>use_bias=False</c>.</param>
/// <param name="activation">Of candidate and output.</param>
/// <param name="recurrentActivation">Of the gates.</param>
internal sealed class Lstm(
    NumericArray kernel,
    NumericArray recurrentKernel,
    NumericArray? bias,
    Activation activation,
    Activation recurrentActivation) : IStepEquations
{
    private readonly Gates gates = new(kernel, recurrentKernel, bias, null, 4);

    /// <inheritdoc />
    public int OutputWidth => recurrentKernel.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c) = (states[0], states[1]);
        var i = recurrentActivation.Keras(gates.Input(0, x) + gates.Recurrent(0, h)); // (b, u)
        var f = recurrentActivation.Keras(gates.Input(1, x) + gates.Recurrent(1, h));
        var carry = (f * c) + (i * activation.Keras(gates.Input(2, x) + gates.Recurrent(2, h)));
        var o = recurrentActivation.Keras(gates.Input(3, x) + gates.Recurrent(3, h));
        var output = o * activation.Keras(carry);
        return new StepResult(output, [output, carry]);
    }
}
