using LstmConvert.Equations.TensorFlow1;
using NumSharp;

namespace LstmConvert.Equations.TensorFlow2;

/// <summary>
/// One step of Keras' GRU as TensorFlow 2 runs it (keras 2.15 src/layers/rnn/gru.py GRUCell.call), gates z r h.
/// <code>
/// z = sigmoid(x W_z + b_z + h U_z + d_z), r alike
/// reset_after:  g = act(x W_h + b_h + r * (h U_h + d_h))
/// before:       g = act(x W_h + b_h + (r * h) U_h)
/// h' = z*h + (1-z)*g
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, 3u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, 3u)</c>.</param>
/// <param name="bias"><c>(3u,)</c>, or <c>(2, 3u)</c> with reset_after: b, then d.</param>
/// <param name="activation">The activation of the candidate.</param>
public sealed class Gru(NDArray kernel, NDArray recurrentKernel, NDArray bias, string activation)
{
    /// <summary>One step.</summary>
    /// <param name="x"><c>(b, x)</c>.</param>
    /// <param name="h"><c>(b, u)</c>.</param>
    /// <returns>h' <c>(b, u)</c>.</returns>
    public NDArray Step(NDArray x, NDArray h)
    {
        var units = recurrentKernel.shape[0];
        var isResetAfter = bias.ndim == 2;
        string Columns(int place) => $":, {place * units}:{(place + 1) * units}";
        NDArray Bias(int row, int place) => (isResetAfter ? bias[$"{row}:{row + 1}, {place * units}:{(place + 1) * units}"] : bias[$"{place * units}:{(place + 1) * units}"]).copy().reshape(units);
        NDArray Input(int place) => np.dot(x, kernel[Columns(place)].copy()) + Bias(0, place); // (b, u)
        NDArray Recurrent(int place, NDArray state) => isResetAfter ? np.dot(state, recurrentKernel[Columns(place)].copy()) + Bias(1, place) : np.dot(state, recurrentKernel[Columns(place)].copy());

        var z = Activation.Sigmoid(Input(0) + Recurrent(0, h));
        var r = Activation.Sigmoid(Input(1) + Recurrent(1, h));
        var g = Activation.Find(activation)(Input(2) + (isResetAfter ? r * Recurrent(2, h) : Recurrent(2, r * h)));
        return (z * h) + ((Activation.Scalar(z, 1) - z) * g);
    }
}
