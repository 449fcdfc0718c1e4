using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>Moves elements: every operation that only puts them elsewhere is a start and a step for each axis of the result.</summary>
internal static class Strided
{
    /// <summary>The step of each axis in C order.</summary>
    public static int[] Steps(ReadOnlySpan<int> shape)
    {
        var steps = new int[shape.Length];
        for (var (axis, step) = (shape.Length - 1, 1); axis >= 0; axis--)
        {
            steps[axis] = step;
            step = unchecked(step * shape[axis]);
        }

        return steps;
    }

    /// <summary>A value whose elements are taken from another's.</summary>
    /// <param name="at">The node.</param>
    /// <param name="value">The other value.</param>
    /// <param name="start">Where its first element lies.</param>
    /// <param name="steps">The step in the other value for each axis of the result; 0 repeats, negative ones go backward.</param>
    /// <param name="shape">The result's shape.</param>
    public static GraphValue Take(Call at, GraphValue value, int start, int[] steps, int[] shape)
    {
        var result = at.NewLike(value, shape);
        Copy(value.Data, start, steps, shape, result.Data);
        return result;
    }

    /// <summary>Fills an array in C order.</summary>
    public static void Copy(Array source, int start, int[] steps, int[] shape, Array target)
    {
        switch (source)
        {
            case float[] values:
                Copy(values, start, steps, shape, (float[])target);
                break;
            case double[] values:
                Copy(values, start, steps, shape, (double[])target);
                break;
            case long[] values:
                Copy(values, start, steps, shape, (long[])target);
                break;
            case bool[] values:
                Copy(values, start, steps, shape, (bool[])target);
                break;
            default:
                Copy((byte[][])source, start, steps, shape, (byte[][])target);
                break;
        }
    }

    private static void Copy<T>(T[] source, int start, int[] steps, int[] shape, T[] target)
    {
        if (target.Length == 0)
        {
            return;
        }

        if (shape.Length == 0)
        {
            target[0] = source[start];
            return;
        }

        // Axes that lie behind each other in both are one.
        var (last, width) = (shape.Length - 1, shape[^1]);
        var step = width == 1 ? 1 : steps[^1];
        while (step == 1 && last > 0 && steps[last - 1] == width)
        {
            width *= shape[--last];
        }

        var index = new int[last];
        for (var (at, from) = (0, start); at < target.Length; at += width)
        {
            if (step == 1)
            {
                source.AsSpan(from, width).CopyTo(target.AsSpan(at, width));
            }
            else if (step == 0)
            {
                target.AsSpan(at, width).Fill(source[from]);
            }
            else
            {
                for (var k = 0; k < width; k++)
                {
                    target[at + k] = source[from + (k * step)];
                }
            }

            for (var axis = last - 1; axis >= 0; axis--)
            {
                from += steps[axis];
                if (++index[axis] < shape[axis])
                {
                    break;
                }

                from -= steps[axis] * shape[axis];
                index[axis] = 0;
            }
        }
    }
}
