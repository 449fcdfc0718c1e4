using NumSharp;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>One step of BasicRNNCell (tensorflow v1.15.5 python/ops/rnn_cell_impl.py:446-471): <c>h' = act([x;h] @ kernel + bias)</c>.</summary>
/// <param name="kernel"><c>(x+u, u)</c>.</param>
/// <param name="bias"><c>(u,)</c>.</param>
/// <param name="activation">The activation.</param>
public sealed class BasicRnnCell(NDArray kernel, NDArray bias, string activation)
{
    /// <summary>One step.</summary>
    /// <param name="x"><c>(b, x)</c>.</param>
    /// <param name="h"><c>(b, u)</c>.</param>
    /// <returns>h' <c>(b, u)</c>.</returns>
    public NDArray Step(NDArray x, NDArray h) => Activation.Find(activation)(np.dot(np.concatenate([x, h], 1), kernel) + bias); // (b, u)
}
