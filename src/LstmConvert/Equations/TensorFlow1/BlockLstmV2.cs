using NumSharp;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// One step of the operation BlockLSTMV2 (tensorflow v1.15.5 core/kernels/rnn/lstm_ops.cc), gates i f j o.
/// <code>
/// [i|f|j|o] = [x;h] @ kernel + bias
/// c' = sigmoid(f) * c + sigmoid(i) * tanh(j)
/// h' = sigmoid(o) * tanh(c')
/// </code>
/// </summary>
/// <param name="kernel"><c>(x+u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
public sealed class BlockLstmV2(NDArray kernel, NDArray bias)
{
    /// <summary>Added to the forget gate at run time; the operation itself adds nothing.</summary>
    public double ForgetBias { get; init; }

    /// <summary>One step.</summary>
    /// <param name="x"><c>(b, x)</c>.</param>
    /// <param name="c"><c>(b, u)</c>.</param>
    /// <param name="h"><c>(b, u)</c>.</param>
    /// <returns>c' and h', <c>(b, u)</c> each.</returns>
    public (NDArray C, NDArray H) Step(NDArray x, NDArray c, NDArray h)
    {
        var u = kernel.shape[1] / 4;
        var z = np.dot(np.concatenate([x, h], 1), kernel) + bias; // (b, 4u)
        var i = Activation.Sigmoid(z[$":, 0:{u}"]);
        var f = z[$":, {u}:{2 * u}"];
        var j = np.tanh(z[$":, {2 * u}:{3 * u}"]);
        var o = Activation.Sigmoid(z[$":, {3 * u}:{4 * u}"]);
        var next = (Activation.Sigmoid(f + Activation.Scalar(f, ForgetBias)) * c) + (i * j); // (b, u)
        return (next, o * np.tanh(next));
    }
}
