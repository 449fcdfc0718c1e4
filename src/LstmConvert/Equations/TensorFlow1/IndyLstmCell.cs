using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// IndyLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3292-3414; Gonnet and Deselaers 2019), gates i j f o: a
/// BasicLSTMCell in which
/// every unit sees only its own past output. States: c, h.
/// <code>
/// [i|j|f|o] = x @ W + [u_i*h|u_j*h|u_f*h|u_o*h] + b
/// c' = sigmoid(f + forget_bias)*c + sigmoid(i)*act(j)        h' = sigmoid(o)*act(c')
/// </code>
/// </summary>
/// <param name="input"><c>(x, 4u)</c>.</param>
/// <param name="recurrent"><c>(1, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="forgetBias">Added to the forget gate at run time.</param>
/// <param name="activation">Of candidate and output.</param>
internal sealed class IndyLstmCell(NumericArray input, NumericArray recurrent, NumericArray bias, double forgetBias, Activation activation)
    : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => input.Width / 4;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h, u) = (states[0], states[1], OutputWidth);
        var z = x.Dot(input) + (recurrent * NumericArray.Concatenate(h, h, h, h)) + bias; // (b, 4u)
        var (i, j, f, o) = (z.Columns(0, u), z.Columns(u, u), z.Columns(2 * u, u), z.Columns(3 * u, u)); // (b, u)
        var next = ((f + forgetBias).Sigmoid() * c) + (i.Sigmoid() * activation.TensorFlow(j));
        var output = o.Sigmoid() * activation.TensorFlow(next);
        return new StepResult(output, [next, output]);
    }
}
