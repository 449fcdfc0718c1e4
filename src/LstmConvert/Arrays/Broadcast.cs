using System.Numerics;

namespace LstmConvert.Arrays;

/// <summary>
/// How two shapes meet, by NumPy's rule: aligned at the last axis, an axis of length 1 (or one that is not there) is repeated.
/// The last axis is done at once, the others are walked.
/// </summary>
internal sealed class Broadcast
{
    private readonly bool isSameShape;
    private readonly int[] leftSteps;
    private readonly int[] rightSteps;
    private readonly int leftWidth;
    private readonly int rightWidth;

    /// <summary>Plans it.</summary>
    /// <param name="left">The one shape.</param>
    /// <param name="right">The other.</param>
    /// <exception cref="ArgumentException">An axis has two lengths, neither of them 1.</exception>
    public Broadcast(int[] left, int[] right)
    {
        isSameShape = left.AsSpan().SequenceEqual(right);
        if (isSameShape)
        {
            (Dimensions, leftSteps, rightSteps) = (left, [], []);
            return;
        }

        var rank = Math.Max(1, Math.Max(left.Length, right.Length));
        (Dimensions, leftSteps, rightSteps) = (new int[rank], Steps(left, rank), Steps(right, rank));
        for (var axis = 0; axis < rank; axis++)
        {
            var (a, b) = (At(left, axis, rank), At(right, axis, rank));
            if (a != b && a != 1 && b != 1)
            {
                throw new ArgumentException($"Shapes ({string.Join(", ", left)}) and ({string.Join(", ", right)}) do not broadcast.");
            }

            Dimensions[axis] = a == 1 ? b : a;
        }

        (leftWidth, rightWidth) = (At(left, rank - 1, rank), At(right, rank - 1, rank));
    }

    /// <summary>The shape of the result.</summary>
    public int[] Dimensions { get; }

    /// <summary>Combines the elements.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <typeparam name="TOperation">What to compute.</typeparam>
    /// <param name="left">The one array.</param>
    /// <param name="right">The other.</param>
    /// <param name="result">The result, in C order.</param>
    public void Apply<T, TOperation>(ReadOnlySpan<T> left, ReadOnlySpan<T> right, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T>
        where TOperation : IBinary
    {
        if (isSameShape)
        {
            TOperation.Invoke(left, right, result);
            return;
        }

        var width = Dimensions[^1];
        Span<int> index = stackalloc int[Dimensions.Length];
        for (var at = 0; at < result.Length; at += width)
        {
            var (a, b) = (Offset(index, leftSteps), Offset(index, rightSteps));
            var target = result.Slice(at, width);
            if (leftWidth == rightWidth)
            {
                TOperation.Invoke(left.Slice(a, width), right.Slice(b, width), target);
            }
            else if (rightWidth == 1)
            {
                TOperation.Invoke(left.Slice(a, width), right[b], target);
            }
            else
            {
                TOperation.Invoke(left[a], right.Slice(b, width), target);
            }

            for (var axis = index.Length - 2; axis >= 0 && ++index[axis] == Dimensions[axis]; axis--)
            {
                index[axis] = 0;
            }
        }
    }

    private static int At(int[] dimensions, int axis, int rank) =>
        axis < rank - dimensions.Length ? 1 : dimensions[axis - rank + dimensions.Length];

    private static int[] Steps(int[] dimensions, int rank)
    {
        var steps = new int[rank];
        var step = 1;
        for (var axis = rank - 1; axis >= 0; axis--)
        {
            var length = At(dimensions, axis, rank);
            steps[axis] = length == 1 ? 0 : step;
            step *= length;
        }

        return steps;
    }

    private static int Offset(ReadOnlySpan<int> index, int[] steps)
    {
        var offset = 0;
        for (var axis = 0; axis < index.Length - 1; axis++)
        {
            offset += index[axis] * steps[axis];
        }

        return offset;
    }
}
