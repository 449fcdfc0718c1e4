using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's layers that repeat, cut off or add places along one, two or three axes (keras 3.15.1 src/layers/reshaping).</summary>
internal static class ImageShapes
{
    private static readonly ArgumentDefinition Size = new("size", FactValue.Of(2)) { NameInKeras1 = "length" };
    private static readonly ArgumentDefinition PaddingArgument = new("padding", FactValue.Of(1));
    private static readonly ArgumentDefinition Cropping = new("cropping", FactValue.Of(1));
    private static readonly ArgumentDefinition Interpolation = new("interpolation", FactValue.Of("nearest"))
    {
        LeftOutIf = FactValue.Of("nearest"),
        Honours = value => value.Text == "nearest",
    };

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<KerasLayer> Definitions { get; } = [.. Enumerable.Range(1, 3).SelectMany(Of)];

    /// <summary>A layer that hands on the steps that it gets, and no mask: it adds none to them.</summary>
    public static KerasUse HandingOn() =>
        new(
            Definitions.First(layer => layer.ClassName == "ZeroPadding1D"),
            new Dictionary<string, FactValue>(StringComparer.Ordinal) { [PaddingArgument.Name] = FactValue.Of(0) });

    private static IEnumerable<KerasLayer> Of(int rank)
    {
        ArgumentDefinition[] format = rank == 1 ? [] : [Convolutions.DataFormat];
        yield return new($"UpSampling{rank}D")
        {
            Arguments = rank == 2 ? [Size, .. format, Interpolation] : [Size, .. format],
            Run = (use, inputs) => Gathered(use, inputs, rank, Numbers.Of(use, Size.Name, rank), (length, times) =>
                Enumerable.Range(0, length).SelectMany(place => Enumerable.Repeat(place, times))),
        };
        yield return new($"ZeroPadding{rank}D")
        {
            Arguments =
                [PaddingArgument, .. rank == 1 ? [Convolutions.DataFormat with { LeftOutIf = Convolutions.DataFormat.Default }] : format],
            Run = (use, inputs) => Gathered(use, inputs, rank, Numbers.Pairs(use, PaddingArgument.Name, rank), (length, ends) =>
                Enumerable.Repeat(-1, ends.Before).Concat(Enumerable.Range(0, length)).Concat(Enumerable.Repeat(-1, ends.After))),
        };
        yield return new($"Cropping{rank}D")
        {
            Arguments = [Cropping, .. format],
            Run = (use, inputs) => Gathered(use, inputs, rank, Numbers.Pairs(use, Cropping.Name, rank), (length, ends) =>
                Enumerable.Range(ends.Before, Math.Max(0, length - ends.Before - ends.After))),
        };
    }

    private static CallResult Gathered<T>(
        KerasUse use, CallInputs inputs, int rank, IReadOnlyList<T> arguments, Func<int, T, IEnumerable<int>> places)
    {
        var x = Shapes.OfRank(use, inputs.Inputs[0].Data, rank + 2);
        return CallResult.Of(new Value(Shapes.Gathered(x, [.. arguments.Select((one, axis) => places(x.Dimensions[axis + 1], one).ToArray())])));
    }
}
