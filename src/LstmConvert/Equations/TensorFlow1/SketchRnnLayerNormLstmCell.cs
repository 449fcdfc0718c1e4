using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// LayerNormLSTMCell of sketch-rnn (magenta/magenta 2.1.4 models/sketch_rnn/rnn.py:265-304), gates i j f o. States: h, c.
/// <code>
/// [i|j|f|o] = x @ W_xh + h @ W_hh, each normalised
/// c' = sigmoid(f + forget_bias) * c + sigmoid(i) * tanh(j)      h' = sigmoid(o) * tanh(norm(c'))
/// </code>
/// </summary>
/// <param name="inputKernel"><c>(x, 4u)</c>.</param>
/// <param name="stateKernel"><c>(u, 4u)</c>.</param>
/// <param name="gates">The normalisation of the gates, gamma and beta <c>(4u,)</c>.</param>
/// <param name="state">That of the cell state.</param>
/// <param name="forgetBias">Added to the normalised forget gate.</param>
internal sealed class SketchRnnLayerNormLstmCell(
    NumericArray inputKernel,
    NumericArray stateKernel,
    LayerNorm gates,
    LayerNorm state,
    double forgetBias) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => inputKernel.Width / 4;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c, u) = (states[0], states[1], OutputWidth);
        var z = x.Dot(inputKernel) + h.Dot(stateKernel); // (b, 4u)
        NumericArray Gate(int k) =>
            new LayerNorm(gates.Gamma.Columns(k * u, u), gates.Beta.Columns(k * u, u), gates.Epsilon).Of(z.Columns(k * u, u)); // (b, u)
        var next = ((Gate(2) + forgetBias).Sigmoid() * c) + (Gate(0).Sigmoid() * Gate(1).Tanh());
        var output = Gate(3).Sigmoid() * state.Of(next).Tanh();
        return new StepResult(output, [output, next]);
    }
}
