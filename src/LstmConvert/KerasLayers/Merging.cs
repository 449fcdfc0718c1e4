using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>What layers with several inputs have in common.</summary>
internal static class Merging
{
    private static readonly ArgumentDefinition WithMasks = new("by_mask", FactValue.Of(true))
    {
        IsNeverWritten = true,
        LeftOutIf = FactValue.Of(true),
    };

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

    /// <summary>A layer that combines its inputs number by number, and in Keras 3 by their masks: what one of them has at a step that is none
    /// to it is not taken (keras 3.15.1 src/layers/merging/multiply.py, base_merge.py <c>_apply_merge_op_and_or_mask</c>). Keras 2 combines
    /// all numbers.</summary>
    /// <param name="className">Keras's name.</param>
    /// <param name="combine">Combines the numbers of two.</param>
    /// <param name="end">The numbers at steps that are none to any input: given are those of the first one.</param>
    public static KerasLayer ByMask(
        string className, Func<NumericArray, NumericArray, NumericArray> combine, Func<NumericArray, NumericArray> end)
    {
        var plain = ByNumber(className, combine);
        return plain with
        {
            Arguments = [WithMasks],
            Run = (use, inputs) =>
            {
                var result = plain.Run!(use, inputs);
                if (!use.Is(WithMasks.Name) || inputs.Inputs.All(value => value is { Mask: null, HasDisputedMask: false }))
                {
                    return result;
                }

                return inputs.Inputs.Any(value => value.HasDisputedMask || (value.Mask is not null && value.Data.Rank != 3))
                    ? throw new UnsupportedModelException(
                        $"{className} gets what was merged of inputs with different masks, or values of other than three axes with a mask: Keras 3 computes by masks there.")
                    : result with { Output = result.Output with { Data = Combined(inputs.Inputs, combine, end) } };
            },
        };
    }

    /// <summary>The layer as Keras up to 2 computes it: masks change no number.</summary>
    /// <param name="use">The layer.</param>
    public static KerasUse WithoutMasks(KerasUse use) =>
        use.Layer.Arguments.Contains(WithMasks) ? use.With(WithMasks.Name, FactValue.Of(false)) : use;

    /// <summary>True if masks change its numbers.</summary>
    /// <param name="use">The layer.</param>
    public static bool CombinesByMasks(KerasUse use) => use.Layer.Arguments.Contains(WithMasks) && use.Is(WithMasks.Name);

    /// <summary>The layer as Keras 3 computes it.</summary>
    /// <param name="use">The layer.</param>
    public static KerasUse ByMasks(KerasUse use) =>
        CombinesAll(use) ? use.With(WithMasks.Name, FactValue.Of(true)) : use;

    /// <summary>True if masks change no number, in a layer where they do in Keras 3.</summary>
    /// <param name="use">The layer.</param>
    public static bool CombinesAll(KerasUse use) => use.Layer.Arguments.Contains(WithMasks) && !use.Is(WithMasks.Name);

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

    /// <summary>The numbers of each input where it has a step, combined; where none has one, what is said.</summary>
    private static NumericArray Combined(
        IReadOnlyList<Value> inputs, Func<NumericArray, NumericArray, NumericArray> combine, Func<NumericArray, NumericArray> end)
    {
        var (data, valid) = (inputs[0].Data, Valid(inputs[0]));
        foreach (var next in inputs.Skip(1))
        {
            var (both, own) = (combine(data, next.Data), Valid(next));
            var zeros = NumericArray.Zeros(both.Precision, [.. both.Dimensions]);
            data = NumericArray.WherePositive(
                own + zeros,
                NumericArray.WherePositive(valid + zeros, both, next.Data + zeros),
                data + zeros);
            valid = NumericArray.WherePositive(valid, valid, own);
        }

        return NumericArray.WherePositive(valid + NumericArray.Zeros(data.Precision, [.. data.Dimensions]), data, end(data));
    }

    /// <summary>1 where an input has a step, 0 where it has none, <c>(b, t, 1)</c>.</summary>
    private static NumericArray Valid(Value value)
    {
        var (batch, steps) = (value.Data.Dimensions[0], value.Data.Rank > 1 ? value.Data.Dimensions[1] : 1);
        double[] numbers = value.Mask is { } mask ? [.. mask.Cast<bool>().Select(isValid => isValid ? 1.0 : 0)]
            : [.. Enumerable.Repeat(1.0, batch * steps)];
        return NumericArray.From(numbers, value.Data.Precision, batch, steps, 1);
    }

    private static int? EqualWidth(string className, IReadOnlyList<int?> inputs) =>
        inputs.OfType<int>().Where(width => width != 1).Distinct().ToArray() is { Length: > 1 } widths
        ? throw new UnsupportedModelException($"{className} gets inputs of the widths {string.Join(" and ", widths)}; they must be equal.")
        : inputs.OfType<int>().Cast<int?>().Max();
}
