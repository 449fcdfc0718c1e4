using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>A state whose last value the program keeps in the variable from which the next call starts.</summary>
/// <param name="State">The state.</param>
/// <param name="Variable">The variable.</param>
/// <param name="Node">The node that keeps it.</param>
internal sealed record CarriedState(string State, string Variable, string Node);

/// <summary>Finds the states that a program hands on from call to call: a variable is what they start from, and is set to what a cell
/// leaves.</summary>
/// <param name="graph">The graph.</param>
/// <param name="feeds">Follows values to cells.</param>
internal sealed class CarriedStates(Graph graph, FeedFinder feeds)
{
    /// <summary>What sets each variable; looked for once, where a cell starts from one.</summary>
    private readonly Lazy<ILookup<string, GraphNode>> assignments = new(() =>
        graph
            .Nodes.Where(Operations.IsAssignment)
            .SelectMany(node => graph.Variables.Names(node.Input(0)).Select(variable => (Variable: variable, Node: node)))
            .ToLookup(set => set.Variable, set => set.Node, StringComparer.Ordinal));

    /// <summary>The states of a cell.</summary>
    /// <param name="cell">The cell; what its states start from is known.</param>
    public IReadOnlyList<CarriedState> Of(GraphCell cell) =>
        [
            .. cell
                .InitialStates.SelectMany(start => VariablesOf(start.Value).Select(variable => (State: start.Key, Variable: variable)))
                .SelectMany(start => assignments.Value[start.Variable]
                    .Where(node => feeds.Of(node.Input(1))?.Cells.Contains(cell) == true)
                    .Select(node => new CarriedState(start.State, start.Variable, node.Name)))
                .DistinctBy(carried => carried.State),
        ];

    private static IEnumerable<string> VariablesOf(GraphFeed feed) =>
        feed.Flat.SelectMany(one => one switch
        {
            GraphFeed.FromProgram { Variable: { } variable } => [variable],
            GraphFeed.Computed computed => computed.Variables,
            _ => Enumerable.Empty<string>(),
        });
}
