using LstmConvert.Arrays;
using LstmConvert.Files;

namespace LstmConvert.Equations;

/// <summary>
/// The table of activations, one line each: TensorFlow's functions from tensorflow v1.15.5 core/kernels (relu_op_functor.h, softplus_op.h,
/// softsign_op.h,
/// cwise_ops.h, softmax_op_functor.h) and python/ops/nn_ops.py; Keras's from keras 3.15.1 src/activations/activations.py with
/// src/backend/numpy/nn.py; names
/// from keras 1.2.2 and 2.2.4 keras/activations.py, keras 2.15 src/activations.py.
/// </summary>
internal static class Activations
{
    /// <summary>scale and scale * alpha of core/kernels/relu_op_functor.h.</summary>
    private const double SeluScale = 1.0507009873554804934193349852946;
    private const double SeluScaleAlpha = 1.7580993408473768599402175208123;

    /// <summary>alpha of keras src/backend/numpy/nn.py.</summary>
    private const double SeluAlpha = 1.6732632423543772848170429916717;

    /// <summary>What <c>x</c> is multiplied by so that <c>x/6 + 0.5</c> is <c>0.2x + 0.5</c>.</summary>
    public const double HardSigmoidScale = 1.2;

    private const double LeakyAlpha = 0.2;

    /// <summary>threshold of keras src/activations/activations.py hard_shrink and soft_shrink.</summary>
    private const double ShrinkThreshold = 0.5;

    public static Activation Tanh { get; } = new("tanh", "Tanh", "tanh", "tanh", "tanh", v => v.Tanh(), v => v.Tanh()) { Browser = "tanh" };
    public static Activation Relu { get; } = new("relu", "Relu", "relu", "relu", "relu", v => v.Max(0), v => v.Max(0)) { Browser = "relu" };
    public static Activation Sigmoid { get; } =
        new("sigmoid", "Sigmoid", "sigmoid", "sigmoid", "sigmoid", v => v.Sigmoid(), v => 1 / (1 + (-v).Exp())) { Browser = "sigmoid" };
    public static Activation Linear { get; } =
        new("linear", "Identity", "linear", "linear", "linear", v => v, v => v) { Aliases = ["identity"], Browser = "linear" };
    public static Activation Softsign { get; } =
        new("softsign", "Softsign", "softsign", "softsign", "softsign", v => v / (v.Abs() + 1), v => v / (1 + v.Abs()))
        {
            Browser = "softsign",
        };
    public static Activation Softplus { get; } =
        new("softplus", "Softplus", "softplus", "softplus", "softplus", SoftplusKernel, LogAddExp) { Browser = "softplus" };
    public static Activation Elu { get; } =
        new("elu", "Elu", "elu", "elu", "elu", v => NumericArray.WherePositive(-v, v.Exp() - 1, v), v => EluFunction(v, 1))
        {
            Browser = "elu",
        };
    public static Activation Selu { get; } =
        new(
            "selu",
            "Selu",
            null,
            "selu",
            "selu",
            v => NumericArray.WherePositive(-v, SeluScaleAlpha * (v.Exp() - 1), SeluScale * v),
            v => SeluScale * EluFunction(v, SeluAlpha))
        {
            Keras2Since = "2.0.6",
            Browser = "selu",
        };
    public static Activation Relu6 { get; } =
        new("relu6", "Relu6", null, null, "relu6", v => v.Max(0).Min(6), v => v.Max(0).Min(6)) { Browser = "relu6" };
    public static Activation HardSigmoid { get; } =
        new(
            "hard_sigmoid",
            null,
            "hard_sigmoid",
            "hard_sigmoid",
            null,
            v => ((v * 0.2) + 0.5).Max(0).Min(1),
            v => ((0.2 * v) + 0.5).Max(0).Min(1))
        {
            Spelled = "clip(0.2*x + 0.5, 0, 1)",
            Browser = "hard_sigmoid",
        };
    public static Activation HardSigmoid3 { get; } =
        new("hard_sigmoid3", null, null, null, "hard_sigmoid", v => (v + 3).Max(0).Min(6) / 6, v => ((v / 6) + 0.5).Max(0).Min(1))
        {
            Spelled = "clip(0.166667*x + 0.5, 0, 1) | relu6(x + 3)*0.166667",
        };
    public static Activation Exponential { get; } =
        new("exponential", "Exp", null, "exponential", "exponential", v => v.Exp(), v => v.Exp())
        {
            Aliases = ["exp"],
            Keras2Since = "2.2.3",
        };
    public static Activation Swish { get; } =
        new("swish", null, null, "swish", "silu", v => v * v.Sigmoid(), v => v * (1 / (1 + (-v).Exp())))
        {
            Aliases = ["silu"],
            Keras2Since = "2.4.0",
            Spelled = "x*sigmoid(x)",
            Browser = "swish",
        };
    public static Activation Gelu { get; } =
        new("gelu", null, null, "gelu", "gelu", v => 0.5 * v * (1 + (v / Math.Sqrt(2)).Erf()), v => v * ((v / Math.Sqrt(2)).Erf() + 1) / 2)
        {
            Keras2Since = "2.4.0",
            Browser = "gelu",
        };
    public static Activation GeluTanh { get; } =
        new(
            "gelu_tanh",
            null,
            null,
            null,
            null,
            v => 0.5 * v * (1 + (0.7978845608028654 * (v + (0.044715 * v * v * v))).Tanh()),
            v => v * (0.5 * (1 + (Math.Sqrt(2 / Math.PI) * (v + (0.044715 * (v * v * v)))).Tanh())))
        {
            Aliases = ["gelu_new", "gelu_approximate"],
        };
    public static Activation Mish { get; } =
        new("mish", null, null, "mish", "mish", v => v * SoftplusKernel(v).Tanh(), v => v * LogAddExp(v).Tanh())
        {
            Keras2Since = "2.13.1",
            Browser = "mish",
        };
    public static Activation LeakyRelu { get; } = LeakyReluOf(LeakyAlpha);
    public static Activation Softmax { get; } =
        new("softmax", "Softmax", "softmax", "softmax", "softmax", SoftmaxKernel, SoftmaxFunction) { Browser = "softmax" };
    public static Activation LogSoftmax { get; } =
        new("log_softmax", "LogSoftmax", null, null, "log_softmax", LogSoftmaxFunction, LogSoftmaxFunction);
    public static Activation HardSilu { get; } =
        new("hard_silu", null, null, null, "hard_silu", v => v * (v + 3).Max(0).Min(6) / 6, v => v * ((v / 6) + 0.5).Max(0).Min(1))
        {
            Aliases = ["hard_swish"],
        };
    public static Activation TanhShrink { get; } =
        new("tanh_shrink", null, null, null, "tanh_shrink", v => v - v.Tanh(), v => v - v.Tanh());
    public static Activation Sine { get; } = new("sin", "Sin", null, null, null, v => v.Sin(), v => v.Sin());

    /// <summary>Every one.</summary>
    public static IReadOnlyList<Activation> All { get; } =
    [
        Tanh,
        Relu,
        Sigmoid,
        Linear,
        Softsign,
        Softplus,
        Elu,
        Selu,
        Relu6,
        HardSigmoid,
        HardSigmoid3,
        Exponential,
        Swish,
        Gelu,
        GeluTanh,
        Mish,
        LeakyRelu,
        Softmax,
        LogSoftmax,
        HardSilu,
        TanhShrink,
        Sine,
    ];

    /// <summary>What Keras 3 added, which no older Keras and no cell of TensorFlow has: models of Keras 3 alone have them.</summary>
    public static IReadOnlyList<Activation> OfKeras3 { get; } =
    [
        Later("celu", v => v.Max(0) + v.Min(0).ExpM1()),
        Later("hard_tanh", v => v.Max(-1).Min(1)),
        Later("hard_shrink", v => NumericArray.WherePositive(v.Abs() - ShrinkThreshold, v, v * 0)),
        Later("soft_shrink", v => v - v.Max(-ShrinkThreshold).Min(ShrinkThreshold)),
        Later("log_sigmoid", v => -LogAddExp(-v)),
        Later("squareplus", v => (v + ((v * v) + 4).Sqrt()) / 2),
        Later("sparse_plus", v => v.Max(1) - 1 + ((v.Max(-1).Min(1) + 1) * (v.Max(-1).Min(1) + 1) / 4)),
        Later("sparse_sigmoid", v => (v.Max(-1).Min(1) + 1) * 0.5),
        Later("sparsemax", SparsemaxFunction),
    ];

    private static IEnumerable<Activation> Known => All.Concat(OfKeras3);

    /// <summary>Finds an activation by its name or an alias, in any case.</summary>
    /// <param name="name">The name.</param>
    public static Activation? Find(string name) =>
        Known.FirstOrDefault(activation =>
            activation.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
            || activation.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase))
        ?? ActivationSettings.Parse(name)?.Activation;

    /// <summary>The activation of a name or an alias.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static Activation Get(string name) =>
        Find(name)
        ?? throw new UsageException(
            $"'{name}' is no activation that is known.{NearNames.SentenceOrAll(name, [.. All.Select(activation => activation.Name)], "Known are")}"
        );

    /// <summary>The activation that an operation of TensorFlow computes.</summary>
    /// <param name="operation">The operation, as graphs name it.</param>
    public static Activation? ByOperation(string operation) => All.FirstOrDefault(activation => activation.Operation == operation);

    /// <summary>Finds the activation that a string names in a generation of Keras.</summary>
    /// <param name="name">The name, as a configuration spells it.</param>
    /// <param name="generation">1, 2 or 3.</param>
    public static Activation? ByKeras(string name, int generation) =>
        Known.FirstOrDefault(activation =>
            (
                generation switch
                {
                    1 => activation.Keras1,
                    2 => activation.Keras2,
                    _ => activation.Keras3,
                }) == name) ?? (generation == 3 && name == Swish.Keras2 ? Swish : null);

    /// <summary>The rectifier with settings (keras 3.15.1 src/activations/activations.py ReLU): x up to a largest value, and a line below
    /// a threshold.</summary>
    /// <param name="x">The numbers.</param>
    /// <param name="largest">The largest value; null for none.</param>
    /// <param name="slope">The slope of the line.</param>
    /// <param name="threshold">Where it begins, as zero.</param>
    public static NumericArray Rectified(NumericArray x, double? largest, double slope, double threshold)
    {
        var above = largest is { } most ? x.Min(most) : x;
        return NumericArray.WherePositive(x - threshold, above, (x - threshold) * slope);
    }

    /// <summary>x, or below zero alpha times the exponential less one.</summary>
    /// <param name="x">The numbers.</param>
    /// <param name="alpha">What the exponential is multiplied by.</param>
    public static NumericArray Exponential1(NumericArray x, double alpha) => NumericArray.WherePositive(x, x, x.Min(0).ExpM1() * alpha);

    /// <summary>An activation with settings, which has no name of Keras and no operation: a layer of Keras computes it.</summary>
    /// <param name="name">The name that this program uses: <c>elu(0.6)</c>.</param>
    /// <param name="function">The function.</param>
    public static Activation WithSettings(string name, Func<NumericArray, NumericArray> function) =>
        new(name, null, null, null, null, function, function);

    /// <summary>The leaky rectifier with a slope of its own; the table's has 0.2, the default of both sources.</summary>
    /// <param name="alpha">The slope below zero.</param>
    public static Activation LeakyReluOf(double alpha) =>
        new(
            alpha == LeakyAlpha ? "leaky_relu" : FormattableString.Invariant($"leaky_relu({alpha:r})"),
            "LeakyRelu",
            null,
            null,
            alpha == LeakyAlpha ? "leaky_relu" : null,
            v => NumericArray.WherePositive(v, v, v * alpha),
            v => v.Max(v * alpha));

    /// <summary>A function that Keras 3 added, which no older one and no operation of TensorFlow is.</summary>
    private static Activation Later(string name, Func<NumericArray, NumericArray> function) =>
        new(name, null, null, null, name, function, function);

    /// <summary>core/kernels/softplus_op.h: exp(x) where x is small, x where it is large, log(exp(x) + 1) between; the threshold is
    /// log(epsilon) + 2.</summary>
    private static NumericArray SoftplusKernel(NumericArray v)
    {
        var threshold = Math.Log(v.Precision == Precision.Single ? Math.Pow(2, -23) : Math.Pow(2, -52)) + 2;
        var exp = v.Exp();
        return NumericArray.WherePositive(v + threshold, v, NumericArray.WherePositive(threshold - v, exp, (exp + 1).Log()));
    }

    /// <summary>x - max(x) - log(sum(exp(x - max(x)))), along the last axis.</summary>
    private static NumericArray LogSoftmaxFunction(NumericArray v)
    {
        int[] column = [.. v.Dimensions.SkipLast(1), 1];
        var lowered = v - v.Largest().Reshape(column);
        return lowered - lowered.Exp().Sum().Reshape(column).Log();
    }

    /// <summary>np.logaddexp(x, 0).</summary>
    private static NumericArray LogAddExp(NumericArray v) => v.Max(0) + (-v.Abs()).Exp().Log1P();

    /// <summary>x, or alpha * expm1(x) below zero.</summary>
    private static NumericArray EluFunction(NumericArray v, double alpha) => NumericArray.WherePositive(v, v, alpha * v.ExpM1());

    /// <summary>core/kernels/softmax_op_functor.h: the shifted logits' exponentials, times the inverse of their sum.</summary>
    private static NumericArray SoftmaxKernel(NumericArray v)
    {
        var exp = (v - v.Largest()).Exp();
        return exp * (1 / exp.Sum());
    }

    /// <summary>Sparsemax along the last axis as Keras has it (keras 3.15.1 src/backend/numpy/nn.py, and every other backend's): where the
    /// paper's threshold (Martins and Astudillo 2016, algorithm 1) has the sum of the largest numbers, it has the sum of their partial
    /// sums.</summary>
    private static NumericArray SparsemaxFunction(NumericArray v)
    {
        var (values, width) = (v.ToDoubles(), v.Width);
        for (var start = 0; start < values.Length; start += width)
        {
            var row = values.AsSpan(start, width);
            double[] sorted = [.. row.ToArray().OrderDescending()];
            var (sum, sums, threshold) = (0.0, 0.0, 0.0);
            for (var k = 0; k < width && (1 + ((k + 1) * sorted[k])) > sum + sorted[k]; k++)
            {
                sum += sorted[k];
                sums += sum;
                threshold = (sums - 1) / (k + 1);
            }

            for (var k = 0; k < width; k++)
            {
                row[k] = Math.Max(row[k] - threshold, 0);
            }
        }

        return NumericArray.From(values, v.Precision, [.. v.Dimensions]);
    }

    private static NumericArray SoftmaxFunction(NumericArray v)
    {
        var exp = (v - v.Largest()).Exp();
        return exp / exp.Sum();
    }
}
