using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>What layers with several inputs have in common.</summary>
internal static class Merging
{
    /// <summary>A layer that combines its inputs number by number, in their order.</summary>
    /// <param name="className">Keras's name.</param>
    /// <param name="combine">Combines the numbers of two.</param>
    /// <param name="end">What follows when all are combined: the number of inputs is given.</param>
    public static KerasLayer ByNumber(
        string className, Func<NumericArray, NumericArray, NumericArray> combine, Func<NumericArray, int, NumericArray>? end = null) =>
        new(className)
        {
            Width = (_, inputs) => EqualWidth(className, inputs),
            Run = (_, inputs) => CallResult.Of(Masked(
                end is null ? inputs.Inputs.Select(value => value.Data).Aggregate(combine)
                    : end(inputs.Inputs.Select(value => value.Data).Aggregate(combine), inputs.Inputs.Count),
                inputs.Inputs)),
            KeepsMask = true,
            BrowserMask = BrowserMask.Bent,
        };

    /// <summary>Inputs beside each other on the last axis.</summary>
    /// <param name="inputs">The inputs.</param>
    public static CallResult Beside(IReadOnlyList<Value> inputs) =>
        CallResult.Of(Masked(NumericArray.Concatenate([.. inputs.Select(value => value.Data)]), inputs));

    /// <summary>The layer without arguments.</summary>
    /// <param name="definition">Its definition.</param>
    public static KerasUse Layer(KerasLayer definition) => new(definition, new Dictionary<string, FactValue>(StringComparer.Ordinal));

    /// <summary>The layer as a part of what stands for a cell.</summary>
    /// <param name="definition">Its definition.</param>
    /// <param name="suffix">What its name has after the cell's.</param>
    /// <param name="inputs">The places of the recipes that feed it.</param>
    public static LayerRecipe Recipe(KerasLayer definition, string suffix, params IReadOnlyList<int> inputs) =>
        new(definition, Layer(definition).Arguments, []) { Suffix = suffix, Inputs = inputs };

    /// <summary>The sum of the widths; null where one is not known.</summary>
    /// <param name="inputs">The widths.</param>
    public static int? SumOfWidths(IReadOnlyList<int?> inputs) => inputs.Aggregate((int?)0, (sum, width) => sum + width);

    /// <summary>A value with the mask that inputs of one mask have. The Kerases combine different ones differently, and those of inputs
    /// with and without one (keras 2.15 src/layers/merging/base_merge.py <c>compute_mask</c>: all; keras 3.15.1: any, or none).</summary>
    private static Value Masked(NumericArray data, IReadOnlyList<Value> inputs)
    {
        var masks = inputs.Select(value => value.Mask).OfType<bool[,]>().ToArray();
        var isDisputed = inputs.Any(value => value.HasDisputedMask)
            || (masks.Length > 0 && masks.Length < inputs.Count)
            || masks.Any(mask => mask != masks[0] && !mask.Cast<bool>().SequenceEqual(masks[0].Cast<bool>()));
        return new Value(data, isDisputed ? null : masks.FirstOrDefault()) { HasDisputedMask = isDisputed };
    }

    private static int? EqualWidth(string className, IReadOnlyList<int?> inputs) =>
        inputs.OfType<int>().Where(width => width != 1).Distinct().ToArray() is { Length: > 1 } widths
        ? throw new UnsupportedModelException($"{className} gets inputs of the widths {string.Join(" and ", widths)}; they must be equal.")
        : inputs.OfType<int>().Cast<int?>().Max();
}
