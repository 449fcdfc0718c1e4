using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>A state whose last value the program keeps in the variable from which the next call starts.</summary>
/// <param name="State">The state.</param>
/// <param name="Variable">The variable.</param>
/// <param name="Node">The node that keeps it.</param>
internal sealed record CarriedState(string State, string Variable, string Node);

/// <summary>Finds the states that a program hands on from call to call: a variable is what they start from, and is set to what a cell
/// leaves.</summary>
internal static class CarriedStates
{
    /// <summary>The states of a cell.</summary>
    /// <param name="cell">The cell; what its states start from is known.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="feeds">Follows values to cells.</param>
    public static IReadOnlyList<CarriedState> Of(GraphCell cell, Graph graph, FeedFinder feeds)
    {
        var starts = cell.InitialStates
            .SelectMany(start => VariablesOf(start.Value).Select(variable => (start.Key, Variable: variable)))
            .ToLookup(start => start.Variable, start => start.Key, StringComparer.Ordinal);
        return starts.Count == 0
            ? []
            :
            [
                .. graph
                    .Nodes.Where(Operations.IsAssignment)
                    .SelectMany(node => graph.Variables.Names(node.Input(0)).Select(variable => (Node: node, Variable: variable)))
                    .Where(set => starts.Contains(set.Variable) && feeds.Of(set.Node.Input(1))?.Cells.Contains(cell) == true)
                    .SelectMany(set => starts[set.Variable].Select(state => new CarriedState(state, set.Variable, set.Node.Name)))
                    .DistinctBy(carried => carried.State),
            ];
    }

    private static IEnumerable<string> VariablesOf(GraphFeed feed) =>
        feed.Flat.SelectMany(one => one switch
        {
            GraphFeed.FromProgram { Variable: { } variable } => [variable],
            GraphFeed.Computed computed => computed.Variables,
            _ => Enumerable.Empty<string>(),
        });
}
