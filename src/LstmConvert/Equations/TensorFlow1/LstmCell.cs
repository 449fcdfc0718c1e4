using NumSharp;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// One step of BasicLSTMCell and LSTMCell (tensorflow v1.15.5 python/ops/rnn_cell_impl.py:725-1063), gates i j f o.
/// <code>
/// [i|j|f|o] = [x;m] @ kernel + bias
/// c' = sigmoid(f + forget_bias + w_f*c) * c + sigmoid(i + w_i*c) * act(j)        clipped to ±cell_clip
/// m' = sigmoid(o + w_o*c') * act(c'),  @ projection                              clipped to ±proj_clip
/// </code>
/// </summary>
/// <param name="kernel"><c>(x+p, 4u)</c>, p = u without projection.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
public sealed class LstmCell(NDArray kernel, NDArray bias)
{
    /// <summary>Added to the forget gate at run time.</summary>
    public double ForgetBias { get; init; } = 1;

    /// <summary>The activation of candidate and output.</summary>
    public string ActivationName { get; init; } = "tanh";

    /// <summary><c>(u,)</c>, input, forget and output; null without peepholes.</summary>
    public (NDArray Input, NDArray Forget, NDArray Output)? Peepholes { get; init; }

    /// <summary><c>(u, p)</c>, or null.</summary>
    public NDArray? Projection { get; init; }

    /// <summary>The limit of the cell state, or null.</summary>
    public double? CellClip { get; init; }

    /// <summary>The limit of the projected output, or null.</summary>
    public double? ProjectionClip { get; init; }

    /// <summary>One step.</summary>
    /// <param name="x"><c>(b, x)</c>.</param>
    /// <param name="c"><c>(b, u)</c>.</param>
    /// <param name="m"><c>(b, p)</c>.</param>
    /// <returns>c' <c>(b, u)</c> and m' <c>(b, p)</c>, which is also the output.</returns>
    public (NDArray C, NDArray M) Step(NDArray x, NDArray c, NDArray m)
    {
        var act = Activation.Find(ActivationName);
        var u = kernel.shape[1] / 4;
        var z = np.dot(np.concatenate([x, m], 1), kernel) + bias; // (b, 4u)
        var i = z[$":, 0:{u}"];
        var j = z[$":, {u}:{2 * u}"];
        var f = z[$":, {2 * u}:{3 * u}"];
        var o = z[$":, {3 * u}:{4 * u}"];

        f = f + Activation.Scalar(f, ForgetBias);
        if (Peepholes is { } old)
        {
            i = i + (old.Input * c);
            f = f + (old.Forget * c);
        }

        var next = (Activation.Sigmoid(f) * c) + (Activation.Sigmoid(i) * act(j)); // (b, u)
        next = Clip(next, CellClip);
        if (Peepholes is { } fresh)
        {
            o = o + (fresh.Output * next);
        }

        var output = Activation.Sigmoid(o) * act(next);
        return Projection is null ? (next, output) : (next, Clip(np.dot(output, Projection), ProjectionClip)); // (b, p)
    }

    private static NDArray Clip(NDArray v, double? limit) =>
        limit is { } l ? np.maximum(np.minimum(v, (v * Activation.Scalar(v, 0)) + Activation.Scalar(v, l)), (v * Activation.Scalar(v, 0)) - Activation.Scalar(v, l)) : v;
}
