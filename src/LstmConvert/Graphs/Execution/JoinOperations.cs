namespace LstmConvert.Graphs.Execution;

/// <summary>Values put together and cut apart along an axis.</summary>
internal static class JoinOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["Concat"] = Call.One(at => Concatenated(at, at.From(1), at.Int(0))),
        ["ConcatV2"] = Call.One(at => Concatenated(at, at.From(0, at.Count - 1), at.Int(at.Count - 1))),
        ["Pack"] = Call.One(at => Stacked(at, at.From(0), at.Node.Int("axis"))),
        ["Unpack"] = at => Unstacked(at, at[0], at.Node.Int("axis")),
        ["Split"] = at => Split(at, at[1], at.Axis(at[0].Integers[0], at[1].Rank), at.Node.Int("num_split", 1)),
        ["SplitV"] = at => Cut(at, at[0], at.Axis(at[2].Integers[0], at[0].Rank), at.Ints(1)),
        ["ParallelConcat"] = Call.One(at => Concatenated(at, at.From(0), 0)),
    };

    /// <summary>The product of the lengths from an axis on.</summary>
    public static int Product(ReadOnlySpan<int> shape, int first)
    {
        var product = 1;
        foreach (var length in shape[first..])
        {
            product = checked(product * length);
        }

        return product;
    }

    /// <summary>Values beside each other along an axis.</summary>
    public static GraphValue Concatenated(Call at, IReadOnlyList<GraphValue> parts, int axis)
    {
        var first = parts[0];
        axis = at.Axis(axis, first.Rank);
        var total = 0;
        foreach (var part in parts)
        {
            total = checked(
                total + (part.Rank == first.Rank ? part.Shape[axis] : throw at.Misfit($"{part} and {first} do not go beside each other")));
            for (var k = 0; k < first.Rank; k++)
            {
                _ = k == axis || part.Shape[k] == first.Shape[k] ? 0 : throw at.Misfit($"{part} and {first} do not go beside each other");
            }
        }

        var result = at.NewLike(first, [.. first.Shape[..axis], total, .. first.Shape[(axis + 1)..]]);
        var (rows, inner, start) = (Product(first.Shape.AsSpan(0, axis), 0), Product(first.Shape, axis + 1), 0);
        foreach (var part in parts)
        {
            var width = part.Shape[axis] * inner;
            for (var row = 0; row < rows; row++)
            {
                Array.Copy(part.Data, row * width, result.Data, (row * total * inner) + start, width);
            }

            start += width;
        }

        return result;
    }

    /// <summary>Values behind each other along a new axis.</summary>
    public static GraphValue Stacked(Call at, IReadOnlyList<GraphValue> parts, int axis)
    {
        axis = at.Axis(axis, parts[0].Rank + 1);
        return Concatenated(
            at,
            [
                .. parts.Select(part =>
                    part.WithShape([.. part.Shape[..Math.Min(axis, part.Rank)], 1, .. part.Shape[Math.Min(axis, part.Rank)..]])),
            ],
            axis);
    }

    /// <summary>The values along an axis, which goes away.</summary>
    public static GraphValue[] Unstacked(Call at, GraphValue value, int axis)
    {
        axis = at.Axis(axis, value.Rank);
        return
        [
            .. Split(at, value, axis, value.Shape[axis])
                .Select(part => part.WithShape([.. value.Shape[..axis], .. value.Shape[(axis + 1)..]])),
        ];
    }

    private static GraphValue[] Split(Call at, GraphValue value, int axis, int count) =>
        count > 0 && count <= value.Shape[axis] && value.Shape[axis] % count == 0
            ? Cut(at, value, axis, [.. Enumerable.Repeat(value.Shape[axis] / count, count)])
        : count == 0 && value.Shape[axis] == 0 ? []
        : throw at.Misfit($"{value} has no {count} equal parts along axis {axis}");

    private static GraphValue[] Cut(Call at, GraphValue value, int axis, int[] sizes)
    {
        var open = Array.IndexOf(sizes, -1);
        if (open >= 0)
        {
            sizes = [.. sizes];
            sizes[open] = value.Shape[axis] - sizes.Where((_, k) => k != open).Sum();
        }

        if (sizes.Any(size => size < 0) || sizes.Sum(size => (long)size) != value.Shape[axis])
        {
            throw at.Misfit($"the parts ({string.Join(", ", sizes)}) are not axis {axis} of {value}");
        }

        // A part takes memory even where it has no elements.
        _ = at.Run.Budget.Count([checked(16 * sizes.Length)]);
        var parts = new GraphValue[sizes.Length];
        var (rows, inner, start) = (Product(value.Shape.AsSpan(0, axis), 0), Product(value.Shape, axis + 1), 0);
        for (var k = 0; k < parts.Length; k++)
        {
            parts[k] = at.NewLike(value, [.. value.Shape[..axis], sizes[k], .. value.Shape[(axis + 1)..]]);
            var width = sizes[k] * inner;
            for (var row = 0; row < rows; row++)
            {
                Array.Copy(value.Data, (row * value.Shape[axis] * inner) + start, parts[k].Data, row * width, width);
            }

            start += width;
        }

        return parts;
    }
}
