using NumSharp;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// One step of GRUCell (tensorflow v1.15.5 python/ops/rnn_cell_impl.py:583-597), gates r u.
/// <code>
/// [r|u] = sigmoid([x;h] @ gates + bias_g);  c = act([x; r*h] @ candidate + bias_c);  h' = u*h + (1-u)*c
/// </code>
/// </summary>
/// <param name="gates"><c>(x+u, 2u)</c>.</param>
/// <param name="gatesBias"><c>(2u,)</c>.</param>
/// <param name="candidate"><c>(x+u, u)</c>.</param>
/// <param name="candidateBias"><c>(u,)</c>.</param>
/// <param name="activation">The activation of the candidate.</param>
public sealed class GruCell(NDArray gates, NDArray gatesBias, NDArray candidate, NDArray candidateBias, string activation)
{
    /// <summary>One step.</summary>
    /// <param name="x"><c>(b, x)</c>.</param>
    /// <param name="h"><c>(b, u)</c>.</param>
    /// <returns>h' <c>(b, u)</c>.</returns>
    public NDArray Step(NDArray x, NDArray h)
    {
        var units = candidate.shape[1];
        var g = Activation.Sigmoid(np.dot(np.concatenate([x, h], 1), gates) + gatesBias); // (b, 2u)
        var r = g[$":, 0:{units}"];
        var u = g[$":, {units}:{2 * units}"];
        var c = Activation.Find(activation)(np.dot(np.concatenate([x, r * h], 1), candidate) + candidateBias); // (b, u)
        return (u * h) + ((Activation.Scalar(u, 1) - u) * c);
    }
}
