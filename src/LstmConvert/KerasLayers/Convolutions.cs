using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Equations.Keras;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's Conv1D, Conv2D and Conv3D (keras 3.15.1 src/layers/convolutional).
/// <code>
/// kernel (k, …, x, f)   bias (f,)
/// </code>
/// </summary>
internal static class Convolutions
{
    /// <summary>The number of filters.</summary>
    public static ArgumentDefinition Filters { get; } = new("filters", FactValue.None) { NameInKeras1 = "nb_filter" };

    /// <summary>The window's lengths.</summary>
    public static ArgumentDefinition KernelSize { get; } = new("kernel_size", FactValue.None)
    {
        NameInKeras1 = "filter_length|nb_row+nb_col|kernel_dim1+kernel_dim2+kernel_dim3",
    };

    /// <summary>The steps.</summary>
    public static ArgumentDefinition Strides { get; } = new("strides", FactValue.Of(1)) { NameInKeras1 = "subsample_length|subsample" };

    /// <summary>What is added at the ends.</summary>
    public static ArgumentDefinition Padding { get; } = new("padding", FactValue.Of("valid"))
    {
        NameInKeras1 = "border_mode",
        Honours = value => value.Text is "valid" or "same" or "causal",
    };

    /// <summary>Where the channels are.</summary>
    public static ArgumentDefinition DataFormat { get; } = new("data_format", FactValue.Of("channels_last"))
    {
        NameInKeras1 = "dim_ordering",
        WordsInKeras1 = new Dictionary<string, string>(StringComparer.Ordinal) { ["tf"] = "channels_last", ["th"] = "channels_first" },
        Honours = value => value.IsNone || value.Text == "channels_last",
    };

    /// <summary>How Keras 1 lays the axes of a kernel, not of the channels alone: <c>th</c> is (f, x, k, …).</summary>
    public static ArgumentDefinition Ordering { get; } = new("dim_ordering", FactValue.Of("tf"))
    {
        IsNeverWritten = true,
        LeftOutIf = FactValue.Of("tf"),
    };

    /// <summary>The distance of neighbours in a window.</summary>
    public static ArgumentDefinition Dilation { get; } = new("dilation_rate", FactValue.Of(1));

    /// <summary>Groups of channels.</summary>
    public static ArgumentDefinition Groups { get; } = new("groups", FactValue.Of(1)) { LeftOutIf = FactValue.Of(1) };

    private static readonly ArgumentDefinition Activation = RecurrentArguments.Activation with { Default = FactValue.Of("linear") };

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<KerasLayer> Definitions { get; } = [Of("Conv1D", 1), Of("Conv2D", 2), Of("Conv3D", 3)];

    /// <summary>True if its kernel, or that of a layer inside, lies as Keras 1 has it for Theano.</summary>
    /// <param name="use">The layer.</param>
    public static bool HasTheanosOrder(KerasUse use) => use[Ordering.Name].Text == "th" || use.Inner.Any(HasTheanosOrder);

    /// <summary>How the kernel of a layer walks.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="rank">The number of axes.</param>
    public static Windows Walk(KerasUse use, int rank) =>
        new(
            Numbers.Of(use, KernelSize.Name, rank),
            Numbers.Of(use, Strides.Name, rank),
            Numbers.Of(use, Dilation.Name, rank),
            use[Padding.Name].Text!);

    /// <summary>The lengths of a kernel as a symbolic shape begins with them.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="rank">The number of axes.</param>
    public static string Lengths(KerasUse use, int rank) =>
        string.Join(", ", Numbers.Of(use, KernelSize.Name, rank).Select(length => length.ToString(CultureInfo.InvariantCulture)));

    private static KerasLayer Of(string className, int rank) => new(className)
    {
        Weights = use =>
        {
            var sizes = new Dictionary<char, long> { ['f'] = use.Count(Filters.Name) };
            WeightDefinition[] all = [new(RecurrentWeights.Kernel, $"({Lengths(use, rank)}, x, f)") { Sizes = sizes }, new(RecurrentWeights.Bias, "(f,)") { Sizes = sizes }];
            return use.Is(RecurrentArguments.UseBias.Name) ? all : all[..1];
        },
        Arguments = [Filters, KernelSize, Strides, Padding, DataFormat, Dilation, Groups, Activation, RecurrentArguments.UseBias, Ordering],
        Width = (use, _) => use.Count(Filters.Name),
        Needs = KernelSize.Name,
        ActivatesLast = true,
        Kernels = [0],
        Run = (use, inputs) =>
        {
            var convolution = new Convolution(use.Weights[0], use.Weights.ElementAtOrDefault(1), Walk(use, rank), use.Count(Groups.Name));
            return CallResult.Of(new Value(RecurrentRun.Find(use, Activation.Name).Keras(convolution.Call(Shapes.OfRank(use, inputs.Inputs[0].Data, rank + 2)))));
        },
        BrowserRefusal = (use, _) => use[Padding.Name].Text == "causal" ? "TensorFlow.js has no causal padding"
            : use.Count(Groups.Name) > 1 ? "TensorFlow.js has no groups of channels"
            : null,
        Loaded = (use, weights) => rank == 1 ? FromKeras1(use, weights) : weights,
        ClassNameInKeras1 = $"Convolution{rank}D",
        IsNamed = true,
    };

    /// <summary>Keras 1 has a window of one column there, and before 1.2 the axes in another order (keras 2.2.4 keras/engine/saving.py
    /// preprocess_weights_for_loading).</summary>
    private static IReadOnlyList<NumericArray> FromKeras1(KerasUse use, IReadOnlyList<NumericArray> weights)
    {
        if (weights.Count == 0 || weights[0].Dimensions is not { Count: 4 } shape)
        {
            return weights;
        }

        var isNewer = shape[0] == Numbers.Of(use, KernelSize.Name, 1)[0] && shape[1] == 1 && shape[3] == use.Count(Filters.Name);
        var kernel = isNewer ? weights[0] : Shapes.Permuted(weights[0], [2, 3, 1, 0]);
        return kernel.Dimensions[1] != 1
            ? weights
            : [kernel.Reshape([kernel.Dimensions[0], kernel.Dimensions[2], kernel.Dimensions[3]]), .. weights.Skip(1)];
    }
}
