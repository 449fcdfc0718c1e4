using LstmConvert.Graphs.Execution;

namespace LstmConvert.Verification;

/// <summary>Values that a graph is fed beside its sample.</summary>
internal static class GraphFeeds
{
    /// <summary>One number in the shape that the graph states: a length for each row, a state of zeros; a scalar where it states
    /// none.</summary>
    /// <param name="program">The graph.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="value">The number.</param>
    /// <param name="batch">The length of a first axis that the graph leaves open.</param>
    public static GraphValue Spread(GraphProgram program, string tensor, double value, int batch)
    {
        var shape = program.ShapeOf(tensor) ?? [];
        int[] lengths = [.. shape.Select((length, axis) => length ?? (axis == 0 ? batch : 1))];
        var count = lengths.Aggregate(1L, (product, length) => product * length);
        return count > GraphProgram.MaximumFeed
            ? throw new UnreadableInputException(
                $"{program.Path} states that {tensor} has {count} elements, which is more than is fed ({GraphProgram.MaximumFeed}). Feed a tensor behind it."
            )
            : GraphValue.Numbers([.. Enumerable.Repeat(value, (int)count)], lengths);
    }
}
