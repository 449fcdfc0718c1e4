namespace LstmConvert.Graphs.Execution;

/// <summary>Parts of values, and edges around them.</summary>
internal static class SliceOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["Slice"] = Call.One(Slice),
        ["StridedSlice"] = Call.One(StridedSlice),
        ["Pad"] = Call.One(at => Padded(at, null)),
        ["PadV2"] = Call.One(at => Padded(at, at[2])),
    };

    private static GraphValue Slice(Call at)
    {
        var (value, begin, size) = (at[0], at.Ints(1), at.Ints(2));
        var (steps, start, shape) = (Strided.Steps(value.Shape), 0, new int[value.Rank]);
        for (var axis = 0; axis < shape.Length; axis++)
        {
            shape[axis] = size[axis] < 0 ? value.Shape[axis] - begin[axis] : size[axis];
            if (begin[axis] < 0 || shape[axis] < 0 || (long)begin[axis] + shape[axis] > value.Shape[axis])
            {
                throw at.Misfit($"the part from {begin[axis]}, {size[axis]} long, is not in axis {axis} of {value}");
            }

            start += begin[axis] * steps[axis];
        }

        return Strided.Take(at, value, start, steps, shape);
    }

    /// <summary>NumPy's slices (tensorflow/core/util/strided_slice_op.cc): masks say where a begin or an end is left open, an axis is new,
    /// goes away, or stands for all that are not named.</summary>
    private static GraphValue StridedSlice(Call at)
    {
        var (value, begins, ends, strides) = (at[0], at.Ints(1), at.Ints(2), at.Ints(3));
        bool Has(string mask, int k) => (at.Node.Int(mask) >> k & 1) == 1;
        var (own, steps, shape, start, axis) = (Strided.Steps(value.Shape), new List<int>(), new List<int>(), 0L, 0);
        var ellipsis = Enumerable.Range(0, begins.Length).Select(k => (int?)k).FirstOrDefault(k => Has("ellipsis_mask", k!.Value));
        var named = Enumerable.Range(0, begins.Length).Count(k => k != ellipsis && !(Has("new_axis_mask", k)));
        void Whole(int count)
        {
            for (; count > 0; count--, axis++)
            {
                steps.Add(own[axis]);
                shape.Add(value.Shape[axis]);
            }
        }

        for (var k = 0; k < begins.Length; k++)
        {
            if (k == ellipsis)
            {
                Whole(value.Rank - named);
            }
            else if (Has("new_axis_mask", k))
            {
                steps.Add(0);
                shape.Add(1);
            }
            else
            {
                var (length, stride) = (value.Shape[axis], strides[k]);
                var (first, count) = Bounds(length, begins[k], ends[k], stride, Has("begin_mask", k), Has("end_mask", k));
                if (Has("shrink_axis_mask", k))
                {
                    var index = begins[k] < 0 ? begins[k] + length : begins[k];
                    start +=
                        index >= 0 && index < length
                            ? (long)index * own[axis]
                            : throw at.Misfit($"index {begins[k]} is not in axis {axis} of {value}");
                }
                else
                {
                    start += count > 0 ? (long)first * own[axis] : 0;
                    steps.Add(unchecked(own[axis] * stride));
                    shape.Add(count);
                }

                axis++;
            }
        }

        Whole(value.Rank - axis);
        return Strided.Take(at, value, (int)start, [.. steps], [.. shape]);
    }

    private static (int First, int Count) Bounds(int length, int begin, int end, int stride, bool isBeginOpen, bool isEndOpen)
    {
        if (stride == 0)
        {
            throw new ArgumentException("The step of a slice is 0.");
        }

        var (low, high) = stride > 0 ? (0, length) : (-1, length - 1);
        long Within(long index) => Math.Clamp(index < 0 ? index + length : index, low, high);
        var first = isBeginOpen ? stride > 0 ? low : high : Within(begin);
        var last = isEndOpen ? stride > 0 ? high : low : Within(end);
        var count = (last - first + stride - Math.Sign(stride)) / stride;
        return ((int)first, (int)Math.Max(0, count));
    }

    private static GraphValue Padded(Call at, GraphValue? element)
    {
        var (value, paddings) = (at[0], at.Ints(1));
        return Padded(
            at,
            value,
            [.. Enumerable.Range(0, value.Rank).Select(axis => (paddings[2 * axis], paddings[(2 * axis) + 1]))],
            element);
    }

    /// <summary>A value with more elements before and behind those of each axis.</summary>
    public static GraphValue Padded(Call at, GraphValue value, (int Before, int Behind)[] paddings, GraphValue? element)
    {
        if (paddings.Any(one => one.Before < 0 || one.Behind < 0))
        {
            throw at.Misfit("its edges are negative");
        }

        int[] shape = [.. value.Shape.Select((length, axis) => checked(length + paddings[axis].Before + paddings[axis].Behind))];
        var result = element is null ? at.NewLike(value, shape) : ConstantOperations.Filled(at, shape, element);
        if (value.Count == 0)
        {
            return result;
        }

        var (steps, width, rows) = (
            Strided.Steps(shape),
            value.Rank == 0 ? 1 : value.Shape[^1],
            value.Rank == 0 ? 1 : value.Count / value.Shape[^1]);
        for (var row = 0; row < rows; row++)
        {
            var target = value.Rank == 0 ? 0 : paddings[^1].Before;
            for (var (axis, rest) = (value.Rank - 2, row); axis >= 0; axis--)
            {
                target += ((rest % value.Shape[axis]) + paddings[axis].Before) * steps[axis];
                rest /= value.Shape[axis];
            }

            Array.Copy(value.Data, row * width, result.Data, target, width);
        }

        return result;
    }
}
