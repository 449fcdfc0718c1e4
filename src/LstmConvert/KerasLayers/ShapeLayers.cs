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
    private static readonly ArgumentDefinition Size = new("size", FactValue.Of(2));
    private static readonly ArgumentDefinition PaddingArgument = new("padding", FactValue.Of(1));
    private static readonly ArgumentDefinition Cropping = new("cropping", FactValue.Of(1));

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
        new("UpSampling1D")
        {
            Arguments = [Size],
            Run = (use, inputs) =>
                Of(inputs, x =>
                    Steps(
                        x,
                        [
                            .. Enumerable
                                .Range(0, x.Dimensions[1])
                                .SelectMany(step => Enumerable.Repeat(step, Numbers.Of(use, Size.Name, 1)[0])),
                        ])),
        },
        new("ZeroPadding1D")
        {
            Arguments = [PaddingArgument],
            Run = (use, inputs) =>
                Of(inputs, x =>
                    Ends(use, PaddingArgument.Name) is var (before, after)
                        ? Steps(
                            x,
                            [.. Enumerable.Repeat(-1, before), .. Enumerable.Range(0, x.Dimensions[1]), .. Enumerable.Repeat(-1, after)])
                        : x),
        },
        new("Cropping1D")
        {
            Arguments = [Cropping],
            Run = (use, inputs) =>
                Of(inputs, x =>
                    Ends(use, Cropping.Name) is var (before, after)
                        ? Steps(x, [.. Enumerable.Range(before, Math.Max(0, x.Dimensions[1] - before - after))])
                        : x),
        },
    ];

    private static CallResult Of(CallInputs inputs, Func<NumericArray, NumericArray> change) =>
        CallResult.Of(new Value(change(inputs.Inputs[0].Data)));

    private static (int Before, int After) Ends(KerasUse use, string argument) =>
        Numbers.List(use[argument]) is [var before, var after] ? (before, after)
        : Numbers.Of(use, argument, 1) is [var both] ? (both, both)
        : default;

    /// <summary>Steps of a sequence in another order; -1 is a step of zeros.</summary>
    private static NumericArray Steps(NumericArray x, IReadOnlyList<int> steps)
    {
        var (source, width, length) = (x.ToDoubles(), x.Width, x.Dimensions[1]);
        var result = new double[checked(x.RowCount * steps.Count * width)];
        for (var row = 0; row < x.RowCount; row++)
        {
            for (var k = 0; k < steps.Count; k++)
            {
                if (steps[k] >= 0)
                {
                    source.AsSpan(((row * length) + steps[k]) * width, width).CopyTo(result.AsSpan(((row * steps.Count) + k) * width));
                }
            }
        }

        return NumericArray.From(result, x.Precision, x.RowCount, steps.Count, width);
    }

    private static int[] Lengths(KerasUse use, NumericArray x)
    {
        var lengths = Numbers.List(use[TargetShape.Name]) ?? [(int)(use[TargetShape.Name].Number ?? -1)];
        var known = lengths.Where(length => length > 0).Aggregate(1, (product, length) => product * length);
        return [.. lengths.Select(length => length < 0 ? x.Count / Math.Max(1, x.RowCount * known) : length)];
    }
}
