using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>Where a value comes from: followed back through everything that moves, cuts, joins, reverses, masks or drops values.</summary>
/// <param name="uses">The cell that an output belongs to.</param>
internal sealed class DataFlow(IReadOnlyDictionary<Output, CellUse> uses)
{
    /// <summary>Nodes followed for one value; the loops of a program take a few hundred.</summary>
    private const int MaximumNodes = 20_000;

    /// <summary>Nodes followed for all values of a graph.</summary>
    private const int MaximumNodesOfGraph = 3_000_000;

    private int visitsLeft = MaximumNodesOfGraph;

    /// <summary>A source of a value.</summary>
    /// <param name="Use">The cell whose output it is, or null.</param>
    /// <param name="Node">Where following ended.</param>
    /// <param name="Output">The output at which it ended.</param>
    /// <param name="IsReversed">True if it was reversed an odd number of times on the way.</param>
    /// <param name="ReversedBy">The node that reversed it last, or null.</param>
    /// <param name="Step">Which part of an unstacked sequence it is, or null.</param>
    /// <param name="IsComputed">True if something is computed on the way, or it ended at something that is neither a cell, nor data, nor a
    /// variable.</param>
    public sealed record Source(CellUse? Use, GraphNode Node, int Output, bool IsReversed, string? ReversedBy, int? Step, bool IsComputed)
    {
        /// <summary>The node that cut the part out, or null.</summary>
        public GraphNode? CutBy { get; init; }
    }

    /// <summary>The sources of a value, in the order in which they are joined.</summary>
    public IReadOnlyList<Source> Of(Output? start)
    {
        var found = new List<Source>();
        var seen = new HashSet<(Output, bool)>();
        var todo = new Stack<(Output At, bool IsReversed, string? By, (int Part, GraphNode By)? Cut, bool IsComputed)>();
        if (start is { } first)
        {
            todo.Push((first, false, null, null, false));
        }

        while (todo.Count > 0 && seen.Count < MaximumNodes && --visitsLeft > 0)
        {
            var (at, reversed, by, cut, computed) = todo.Pop();
            if (!seen.Add((at, reversed)))
            {
                continue;
            }

            if (uses.TryGetValue(at, out var use))
            {
                found.Add(new Source(use, at.Node, at.Index, reversed, by, cut?.Part, computed) { CutBy = cut?.By });
                continue;
            }

            var node = at.Node;
            if (DataEdges.IsReversal(node))
            {
                (reversed, by) = (!reversed, node.Name);
            }

            cut ??= DataEdges.Step(at) is { } part ? (part, node) : null;
            var inputs = DataEdges.Inputs(at);
            if (inputs is null)
            {
                inputs = DataEdges.ComputedFrom(node);
                computed |= inputs is not null;
            }

            if (inputs is null)
            {
                if (!DataEdges.IsZero(node))
                {
                    found.Add(
                        new Source(null, node, at.Index, reversed, by, cut?.Part, computed || DataEdges.IsComputed(node)) { CutBy = cut?.By });
                }

                continue;
            }

            // Pushed last to first, so that they come out first to last.
            visitsLeft -= inputs.Count;
            for (var k = inputs.Count - 1; k >= 0; k--)
            {
                if (inputs[k] is { } input)
                {
                    todo.Push((input, reversed, by, cut, computed));
                }
            }
        }

        return found;
    }
}
