using NumSharp;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>Activations by TensorFlow's name (tensorflow v1.15.5 python/ops/nn_ops.py, core/kernels/softplus_op.h …).</summary>
public static class Activation
{
    /// <summary>scale_alpha / scale and scale of core/kernels/relu_op_functor.h.</summary>
    private const double SeluAlpha = 1.6732632423543772848170429916717;
    private const double SeluScale = 1.0507009873554804934193349852946;

    /// <summary>Every name that is known.</summary>
    public static IReadOnlyList<string> Names { get; } = ["tanh", "relu", "sigmoid", "linear", "identity", "softsign", "softplus", "elu", "relu6", "selu"];

    /// <summary>The function of this name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static Func<NDArray, NDArray> Find(string name) => name switch
    {
        "tanh" => v => np.tanh(v),
        "relu" => v => np.maximum(v, v * Scalar(v, 0)),
        "sigmoid" => Sigmoid,
        "linear" or "identity" => v => v,
        "softsign" => v => v / (np.abs(v) + Scalar(v, 1)),
        "softplus" => v => np.maximum(v, v * Scalar(v, 0)) + np.log(Scalar(v, 1) + np.exp(-np.abs(v))),
        "elu" => v => np.maximum(v, v * Scalar(v, 0)) + np.exp(np.minimum(v, v * Scalar(v, 0))) - Scalar(v, 1),
        "selu" => v => (np.maximum(v, v * Scalar(v, 0)) + (Scalar(v, SeluAlpha) * (np.exp(np.minimum(v, v * Scalar(v, 0))) - Scalar(v, 1)))) * Scalar(v, SeluScale),
        "relu6" => v => np.minimum(np.maximum(v, v * Scalar(v, 0)), (v * Scalar(v, 0)) + Scalar(v, 6)),
        _ => throw new UsageException($"'{name}' is no activation that is known. Known are {string.Join(", ", Names)}."),
    };

    /// <summary>The logistic function.</summary>
    /// <param name="v">Any shape.</param>
    public static NDArray Sigmoid(NDArray v) => Scalar(v, 1) / (Scalar(v, 1) + np.exp(-v));

    /// <summary>A number of the type of an array.</summary>
    internal static NDArray Scalar(NDArray like, double value) =>
        like.dtype == typeof(float) ? np.array(new[] { (float)value }) : np.array(new[] { value });
}
