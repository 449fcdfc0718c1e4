using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Equations.Keras;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// Keras's convolutions that are not a product of each whole window with the kernel (keras 3.15.1 src/layers/convolutional).
/// <code>
/// SeparableConv   depthwise_kernel (k, …, x, m)   pointwise_kernel (1, …, xm, f)   bias (f,)
/// DepthwiseConv   depthwise_kernel (k, …, x, m)   bias (xm,)
/// ConvTranspose   kernel (k, …, f, x)             bias (f,)
/// </code>
/// </summary>
internal static class FurtherConvolutions
{
    private const string DepthwiseKernel = "depthwise_kernel";
    private const string PointwiseKernel = "pointwise_kernel";

    private static readonly ArgumentDefinition DepthMultiplier = new("depth_multiplier", FactValue.Of(1));
    private static readonly ArgumentDefinition OutputPadding = new("output_padding", FactValue.None)
    {
        LeftOutIf = FactValue.None,
        Honours = value => value.IsNone,
    };

    private static readonly ArgumentDefinition Activation = RecurrentArguments.Activation with { Default = FactValue.Of("linear") };

    private static readonly ArgumentDefinition[] Walking =
    [
        Convolutions.KernelSize, Convolutions.Strides, Convolutions.Padding, Convolutions.DataFormat, Convolutions.Dilation,
    ];

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<KerasLayer> Definitions { get; } =
    [
        Separable("SeparableConv1D", 1),
        Separable("SeparableConv2D", 2),
        Depthwise("DepthwiseConv1D", 1),
        Depthwise("DepthwiseConv2D", 2),
        Transposed("Conv1DTranspose", 1),
        Transposed("Conv2DTranspose", 2),
        Transposed("Conv3DTranspose", 3),
    ];

    private static KerasLayer Separable(string className, int rank) => Of(className, rank) with
    {
        Weights = use =>
            WithBias(
                use,
                "(f,)",
                new(DepthwiseKernel, $"({Convolutions.Lengths(use, rank)}, x, m)") { Sizes = Sizes(use) },
                new(PointwiseKernel, $"({string.Join(", ", Enumerable.Repeat("1", rank))}, y, f)") { Sizes = Sizes(use) }),
        Arguments = [Convolutions.Filters, .. Walking, DepthMultiplier, Activation, RecurrentArguments.UseBias],
        Width = (use, _) => use.Count(Convolutions.Filters.Name),
        Run = (use, inputs) =>
        {
            int[] one = [.. Enumerable.Repeat(1, rank)];
            var pointwise = new Convolution(use.Weights[1], use.Weights.ElementAtOrDefault(2), new Windows(one, one, one, "valid"));
            return Activated(use, pointwise.Call(ByChannel(use, rank, null, inputs)));
        },
    };

    private static KerasLayer Depthwise(string className, int rank) => Of(className, rank) with
    {
        Weights = use =>
            WithBias(use, "(y,)", new WeightDefinition(DepthwiseKernel, $"({Convolutions.Lengths(use, rank)}, x, m)") { Sizes = Sizes(use) }),
        Arguments = [.. Walking, DepthMultiplier, Activation, RecurrentArguments.UseBias],
        Width = (use, inputs) => inputs is [{ } width] ? width * Math.Max(1, use.Count(DepthMultiplier.Name)) : null,
        Run = (use, inputs) => Activated(use, ByChannel(use, rank, use.Weights.ElementAtOrDefault(1), inputs)),
    };

    private static KerasLayer Transposed(string className, int rank) => Of(className, rank) with
    {
        Weights = use =>
            WithBias(use, "(f,)", new WeightDefinition(RecurrentWeights.Kernel, $"({Convolutions.Lengths(use, rank)}, f, x)") { Sizes = Sizes(use) }),
        Arguments = [Convolutions.Filters, .. Walking, OutputPadding, Activation, RecurrentArguments.UseBias],
        Width = (use, _) => use.Count(Convolutions.Filters.Name),
        Run = (use, inputs) =>
        {
            var convolution = new TransposedConvolution(
                use.Weights[0], use.Weights.ElementAtOrDefault(1), Convolutions.Walk(use, rank));
            return Activated(use, convolution.Call(Shapes.OfRank(use, inputs.Inputs[0].Data, rank + 2)));
        },
    };

    private static KerasLayer Of(string className, int rank) => new(className)
    {
        Needs = Convolutions.KernelSize.Name,
        ActivatesLast = true,
        Kernels = [0],
        IsNamed = true,
        Refusal = use => rank == 1 && use[Convolutions.Padding.Name].Text == "causal" ? "Keras 3 has no causal padding there" : null,
    };

    private static Dictionary<char, long> Sizes(KerasUse use) =>
        new() { ['f'] = use.Count(Convolutions.Filters.Name), ['m'] = use.Count(DepthMultiplier.Name) };

    private static IReadOnlyList<WeightDefinition> WithBias(KerasUse use, string shape, params IReadOnlyList<WeightDefinition> kernels) =>
        use.Is(RecurrentArguments.UseBias.Name)
            ? [.. kernels, new(RecurrentWeights.Bias, shape) { Sizes = kernels[0].Sizes }]
            : kernels;

    /// <summary>Each channel by filters of its own: as many groups as channels.</summary>
    private static NumericArray ByChannel(KerasUse use, int rank, NumericArray? bias, CallInputs inputs)
    {
        var (kernel, channels) = (use.Weights[0], use.Weights[0].Dimensions[^2]);
        var grouped = kernel.Reshape([.. kernel.Dimensions.SkipLast(2), 1, channels * kernel.Width]);
        return new Convolution(grouped, bias, Convolutions.Walk(use, rank), channels)
            .Call(Shapes.OfRank(use, inputs.Inputs[0].Data, rank + 2));
    }

    private static CallResult Activated(KerasUse use, NumericArray x) =>
        CallResult.Of(new Value(RecurrentRun.Find(use, Activation.Name).Keras(x)));
}
