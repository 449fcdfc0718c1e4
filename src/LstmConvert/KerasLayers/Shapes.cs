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
