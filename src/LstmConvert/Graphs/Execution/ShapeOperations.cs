using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>The form of values: asked for, changed, axes exchanged, repeated.</summary>
internal static class ShapeOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["Shape"] = Call.One(at => ShapeOf(at, at[0])),
        ["ShapeN"] = at => [.. at.From(0).Select(value => ShapeOf(at, value))],
        ["Rank"] = Call.One(at => GraphValue.Of(DType.Int32, at[0].Rank)),
        ["Size"] = Call.One(at => GraphValue.Of(at.Node.Type("out_type", DType.Int32), at[0].Count)),
        ["Reshape"] = Call.One(at => Reshape(at, at[0], at.Ints(1))),
        ["ExpandDims"] = Call.One(ExpandDims),
        ["Squeeze"] = Call.One(Squeeze),
        ["Transpose"] = Call.One(at => Transposed(at, at[0], at.Ints(1))),
        ["InvertPermutation"] = Call.One(Inverse),
        ["Tile"] = Call.One(Tile),
        ["BroadcastTo"] = Call.One(at => BroadcastTo(at, at[0], at.Ints(1))),
        ["BroadcastArgs"] = Call.One(at => Numbers(at[0].Type, new Arrays.Broadcast(at.Ints(0), at.Ints(1)).Dimensions)),
        ["EnsureShape"] = Call.One(at => at[0]),
    };

    /// <summary>A vector of whole numbers.</summary>
    public static GraphValue Numbers(DType type, IReadOnlyCollection<int> numbers) =>
        GraphValue.Of(type, [numbers.Count], numbers.Select(number => (long)number).ToArray());

    /// <summary>The lengths of a value's axes.</summary>
    public static GraphValue ShapeOf(Call at, GraphValue value) => Numbers(at.Node.Type("out_type", DType.Int32), value.Shape);

    /// <summary>The same elements under another shape, of which one length may be left open (-1).</summary>
    public static GraphValue Reshape(Call at, GraphValue value, int[] shape)
    {
        var (open, product) = (Array.IndexOf(shape, -1), 1L);
        foreach (var length in shape.Where((_, axis) => axis != open))
        {
            product = length < 0 || product > int.MaxValue ? throw at.Misfit("its shape cannot be") : product * length;
        }

        int[] whole =
            open < 0
                ? shape
                :
                [
                    .. shape.Select(
                        (length, axis) =>
                            axis == open
                                ? product == 0
                                    ? 0
                                    : (int)(value.Count / product)
                                : length),
                ];
        return
            whole.Length <= GraphValue.MaximumRank
            && whole.Aggregate(1L, (all, length) => Math.Min(all * length, int.MaxValue)) == value.Count
            ? value.WithShape(whole)
            : throw at.Misfit($"{value} does not become ({string.Join(", ", shape)})");
    }

    /// <summary>Axes in another order.</summary>
    public static GraphValue Transposed(Call at, GraphValue value, int[] order)
    {
        if (
            order.Length != value.Rank
            || order.Distinct().Count() != order.Length
            || order.Any(axis => axis < -value.Rank || axis >= value.Rank))
        {
            throw at.Misfit($"({string.Join(", ", order)}) is no order of the axes of {value}");
        }

        if (order.Index().All(one => one.Index == one.Item))
        {
            return value;
        }

        var steps = Strided.Steps(value.Shape);
        return Strided.Take(
            at,
            value,
            0,
            [.. order.Select(axis => steps[axis < 0 ? axis + value.Rank : axis])],
            [.. order.Select(axis => value.Shape[axis < 0 ? axis + value.Rank : axis])]);
    }

    /// <summary>A value repeated along axes of length 1 and new ones.</summary>
    public static GraphValue BroadcastTo(Call at, GraphValue value, int[] shape) =>
        value.Shape.AsSpan().SequenceEqual(shape) ? value : Strided.Take(at, value, 0, BroadcastSteps(at, value.Shape, shape), shape);

    /// <summary>The steps through a value that is repeated to a larger shape.</summary>
    public static int[] BroadcastSteps(Call at, int[] from, int[] to)
    {
        var (steps, own) = (new int[to.Length], Strided.Steps(from));
        for (var axis = 0; axis < from.Length; axis++)
        {
            var target = to.Length - from.Length + axis;
            if (target < 0 || (from[axis] != 1 && from[axis] != to[target]))
            {
                throw at.Misfit($"({string.Join(", ", from)}) does not broadcast to ({string.Join(", ", to)})");
            }

            steps[target] = from[axis] == 1 ? 0 : own[axis];
        }

        return steps;
    }

    private static GraphValue ExpandDims(Call at)
    {
        var axis = at.Axis(at[1].Integers[0], at[0].Rank + 1);
        return at[0].WithShape([.. at[0].Shape[..axis], 1, .. at[0].Shape[axis..]]);
    }

    private static GraphValue Squeeze(Call at)
    {
        var value = at[0];
        var axes = at.Node.Has("squeeze_dims") ? at.Node.Ints("squeeze_dims") : at.Node.Ints("axis");
        var dropped = axes.Select(axis => at.Axis(axis, value.Rank)).ToHashSet();
        return dropped.Any(axis => value.Shape[axis] != 1) ? throw at.Misfit($"an axis of {value} that is dropped is not 1")
            : value.WithShape([.. value.Shape.Where((length, axis) => dropped.Count > 0 ? !dropped.Contains(axis) : length != 1)]);
    }

    private static GraphValue Inverse(Call at)
    {
        var order = at.Ints(0);
        var inverse = new int[order.Length];
        for (var k = 0; k < order.Length; k++)
        {
            inverse[order[k]] = k;
        }

        return Numbers(at[0].Type, inverse);
    }

    private static GraphValue Tile(Call at)
    {
        var (value, times) = (at[0], at.Ints(1));
        int[] shape = [.. value.Shape.Zip(times, (length, count) => checked(length * count))];
        if (times.Length != value.Rank)
        {
            throw at.Misfit($"it repeats {value} along {times.Length} axes");
        }

        // Each axis becomes two: how often, and the axis.
        _ = at.Run.Budget.Count(shape);
        var steps = Strided.Steps(value.Shape);
        var (all, lengths) = (new int[2 * times.Length], new int[2 * times.Length]);
        for (var axis = 0; axis < times.Length; axis++)
        {
            (all[2 * axis], all[(2 * axis) + 1]) = (0, steps[axis]);
            (lengths[2 * axis], lengths[(2 * axis) + 1]) = (times[axis], value.Shape[axis]);
        }

        return Strided.Take(at, value, 0, all, lengths).WithShape(shape);
    }
}
