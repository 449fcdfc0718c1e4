using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's further layers of several inputs (keras 3.15.1 src/layers/merging).</summary>
internal static class FurtherMerges
{
    private static readonly ArgumentDefinition Axes = new("axes", FactValue.None);
    private static readonly ArgumentDefinition Normalize = new("normalize", FactValue.Of(false)) { LeftOutIf = FactValue.Of(false) };

    /// <summary>The largest of the inputs' values, place by place.</summary>
    public static KerasLayer Maximum { get; } = Merging.ByMask("Maximum", (a, b) => a.Max(b), x => x);

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<KerasLayer> Definitions { get; } =
    [
        Maximum,
        Merging.ByMask("Minimum", (a, b) => -(-a).Max(-b), x => x),
        Merging.ByNumber("Subtract", (a, b) => a - b),
        new("Dot")
        {
            Arguments = [Axes, Normalize],
            Width = (_, _) => null,
            Run = (use, inputs) => CallResult.Of(new Value(Product(use, inputs.Inputs[0].Data, inputs.Inputs[1].Data))),
        },
    ];

    /// <summary>Sums over one axis of each input, sample by sample: <c>(b, …, k) · (b, …, k) -> (b, …, …)</c>.</summary>
    private static NumericArray Product(KerasUse use, NumericArray left, NumericArray right)
    {
        var axes = Numbers.Of(use, Axes.Name, 2);
        var (first, second) = (Last(left, axes[0]), Last(right, axes[1]));
        if (use.Is(Normalize.Name))
        {
            (first, second) = (Normalizations.OfLengthOne(first), Normalizations.OfLengthOne(second));
        }

        var (rows, columns, width) = (
            first.Count / first.RowCount / first.Width,
            second.Count / second.RowCount / second.Width,
            first.Width);
        var products = Enumerable
            .Range(0, left.RowCount)
            .Select(row =>
                first
                    .Rows(row, 1)
                    .Reshape(rows, width)
                    .Dot(second.Rows(row, 1).Reshape(columns, width).Transpose())
                    .Reshape(1, rows * columns))
            .ToArray();
        int[] shape = [left.RowCount, .. first.Dimensions.Skip(1).SkipLast(1), .. second.Dimensions.Skip(1).SkipLast(1)];
        return NumericArray.Stack(products).Reshape(shape.Length == 1 ? [left.RowCount, 1] : shape);
    }

    private static NumericArray Last(NumericArray x, int axis)
    {
        axis = axis < 0 ? axis + x.Rank : axis;
        return Shapes.Permuted(x, [.. Enumerable.Range(0, x.Rank).Where(one => one != axis), axis]);
    }
}
