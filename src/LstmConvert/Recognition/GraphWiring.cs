using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;

namespace LstmConvert.Recognition;

/// <summary>Which cells feed each other, from the edges of the graph.</summary>
internal static class GraphWiring
{
    /// <summary>Groups cells, or returns null where the graph does not show how all of them are fed.</summary>
    public static IReadOnlyList<RecognizedGroup>? Connect(IReadOnlyList<RecognizedCell> cells, GraphEvidence evidence)
    {
        var nodes = new Dictionary<GraphCell, Node>();
        foreach (var cell in cells)
        {
            if (evidence.Find(cell.Variables.Values) is not { } found || !nodes.TryAdd(found, new Node(cell, found)))
            {
                return null;
            }
        }

        // One step on its own shows neither direction nor what fed it in the loop outside.
        if (nodes.Keys.All(cell => cell.Loop.Value == GraphLoop.SingleStep))
        {
            return null;
        }

        foreach (var node in nodes.Values.Where(node => node.Found.ExternalSources.Count == 0 && !node.Found.Sources.Contains(node.Found) && node.Found.Sources.All(nodes.ContainsKey)))
        {
            node.Feeders = [.. node.Found.Sources.Select(source => nodes[source])];
        }

        if (!SetLevels(nodes.Values))
        {
            return null;
        }

        var groups = new List<RecognizedGroup>();
        foreach (var component in Components([.. nodes.Values]))
        {
            groups.AddRange(Group(component) is { } group && WiringRule.Misfit(group).Length == 0 ? [group] : component.Select(node => Single(node)));
        }

        return [.. groups.OrderBy(group => cells.Index().First(cell => cell.Item.Scope == group.Cells[0].Scope).Index)];
    }

    private static bool SetLevels(ICollection<Node> nodes)
    {
        for (var round = 0; round <= nodes.Count; round++)
        {
            var changed = false;
            foreach (var node in nodes.Where(node => node.Feeders.Count > 0))
            {
                var level = node.Feeders.Max(feeder => feeder.Level) + 1;
                changed |= level != node.Level;
                node.Level = level;
            }

            if (!changed)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Cells that feed each other, and stacks that read the same input in opposite directions.</summary>
    private static IEnumerable<Node[]> Components(Node[] nodes)
    {
        var component = nodes.ToDictionary(node => node, node => node);
        Node Root(Node node) => component[node] == node ? node : component[node] = Root(component[node]);
        foreach (var node in nodes)
        {
            foreach (var feeder in node.Feeders)
            {
                component[Root(node)] = Root(feeder);
            }
        }

        var heads = nodes.Where(node => node.Feeders.Count == 0 && node.Found.IsBackward is not null && node.Found.ExternalSources.Count > 0);
        foreach (var readers in heads.GroupBy(node => string.Join('\n', node.Found.ExternalSources.Order(StringComparer.Ordinal)), StringComparer.Ordinal))
        {
            // Several pairs may read one input: then the names of the scopes tell which belong together.
            var pairs = readers.Count() == 2 ? [readers] : readers.GroupBy(node => WiringRule.Family(node.Cell.Scope), StringComparer.Ordinal);
            foreach (var pair in pairs.Select(pair => pair.ToArray()).Where(pair => pair.Length == 2 && pair[0].IsBackward != pair[1].IsBackward))
            {
                component[Root(pair[0])] = Root(pair[1]);
            }
        }

        return nodes.GroupBy(Root).Select(group => group.ToArray());
    }

    private static RecognizedGroup? Group(Node[] component)
    {
        var levels = component.GroupBy(node => node.Level).OrderBy(level => level.Key).Select(level => level.OrderBy(node => node.IsBackward).ToArray()).ToArray();
        if (component.Length == 1)
        {
            return Single(component[0]);
        }

        if (levels.All(level => level.Length == 1))
        {
            var isChain = levels.Index().All(level => level.Index == 0 || level.Item[0].Feeders.SequenceEqual(levels[level.Index - 1]));
            return isChain && !component.Any(node => node.IsBackward) ? Of(Wiring.Chain, levels) : null;
        }

        if (!levels.All(level => level is [{ IsBackward: false }, { IsBackward: true }]))
        {
            return null;
        }

        return levels.Skip(1).Index().All(level => level.Item.All(node => node.Feeders.SequenceEqual(levels[level.Index]))) && levels.Length > 1 ? Of(Wiring.StackBidirectional, levels)
            : levels.Skip(1).Index().All(level => level.Item.Index().All(node => node.Item.Feeders is [var feeder] && feeder == levels[level.Index][node.Index])) ? Of(Wiring.Bidirectional, levels)
            : null;
    }

    private static RecognizedGroup Of(Wiring wiring, Node[][] levels)
    {
        var members = levels.SelectMany(level => level).ToArray();
        return new RecognizedGroup(
            WiringRule.Common([.. members.Select(node => node.Cell)]),
            wiring,
            new Fact<string>("auto", EvidenceKind.Graph, members[^1].Found.Node),
            [.. members.Select(node => node.Cell with { Level = node.Level, Direction = node.IsBackward ? Direction.Backward : Direction.Forward })])
        {
            SequenceLengths = members.Select(node => node.Cell.SequenceLengths).FirstOrDefault(fact => fact is not null),
        };
    }

    private static RecognizedGroup Single(Node node) => new(
        node.Cell.Scope,
        Wiring.Chain,
        new Fact<string>("auto", EvidenceKind.Graph, node.Found.Node),
        [node.Cell with { Level = 0, Direction = node.IsBackward ? Direction.Backward : Direction.Forward }])
    {
        SequenceLengths = node.Cell.SequenceLengths,
    };

    private sealed class Node(RecognizedCell cell, GraphCell found)
    {
        public RecognizedCell Cell { get; } = cell;

        public GraphCell Found { get; } = found;

        public bool IsBackward => Found.IsBackward is { Value: true };

        public IReadOnlyList<Node> Feeders { get; set; } = [];

        public int Level { get; set; }
    }
}
