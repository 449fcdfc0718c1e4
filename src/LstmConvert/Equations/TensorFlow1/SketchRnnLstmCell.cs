using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// LSTMCell of sketch-rnn (magenta/magenta 2.1.4 models/sketch_rnn/rnn.py:83-116). States: c, h.
/// <code>
/// i, j, f, o = split(x @ W_xh + h @ W_hh + bias)        c' = c*sigmoid(f + forget_bias) + sigmoid(i)*tanh(j)        h' = tanh(c')*sigmoid(o)
/// </code>
/// </summary>
/// <param name="inputKernel">W_xh, <c>(x, 4u)</c>.</param>
/// <param name="stateKernel">W_hh, <c>(u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="forgetBias">Added to the forget gate.</param>
internal sealed class SketchRnnLstmCell(NumericArray inputKernel, NumericArray stateKernel, NumericArray bias, double forgetBias)
    : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => inputKernel.Width / 4;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h, u) = (states[0], states[1], OutputWidth);
        var z = x.Dot(inputKernel) + h.Dot(stateKernel) + bias; // (b, 4u)
        var next = (c * (z.Columns(2 * u, u) + forgetBias).Sigmoid()) + (z.Columns(0, u).Sigmoid() * z.Columns(u, u).Tanh());
        var output = next.Tanh() * z.Columns(3 * u, u).Sigmoid();
        return new StepResult(output, [next, output]);
    }
}
