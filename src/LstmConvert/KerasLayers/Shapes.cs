using LstmConvert.Arrays;

namespace LstmConvert.KerasLayers;

/// <summary>Checks and changes of shapes that several layers have in common.</summary>
internal static class Shapes
{
    /// <summary>A value, if it has so many axes.</summary>
    /// <param name="use">The layer, for the message.</param>
    /// <param name="x">The value.</param>
    /// <param name="rank">The number of axes, the batch's included.</param>
    /// <exception cref="UnsupportedModelException">It has others.</exception>
    public static NumericArray OfRank(KerasUse use, NumericArray x, int rank) => x.Rank == rank ? x
        : throw new UnsupportedModelException($"{use.ClassName} takes a value of {rank} axes, and gets {x}.");

    /// <summary>The places of a value in another order, axis by axis after the first; -1 is a place of zeros.</summary>
    /// <param name="x"><c>(b, …, x)</c>.</param>
    /// <param name="places">The places of each axis between the first and the last.</param>
    public static NumericArray Gathered(NumericArray x, IReadOnlyList<int[]> places)
    {
        for (var axis = 0; axis < places.Count; axis++)
        {
            var (source, length, own) = (x.ToDoubles(), x.Dimensions[axis + 1], places[axis]);
            var width = x.Dimensions.Skip(axis + 2).Aggregate(1, (product, one) => product * one);
            var result = new double[checked(source.Length / Math.Max(1, length) * own.Length)];
            for (var k = 0; k < result.Length / Math.Max(1, width); k++)
            {
                if (own[k % own.Length] is >= 0 and var place)
                {
                    source.AsSpan(((k / own.Length * length) + place) * width, width).CopyTo(result.AsSpan(k * width));
                }
            }

            x = NumericArray.From(result, x.Precision, [.. x.Dimensions.Select((one, k) => k == axis + 1 ? own.Length : one)]);
        }

        return x;
    }

    /// <summary>A value with some axes last, the change of them, and the axes back in their places.</summary>
    /// <param name="x">The value.</param>
    /// <param name="axes">The axes; negative ones from the end.</param>
    /// <param name="change">The change, which leaves the shape.</param>
    public static NumericArray OnAxes(NumericArray x, IReadOnlyList<int> axes, Func<NumericArray, NumericArray> change)
    {
        int[] last = [.. axes.Select(axis => axis < 0 ? axis + x.Rank : axis)];
        int[] order = [.. Enumerable.Range(0, x.Rank).Except(last), .. last];
        return order.SequenceEqual(Enumerable.Range(0, x.Rank)) ? change(x)
            : Permuted(change(Permuted(x, order)), [.. Enumerable.Range(0, x.Rank).Select(one => Array.IndexOf(order, one))]);
    }

    /// <summary>The same values with axes in another order.</summary>
    /// <param name="x">The value.</param>
    /// <param name="axes">For each axis of the result, that of the value.</param>
    public static NumericArray Permuted(NumericArray x, IReadOnlyList<int> axes)
    {
        var (lengths, source) = (axes.Select(axis => x.Dimensions[axis]).ToArray(), x.ToDoubles());
        var strides = new int[x.Rank];
        for (var (axis, stride) = (x.Rank - 1, 1); axis >= 0; axis--)
        {
            (strides[axis], stride) = (stride, stride * x.Dimensions[axis]);
        }

        var (result, at) = (new double[source.Length], new int[lengths.Length]);
        for (var k = 0; k < result.Length; k++)
        {
            var place = 0;
            for (var axis = 0; axis < at.Length; axis++)
            {
                place += at[axis] * strides[axes[axis]];
            }

            result[k] = source[place];
            for (var axis = at.Length - 1; axis >= 0 && ++at[axis] == lengths[axis]; axis--)
            {
                at[axis] = 0;
            }
        }

        return NumericArray.From(result, x.Precision, lengths);
    }
}
