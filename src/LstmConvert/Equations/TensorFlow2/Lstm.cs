using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow2;

/// <summary>
/// LSTM as TensorFlow 2's Keras computes it (keras 2.15 src/layers/rnn/lstm.py LSTMCell.call, implementation 2: all gates at once), blocks
/// i f g o. States: h, c.
/// <code>
/// [i|f|g|o] = x @ kernel + h @ recurrent_kernel + bias
/// c' = gate(f)*c + gate(i)*act(g);  h' = gate(o)*act(c')
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
    /// <summary>Added to the forget gate at run time; the layers of TensorFlow 2 add nothing.</summary>
    public double ForgetBias { get; init; }

    /// <inheritdoc />
    public int OutputWidth => kernel.Width / 4;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c, u) = (states[0], states[1], kernel.Width / 4);
        var (act, gate) = (activation.TensorFlow, recurrentActivation.TensorFlow);
        var z = x.Dot(kernel) + h.Dot(recurrentKernel); // (b, 4u)
        z = bias is null ? z : z + bias;
        var f = gate(z.Columns(u, u) + ForgetBias); // (b, u)
        var next = (f * c) + (gate(z.Columns(0, u)) * act(z.Columns(2 * u, u)));
        var output = gate(z.Columns(3 * u, u)) * act(next);
        return new StepResult(output, [output, next]);
    }
}
