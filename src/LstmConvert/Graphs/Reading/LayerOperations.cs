using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Graphs.Reading;

/// <summary>What stands around cells in programs: tables, dense layers, dropout, the last step of a sequence, other forms of the same
/// values.</summary>
internal static class LayerOperations
{
    private const int MaximumSteps = 16;

    /// <summary>Nodes that are looked at to know where indices come from.</summary>
    private const int MaximumNodesOfIndices = 64;

    /// <summary>The table and the numbers that are looked up in it; null for any other node.</summary>
    public static (Output Table, Output Ids)? Lookup(GraphNode node) =>
        node.Op is "Gather" or "GatherV2" or "ResourceGather" && node.Input(0) is { } table && node.Input(1) is { } ids
            && (node.Inputs.Count < 3 || GraphVariables.Scalar(node.Input(2)) is { Value: 0 })
            ? (table, ids) : null;

    /// <summary>A matrix behind moves that leave it as it is: a dense layer on three axes gives its kernel another form first.</summary>
    public static Output? Matrix(Output? output)
    {
        for (var step = 0; step < MaximumSteps && GraphVariables.Behind(output) is { Node: var node }; step++)
        {
            if (node.Op is not ("Reshape" or "Cast") && !(node.Op == "Transpose" && GraphVariables.Integers(node.Input(1)) is [0, 1]))
            {
                break;
            }

            output = node.Input(0);
        }

        return output;
    }

    /// <summary>The value in a dropout: what is scaled and multiplied with random zeros and ones; null for any other node.</summary>
    public static Output? Dropped(GraphNode node)
    {
        for (var k = 0; node.Op == "Mul" && k < 2; k++)
        {
            if (node.Input(1 - k) is { } value && DataEdges.IsRandomMask(node.Input(k)))
            {
                return GraphVariables.Behind(value) is { Node: { Op: "RealDiv" or "Mul" } scale } && scale.Inputs.Count == 2
                    ? Unscaled(scale) ?? value
                    : value;
            }
        }

        return null;
    }

    /// <summary>The number of axes of a new form, and its last length where it is constant; null for nodes that give no new form.</summary>
    public static (int? Rank, long? Last)? Form(GraphNode node)
    {
        if (node.Op != "Reshape")
        {
            return null;
        }

        if (GraphVariables.Integers(node.Input(1)) is { Count: > 0 } lengths)
        {
            return (lengths.Count, lengths[^1] > 0 ? lengths[^1] : null);
        }

        return GraphVariables.Behind(node.Input(1)) is { Node: { Op: "Pack" } pack } && pack.Inputs.Count > 0
            ? (pack.Inputs.Count, GraphVariables.Scalar(pack.Inputs[^1]) is { Value: > 0 and var last } ? (long)last : null)
            : (null, null);
    }

    /// <summary>True for a node that gives the same values with batch and time exchanged, or as they are.</summary>
    public static bool IsTurnOfAxes(GraphNode node) =>
        node.Op == "Transpose" && (GraphVariables.Integers(node.Input(1)) is not { } order || order is [1, 0, 2] or [0, 1, 2] or [0, 1]);

    /// <summary>True for an activation with a slope of its own, not the operation's.</summary>
    public static bool HasSlope(GraphNode node) => node.Attribute("alpha") is { ValueCase: AttrValue.ValueOneofCase.F, F: not 0.2f };

    /// <summary>True for another type of the same numbers.</summary>
    public static bool IsCast(GraphNode node) => node.Op == "Cast";

    /// <summary>True where a loop hands out a whole value: its last one, all of its steps, or one of two by a condition.</summary>
    public static bool LeavesLoop(GraphNode node) => DataEdges.IsExit(node) || DataEdges.IsAlternative(node) || IsGathered(node);

    /// <summary>True where a loop hands out the values of all steps.</summary>
    public static bool IsGathered(GraphNode node) =>
        node.Op is "TensorListStack" or "TensorArrayPack" || node.Op.StartsWith("TensorArrayGather", StringComparison.Ordinal);

    /// <summary>True where values of single steps are put behind each other.</summary>
    public static bool IsStack(GraphNode node) => node.Op is "Pack" or "Stack";

    /// <summary>The axis along which values are put together; null where that does not stand in the graph.</summary>
    public static int? JoinAxis(GraphNode node) =>
        GraphVariables.Scalar(node.Op == "Concat" ? node.Input(0) : node.Inputs[^1]) is { } axis ? (int)axis.Value : null;

    /// <summary>True if a node takes the last place along one of the first two axes, and everything along the others.</summary>
    public static bool IsLastStep(GraphNode node)
    {
        if (node.Op != "StridedSlice" || GraphVariables.Integers(node.Input(1)) is not { } begin || begin.Count > 3)
        {
            return false;
        }

        long Mask(string name) => node.Attribute(name) is { ValueCase: AttrValue.ValueOneofCase.I } value ? value.I : 0;
        var (shrunk, all) = (Mask("shrink_axis_mask"), Mask("begin_mask") & Mask("end_mask"));
        var taken = Enumerable.Range(0, begin.Count).Where(axis => (all >> axis & 1) == 0).ToArray();
        return Mask("ellipsis_mask") == 0
            && Mask("new_axis_mask") == 0
            && taken is [0 or 1]
            && shrunk == 1L << taken[0]
            && begin[taken[0]] == -1;
    }

    /// <summary>True if a node takes the last step of each row by the rows' lengths: indices of a range and of lengths less one.</summary>
    public static bool IsLastOfLengths(GraphNode node)
    {
        if (node.Op is not ("Gather" or "GatherV2" or "GatherNd"))
        {
            return false;
        }

        var (todo, seen, hasRange, hasLess) = (new Queue<Output?>([node.Input(1)]), new HashSet<GraphNode>(), false, false);
        while (todo.TryDequeue(out var next) && seen.Count < MaximumNodesOfIndices)
        {
            if (GraphVariables.Behind(next) is not { Node: var at } || !seen.Add(at))
            {
                continue;
            }

            hasRange |= at.Op == "Range";
            hasLess |= at.Op == "Sub" && GraphVariables.Scalar(at.Input(1)) is { Value: 1 };
            foreach (var input in at.Op is "Range" or "Shape" ? [] : at.Inputs)
            {
                todo.Enqueue(input);
            }
        }

        return hasRange && hasLess;
    }

    /// <summary>What is divided by, or multiplied with, the probability to keep a value.</summary>
    private static Output? Unscaled(GraphNode scale)
    {
        for (var k = 0; k < 2; k++)
        {
            if (!(scale.Op == "RealDiv" && k == 0) && scale.Input(1 - k) is { } value && DataEdges.IsScale(scale.Input(k)))
            {
                return value;
            }
        }

        return null;
    }
}
