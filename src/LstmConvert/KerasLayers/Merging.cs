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
            Run = (_, inputs) => CallResult.Of(new Value(
                end is null ? inputs.Inputs.Select(value => value.Data).Aggregate(combine)
                    : end(inputs.Inputs.Select(value => value.Data).Aggregate(combine), inputs.Inputs.Count),
                Mask(inputs.Inputs))),
            KeepsMask = true,
            BrowserMask = BrowserMask.Bent,
        };

    /// <summary>Inputs beside each other on the last axis.</summary>
    /// <param name="inputs">The inputs.</param>
    public static CallResult Beside(IReadOnlyList<Value> inputs) =>
        CallResult.Of(new Value(NumericArray.Concatenate([.. inputs.Select(value => value.Data)]), Mask(inputs)));

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

    /// <summary>The mask that inputs of one mask have. The Kerases combine different ones differently, which no printed model
    /// needs.</summary>
    private static bool[,]? Mask(IReadOnlyList<Value> inputs)
    {
        var masks = inputs.Select(value => value.Mask).OfType<bool[,]>().ToArray();
        return masks.Length == 0 ? null
            : masks.All(mask => mask == masks[0] || mask.Cast<bool>().SequenceEqual(masks[0].Cast<bool>())) ? masks[0]
            : throw new UnsupportedModelException("A layer merges inputs with different masks, which each Keras combines in its own way.");
    }

    private static int? EqualWidth(string className, IReadOnlyList<int?> inputs) =>
        inputs.OfType<int>().Where(width => width != 1).Distinct().ToArray() is { Length: > 1 } widths
        ? throw new UnsupportedModelException($"{className} gets inputs of the widths {string.Join(" and ", widths)}; they must be equal.")
        : inputs.OfType<int>().Cast<int?>().Max();
}
