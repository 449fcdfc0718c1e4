using NumSharp;

namespace LstmConvert.Equations.Keras;

/// <summary>Activations by Keras' name (keras 2.2.4 keras/activations.py, keras 3.15.1 src/activations).</summary>
public static class Activations
{
    /// <summary>Every name that is known; <c>hard_sigmoid3</c> is what Keras 3 calls hard_sigmoid.</summary>
    public static IReadOnlyList<string> Names { get; } = ["tanh", "sigmoid", "hard_sigmoid", "hard_sigmoid3", "relu", "linear", "identity", "softsign", "softplus", "elu", "relu6", "selu"];

    /// <summary>Applies an activation.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="a">Any shape.</param>
    /// <exception cref="UsageException">There is none of this name.</exception>
    public static NDArray Apply(string name, NDArray a)
    {
        switch (name)
        {
            case "tanh":
                return np.tanh(a);
            case "sigmoid":
                return One(a) / (np.exp(-a) + One(a));
            case "hard_sigmoid":
                return Between((a * Number(a, 0.2)) + Number(a, 0.5), 0, 1);
            case "hard_sigmoid3":
                return Between((a / Number(a, 6)) + Number(a, 0.5), 0, 1);
            case "relu":
                return np.maximum(a, Number(a, 0));
            case "relu6":
                return Between(a, 0, 6);
            case "linear" or "identity":
                return a;
            case "softsign":
                return a / (One(a) + np.abs(a));
            case "softplus":
                return np.log(One(a) + np.exp(-np.abs(a))) + np.maximum(a, Number(a, 0));
            case "elu":
                return np.maximum(a, Number(a, 0)) + (np.exp(np.minimum(a, Number(a, 0))) - One(a));
            case "selu":
                return Number(a, 1.05070098) * (np.maximum(a, Number(a, 0)) + (Number(a, 1.67326324) * (np.exp(np.minimum(a, Number(a, 0))) - One(a))));
            default:
                throw new UsageException($"'{name}' is no activation that is known. Known are {string.Join(", ", Names)}.");
        }
    }

    internal static NDArray One(NDArray a) => Number(a, 1);

    private static NDArray Between(NDArray a, double low, double high) => np.minimum(np.maximum(a, Number(a, low)), Number(a, high));

    private static NDArray Number(NDArray a, double value) => a.dtype == typeof(float) ? np.array(new[] { (float)value }) : np.array(new[] { value });
}
