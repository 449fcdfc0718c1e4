namespace LstmConvert.Graphs.Reading;

/// <summary>Along which axis a program that unrolls its steps cuts its sequence.</summary>
/// <param name="Whole">The value whose parts are cut out in the end.</param>
/// <param name="Axis">The axis, from 0.</param>
/// <param name="Turned">A node on the way that turns the sequence around along another axis, or null.</param>
internal sealed record CutAxis(Output Whole, long Axis, GraphNode? Turned)
{
    /// <summary>Nodes between a cut and what is cut; a program has half a dozen.</summary>
    private const int MaximumMoves = 64;

    /// <summary>Follows a sequence back from where it is cut; null for a node that does not cut, or counts its axis from the end.</summary>
    /// <param name="cut">The node.</param>
    public static CutAxis? Of(GraphNode cut)
    {
        var axis = cut.Attribute("axis")?.I ?? 0;
        if (cut.Op != "Unpack" || axis < 0 || GraphVariables.Behind(cut.Input(0)) is not { } at)
        {
            return null;
        }

        for (var moves = 0; moves < MaximumMoves; moves++)
        {
            if (TurnedAlong(at.Node) is { } along && along != axis)
            {
                return new(at, axis, at.Node);
            }

            if (Before(at.Node, axis) is not { } before)
            {
                break;
            }

            (at, axis) = before;
        }

        return new(at, axis, null);
    }

    /// <summary>The value that a node moves, and which of its axes becomes the given one; null where following ends.</summary>
    private static (Output, long)? Before(GraphNode node, long axis)
    {
        var (from, was) =
            TurnedAlong(node) is not null ? (node.Input(0), axis)
            : node.Op == "Transpose" && GraphVariables.Integers(node.Input(1)) is { } order && axis < order.Count
                ? (node.Input(0), order[(int)axis])
            : node.Op == "Pack"
            && (node.Attribute("axis")?.I ?? 0) == axis
            && GraphVariables.Behind(node.Input(0)) is { Node: { Op: "Unpack" } parts }
                ? (parts.Input(0), parts.Attribute("axis")?.I ?? 0)
            : (null, -1);
        return was >= 0 && GraphVariables.Behind(from) is { } behind ? (behind, was) : null;
    }

    private static long? TurnedAlong(GraphNode node) => node.Op switch
    {
        "ReverseSequence" => node.Attribute("seq_dim")?.I ?? 0,
        "ReverseV2" when GraphVariables.Integers(node.Input(1)) is [>= 0 and var only] => only,
        _ => null,
    };
}
