using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's layers that move numbers and change none (keras 3.15.1 src/layers/reshaping).</summary>
internal static class ShapeLayers
{
    private static readonly ArgumentDefinition TargetShape = new("target_shape", FactValue.None);
    private static readonly ArgumentDefinition Dims = new("dims", FactValue.None);
    private static readonly ArgumentDefinition Count = new("n", FactValue.None);

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<KerasLayer> Definitions { get; } =
    [
        new("Flatten")
        {
            Arguments = [Convolutions.DataFormat with { LeftOutIf = FactValue.Of("channels_last") }],
            Width = (_, _) => null,
            Run = (_, inputs) => Of(inputs, x => x.Reshape(x.RowCount, x.Count / Math.Max(1, x.RowCount))),
        },
        new("Reshape")
        {
            Arguments = [TargetShape],
            Width = (use, _) => Numbers.List(use[TargetShape.Name]) is [.., > 0 and var last] ? last : null,
            Run = (use, inputs) => Of(inputs, x => x.Reshape([x.RowCount, .. Lengths(use, x)])),
        },
        new("Permute")
        {
            Arguments = [Dims],
            Width = (_, _) => null,
            Run = (use, inputs) => Of(inputs, x => Shapes.Permuted(x, [0, .. Numbers.Of(use, Dims.Name, x.Rank - 1)])),
        },
        new("RepeatVector")
        {
            Arguments = [Count],
            Run = (use, inputs) =>
                Of(inputs, x =>
                    Shapes.Permuted(
                        NumericArray.Stack([.. Enumerable.Repeat(x.Reshape(1, x.RowCount, x.Width), use.Count(Count.Name))]),
                        [1, 0, 2])),
        },
    ];

    private static CallResult Of(CallInputs inputs, Func<NumericArray, NumericArray> change) =>
        CallResult.Of(new Value(change(inputs.Inputs[0].Data)));

    private static int[] Lengths(KerasUse use, NumericArray x)
    {
        var lengths = Numbers.List(use[TargetShape.Name]) ?? [(int)(use[TargetShape.Name].Number ?? -1)];
        var known = lengths.Where(length => length > 0).Aggregate(1, (product, length) => product * length);
        return [.. lengths.Select(length => length < 0 ? x.Count / Math.Max(1, x.RowCount * known) : length)];
    }
}
