using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// GLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:2248-2465), gates i j f o: each group sees its own slice of input and
/// state.
/// States: c, m.
/// <code>
/// [i_k|j_k|f_k|o_k] = [x_k;m_k] @ W_k        i = [i_0 … i_G] + b_i, and so on
/// c' = sigmoid(f + forget_bias)*c + sigmoid(i)*tanh(j)        m' = sigmoid(o)*act(c'),  @ projection
/// </code>
/// </summary>
/// <param name="kernels">W, <c>(x/G + p/G, 4u/G)</c> each, p = u without projection.</param>
/// <param name="biases"><c>(u,)</c> each, of i j f o.</param>
/// <param name="forgetBias">Added to the forget gate at run time.</param>
/// <param name="activation">Of the output.</param>
internal sealed class GlstmCell(
    IReadOnlyList<NumericArray> kernels,
    IReadOnlyList<NumericArray> biases,
    double forgetBias,
    Activation activation) : IStepEquations
{
    /// <summary><c>(u, p)</c>, or null.</summary>
    public NumericArray? Projection { get; init; }

    /// <inheritdoc />
    public int OutputWidth => Projection?.Width ?? biases[0].Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, m, groups) = (states[0], states[1], kernels.Count);
        var (n, p, v) = (x.Width / groups, m.Width / groups, biases[0].Count / groups);
        var parts = kernels.Select((kernel, k) => NumericArray.Concatenate(x.Columns(k * n, n), m.Columns(k * p, p)).Dot(kernel)).ToArray(); // (b, 4v) each
        NumericArray Gate(int gate) => NumericArray.Concatenate([.. parts.Select(part => part.Columns(gate * v, v))]) + biases[gate]; // (b, u)
        var next = ((Gate(2) + forgetBias).Sigmoid() * c) + (Gate(0).Sigmoid() * Gate(1).Tanh());
        var output = Gate(3).Sigmoid() * activation.TensorFlow(next);
        output = Projection is null ? output : output.Dot(Projection); // (b, p)
        return new StepResult(output, [next, output]);
    }
}
