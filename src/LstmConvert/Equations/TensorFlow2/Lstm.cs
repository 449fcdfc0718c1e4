using LstmConvert.Equations.TensorFlow1;
using NumSharp;

namespace LstmConvert.Equations.TensorFlow2;

/// <summary>
/// One step of the LSTM with two kernels of TensorFlow 2 (keras 2.15 src/layers/rnn/lstm.py LSTMCell.call, sonnet v2 recurrent.py LSTM.__call__), gates i f g o.
/// <code>
/// i = sigmoid(x W_i + h U_i + b_i), f, o alike;  g = act(x W_g + h U_g + b_g)
/// c' = f*c + i*g;  m = o * act(c'),  @ projection
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, 4u)</c>.</param>
/// <param name="recurrentKernel"><c>(h, 4u)</c>, h = u, or p with a projection.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="activation">The activation of candidate and output.</param>
public sealed class Lstm(NDArray kernel, NDArray recurrentKernel, NDArray bias, string activation)
{
    /// <summary>Added to the forget gate at run time; the layers of TensorFlow 2 add nothing.</summary>
    public double ForgetBias { get; init; }

    /// <summary><c>(u, p)</c>, or null.</summary>
    public NDArray? Projection { get; init; }

    /// <summary>One step.</summary>
    /// <param name="x"><c>(b, x)</c>.</param>
    /// <param name="c"><c>(b, u)</c>.</param>
    /// <param name="h"><c>(b, u)</c> or <c>(b, p)</c>.</param>
    /// <returns>c' and h'.</returns>
    public (NDArray C, NDArray H) Step(NDArray x, NDArray c, NDArray h)
    {
        var act = Activation.Find(activation);
        var units = bias.shape[0] / 4;
        NDArray Gate(int place)
        {
            var columns = $":, {place * units}:{(place + 1) * units}";
            return np.dot(x, kernel[columns].copy()) + np.dot(h, recurrentKernel[columns].copy()) + bias[$"{place * units}:{(place + 1) * units}"]; // (b, u)
        }

        var f = Gate(1);
        var next = (Activation.Sigmoid(f + Activation.Scalar(f, ForgetBias)) * c) + (Activation.Sigmoid(Gate(0)) * act(Gate(2)));
        var output = Activation.Sigmoid(Gate(3)) * act(next);
        return (next, Projection is null ? output : np.dot(output, Projection));
    }
}
