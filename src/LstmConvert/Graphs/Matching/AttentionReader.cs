using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>Reads of a graph how many past outputs a cell attends to.</summary>
internal static class AttentionReader
{
    /// <summary>The number, with the node that shows it; nothing where the graph has no such convolution.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="memory">The kernel's name, <c>(1, 1, a, v)</c>, which the past outputs <c>(b, l, 1, a)</c> are convolved with.</param>
    public static IEnumerable<(string Fact, double? Value, string Node)> Of(Graph graph, string memory)
    {
        foreach (
            var node in graph.Nodes.Where(node =>
                Operations.IsConvolution(node) && graph.Variables.Names(node.Input(1)) is [var name] && name == memory))
        {
            if (
                node.Input(0)?.Node is { } shaped
                && Operations.IsReshape(shaped)
                && GraphVariables.Integers(shaped.Input(1)) is [_, > 0 and var length, 1, _])
            {
                return [("attn_length", length, shaped.Name)];
            }
        }

        return [];
    }
}
