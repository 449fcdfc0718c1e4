namespace LstmConvert.Graphs.Reading;

/// <summary>An output of a node, or the part of it that splits and slices on the way left of it.</summary>
/// <param name="At">The output, behind what changes nothing.</param>
/// <param name="Parts">The parts that are cut from it, the first cut first; null for the whole of it.</param>
internal readonly record struct Place(Output At, PartList? Parts);

/// <summary>Parts that are cut one from the other.</summary>
internal sealed record PartList(Part First, PartList? Rest);

/// <summary>A part along one axis: block <c>Begin</c> of <c>Count</c>, or from <c>Begin</c> to <c>End</c>.</summary>
/// <param name="Axis">The axis, or <see cref="LastAxis"/>.</param>
/// <param name="Begin">Number of the block, or the first index.</param>
/// <param name="End">The index behind the last one, or <see cref="Open"/>; not used of blocks.</param>
/// <param name="Count">Number of blocks; 0 for a slice.</param>
internal sealed record Part(int Axis, long Begin, long End, long Count)
{
    public const int LastAxis = -1;

    public const long Open = long.MaxValue;
}

/// <summary>The variables at a place, and which row and columns of them.</summary>
/// <param name="Names">The variables.</param>
/// <param name="Row">The row, or null for all.</param>
/// <param name="Begin">Where the columns begin, as a fraction of all.</param>
/// <param name="End">Where they end.</param>
internal sealed record VariablePart(IReadOnlyList<string> Names, int? Row, double Begin, double End)
{
    public bool IsWhole => Begin == 0 && End == 1;

    /// <summary>The rows from one on to another, where it has only some of several; null for all.</summary>
    public (long First, long End)? Rows { get; init; }
}

/// <summary>Walks back through operations that change nothing and through splits.</summary>
internal sealed class PlaceFinder(GraphVariables variables, int nodes)
{
    private const int MaximumSteps = 64;

    /// <summary>Steps for one node of the graph, all patterns together, beyond those that any graph may take.</summary>
    private const long StepsOfNode = 60;

    private const long StepsOfGraph = 30_000_000;

    private long stepsLeft = StepsOfGraph + (nodes * StepsOfNode);

    /// <summary>True once a graph needed more steps than any program's does.</summary>
    public bool IsExhausted => stepsLeft < 0;

    /// <summary>Counts what is done besides.</summary>
    public void Spend(int steps) => stepsLeft -= steps;

    private bool Spent(int steps)
    {
        Spend(steps);
        return true;
    }

    /// <summary>The place of an output.</summary>
    public Place Of(Output output, PartList? parts = null)
    {
        var at = output;
        for (var step = 0; step < MaximumSteps; step++)
        {
            stepsLeft--;
            at = GraphVariables.Behind(at) ?? at;
            var node = at.Node;
            if (node.Op is "Reshape" or "Squeeze" or "ExpandDims" or "Cast" or "EnsureShape" && node.Input(0) is { } same)
            {
                at = same;
            }
            else if (Cut(at) is { } cut)
            {
                // One part of one is the whole.
                parts = cut.Part.Count == 1 ? parts : new PartList(cut.Part, parts);
                at = cut.Whole;
            }
            else if (Operations.Concatenated(node) is { Count: < MaximumSteps } together && Alone(together) is { } alone)
            {
                at = alone;
            }
            else if (
                parts is { First: { Count: > 1, Axis: Part.LastAxis, Begin: var number } equal }
                && Operations.Concatenated(node) is { } joined
                && joined.Count == equal.Count
                && Spent(joined.Count)
                && IsOneSplit(joined))
            {
                (at, parts) = (joined[(int)number]!.Value, parts.Rest);
            }
            else if (parts is { First: var first } && IsRepeated(node, first) && node.Input(0) is { } repeated)
            {
                // Of copies beside each other each is the same.
                (at, parts) = (repeated, parts.Rest);
            }
            else
            {
                break;
            }
        }

        return new Place(at, parts);
    }

    /// <summary>The place of a node's input, as much of it as of the node's output.</summary>
    public Place? Of(Place place, int input) => place.At.Node.Input(input) is { } output ? Of(output, place.Parts) : null;

    /// <summary>The variables at a place; null if something is computed there.</summary>
    public VariablePart? VariableAt(Place place)
    {
        stepsLeft -= 4;
        var names = variables.Names(place.At);
        if (names.Count == 0)
        {
            return null;
        }

        var shape = GraphVariables.ShapeOf(place.At);
        var rank = shape?.Count;
        var (row, begin, end) = ((int?)null, 0.0, 1.0);
        (long First, long End)? rows = null;
        for (var parts = place.Parts; parts is not null; parts = parts.Rest)
        {
            var part = parts.First;
            if (part.Axis == 0 && rank > 1 && row is null)
            {
                if (part.Count == 0 && part.Begin == 0 && part.End == shape![0])
                {
                    continue;
                }

                if (part.Count == 0 && part.End != part.Begin + 1)
                {
                    // Rows of rows would have to be added up.
                    if (parts.Rest is { First.Axis: 0 })
                    {
                        return null;
                    }

                    rows = (part.Begin, part.End);
                    continue;
                }

                row = (int)part.Begin;
                continue;
            }

            var width = end - begin;
            if (part.Count > 0)
            {
                (begin, end) = (begin + (width * part.Begin / part.Count), begin + (width * (part.Begin + 1) / part.Count));
            }
            else if (shape is [.., > 0 and var columns])
            {
                (begin, end) = (begin + ((double)part.Begin / columns), part.End == Part.Open ? end : begin + ((double)part.End / columns));
            }
            else
            {
                return null;
            }
        }

        return new VariablePart(names, row, begin, end) { Rows = rows };
    }

    /// <summary>Which columns parts leave, as a fraction of all; null where that depends on how many there are.</summary>
    public static (double Begin, double End)? Columns(PartList? parts)
    {
        var (begin, end) = (0.0, 1.0);
        for (; parts is not null; parts = parts.Rest)
        {
            if (parts.First is not { Axis: Part.LastAxis, Count: > 0 and var count, Begin: var index })
            {
                return null;
            }

            var width = end - begin;
            (begin, end) = (begin + (width * index / count), begin + (width * (index + 1) / count));
        }

        return (begin, end);
    }

    /// <summary>True if a variable, or a part of one, stands behind an output.</summary>
    private bool IsVariable(Output? output)
    {
        for (var step = 0; step < 8 && GraphVariables.Behind(output) is { } at; step++)
        {
            stepsLeft--;
            if (at.Node.Op is not ("Split" or "SplitV" or "StridedSlice" or "Slice" or "Unpack"))
            {
                return variables.Names(at).Count > 0;
            }

            output = at.Node.Input(at.Node.Op == "Split" ? 1 : 0);
        }

        return false;
    }

    private (Output Whole, Part Part)? Cut(Output at)
    {
        var node = at.Node;
        (Output?, Part?) cut = node.Op switch
        {
            "Split" => (node.Input(1), new Part(Axis(node.Input(0)), at.Index, 0, node.Attribute("num_split")?.I ?? 0)),
            "SplitV" => (node.Input(0), Sized(node, at.Index)),
            "Unpack" => (node.Input(0), new Part((int)(node.Attribute("axis")?.I ?? 0), at.Index, 0, node.Attribute("num")?.I ?? 0)),
            "Slice" => (node.Input(0), Slice(node)),
            "StridedSlice" => (node.Input(0), StridedSlice(node)),
            _ => (null, null),
        };
        if (cut is not ({ } whole, { } part) || (part.Count <= 0 && part.End == 0))
        {
            return null;
        }

        // Along the first axis of what is computed lie rows or steps, not gates.
        var isVariable = IsVariable(whole);
        return isVariable ? (whole, part) : part.Axis == 0 || node.Op == "Unpack" ? null : (whole, part with { Axis = Part.LastAxis });
    }

    /// <summary>The only value among some that has columns at all; null where several have.</summary>
    private static Output? Alone(IReadOnlyList<Output?> together)
    {
        var some = together.Where(one => GraphVariables.ShapeOf(one) is not [_, 0]).Take(2).ToArray();
        return some is [{ } only] ? only : null;
    }

    /// <summary>True if a value stands beside itself along its last axis as often as there are parts.</summary>
    private static bool IsRepeated(GraphNode node, Part part) =>
        Operations.IsRepetition(node)
        && part is { Count: > 1, Axis: Part.LastAxis or 1 }
        && GraphVariables.Integers(node.Input(1)) is { } times
        && times[^1] == part.Count
        && times.SkipLast(1).All(one => one == 1);

    /// <summary>True if all come from one split into equal parts, and so are equally wide.</summary>
    private static bool IsOneSplit(IReadOnlyList<Output?> outputs) =>
        outputs.All(output => output?.Node is { Op: "Split" } split && split == outputs[0]!.Value.Node);

    private static int Axis(Output? output) =>
        GraphVariables.Integers(output) is [var axis] && axis is >= 0 and < 8 ? (int)axis : Part.LastAxis;

    /// <summary>A part of a split into parts of given sizes, of which one may be the rest.</summary>
    private static Part? Sized(GraphNode node, int index)
    {
        var axis = Axis(node.Input(2));
        if (GraphVariables.Integers(node.Input(1)) is not { } sizes || index >= sizes.Count)
        {
            return node.Attribute("num_split")?.I is > 0 and var count ? new Part(axis, index, 0, count) : null;
        }

        if (sizes.All(size => size == sizes[0]))
        {
            return new Part(axis, index, 0, sizes.Count);
        }

        var before = sizes.Take(index).ToArray();
        return before.Any(size => size < 0)
            ? null
            : new Part(axis, before.Sum(), sizes[index] < 0 ? Part.Open : before.Sum() + sizes[index], 0);
    }

    private static Part? Slice(GraphNode node)
    {
        if (
            GraphVariables.Integers(node.Input(1)) is not { } begins
            || (GraphVariables.Integers(node.Input(2)) ?? WithBatch(node.Input(2), begins)) is not { } sizes
            || begins.Count != sizes.Count)
        {
            return null;
        }

        var cut = Enumerable.Range(0, sizes.Count).Where(axis => begins[axis] != 0 || sizes[axis] != -1).ToArray();
        return cut is [var only] ? new Part(only, begins[only], sizes[only] < 0 ? Part.Open : begins[only] + sizes[only], 0) : null;
    }

    /// <summary>The sizes of a slice of as many rows as there are, which is known only as the program runs; null for any other
    /// sizes.</summary>
    private static List<long>? WithBatch(Output? sizes, IReadOnlyList<long> begins) =>
        GraphVariables.Behind(sizes)?.Node is { Op: "Pack", Inputs.Count: > 1 } pack
        && begins[0] == 0
        && pack.Inputs.Skip(1).Select(GraphVariables.Scalar).ToArray() is var others
        && others.All(size => size is not null)
            ? [-1, .. others.Select(size => (long)size!.Value.Value)]
            : null;

    private static Part? StridedSlice(GraphNode node)
    {
        if (
            GraphVariables.Integers(node.Input(1)) is not { } begins
            || GraphVariables.Integers(node.Input(2)) is not { } ends
            || begins.Count != ends.Count
            || GraphVariables.Integers(node.Input(3)) is not { } strides
            || strides.Any(stride => stride != 1))
        {
            return null;
        }

        long Mask(string name) => node.Attribute(name)?.I ?? 0;
        var (beginMask, endMask, shrink, ellipsis) = (
            Mask("begin_mask"),
            Mask("end_mask"),
            Mask("shrink_axis_mask"),
            Mask("ellipsis_mask"));
        if (Mask("new_axis_mask") != 0)
        {
            return null;
        }

        Part? only = null;
        for (var axis = 0; axis < begins.Count; axis++)
        {
            bool Has(long mask) => (mask >> axis & 1) == 1;
            var begin = Has(beginMask) ? 0 : begins[axis];
            var end = Has(shrink) ? begin + 1 : Has(endMask) ? Part.Open : ends[axis];
            if (Has(ellipsis) || (begin == 0 && end == Part.Open))
            {
                continue;
            }

            if (only is not null || begin < 0 || end < begin)
            {
                return null;
            }

            only = new Part(ellipsis != 0 ? Part.LastAxis : axis, begin, end, 0);
        }

        return only;
    }
}
