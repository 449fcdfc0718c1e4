using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>Reads what stands around the cells of a graph: tables and dense layers before them, what is computed of their outputs behind
/// them.</summary>
internal sealed class AroundFinder
{
    /// <summary>Nodes that are walked forward from the cells.</summary>
    private const int MaximumNodes = 20_000;

    /// <summary>Values that are read.</summary>
    private const int MaximumValues = 100_000;

    private const int MaximumDepth = 200;

    /// <summary>Unknown readers of one value that are told.</summary>
    private const int MaximumUnknown = 3;

    private readonly GraphVariables variables;
    private readonly FeedFinder feeds;
    private readonly ActivationTable activations;
    private readonly Dictionary<Output, GraphAround.OfCell> owners = [];
    private readonly HashSet<Output> entering;
    private readonly HashSet<string> kernels;
    private readonly Dictionary<string, GraphNode> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<Output, GraphAround?> known = [];
    private readonly HashSet<Output> path = [];

    /// <summary>A reader for one graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="feeds">Follows values through loops.</param>
    /// <param name="activations">The activations by operation.</param>
    /// <param name="uses">The copies of every cell.</param>
    /// <param name="cells">The cell of a copy.</param>
    public AroundFinder(
        Graph graph,
        FeedFinder feeds,
        ActivationTable activations,
        IReadOnlyList<CellUse> uses,
        Dictionary<CellUse, GraphCell> cells)
    {
        (variables, this.feeds, this.activations) = (graph.Variables, feeds, activations);
        entering = uses.SelectMany(use => use.First.States.Values)
            .Select(state => state.Enters)
            .OfType<Output>()
            .Select(output => GraphVariables.Behind(output) ?? output)
            .ToHashSet();
        kernels = uses.SelectMany(use => use.First.Variables.Values).SelectMany(names => names).ToHashSet(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            byName.TryAdd(node.Name, node);
        }

        foreach (var use in uses)
        {
            foreach (var output in use.Outputs)
            {
                owners.TryAdd(output, Value(cells[use], use.First.OutputState, CellMoment.Step, output) with
                {
                    HasInputAdded = output != use.Hidden,
                    IsLast = !entering.Contains(output),
                });
            }

            foreach (var (state, (_, leaves)) in use.First.States)
            {
                if (leaves is { } output)
                {
                    owners.TryAdd(output, Value(cells[use], state, CellMoment.Step, output) with { IsLast = !entering.Contains(output) });
                }
            }
        }
    }

    /// <summary>What a cell reads, where the program computes it from what it is given; null where that is not known, or is the
    /// same.</summary>
    /// <param name="feed">The feed.</param>
    public GraphAround? Before(GraphFeed feed) => feed switch
    {
        GraphFeed.FromProgram { Table: not null } given => Of(given.Node),
        GraphFeed.Computed computed => Of(computed.Node),
        GraphFeed.Alternatives several when several.Feeds.Select(Before).ToArray() is [{ } first, .. var others]
            && Array.TrueForAll(others, other => other is not null && Shape(other) == Shape(first)) => first,
        _ => null,
    };

    /// <summary>The ends of what is computed from the cells' outputs.</summary>
    public IReadOnlyList<GraphEnd> Ends()
    {
        var (seen, ends, read) = (new HashSet<Output>(), new List<GraphEnd>(), new HashSet<string>(StringComparer.Ordinal));
        var (todo, keys, unread) = (new Queue<Output>(owners.Keys), new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        while (todo.TryDequeue(out var at) && seen.Count < MaximumNodes)
        {
            if (!seen.Add(at))
            {
                continue;
            }

            var value = Of(at);
            var (isRead, unknown) = (false, new List<(string, string)>());
            foreach (var (node, _) in at.Node.UsersOf(at.Index))
            {
                var outputs = node.Users.Count == 0 ? [0] : node.Users.Select(user => user.Output).Distinct().Take(8);
                foreach (var next in outputs.Select(index => new Output(node, index)))
                {
                    var further = Of(next);
                    if (further is not null || DataEdges.Inputs(next) is not null)
                    {
                        todo.Enqueue(next);
                    }

                    isRead |= further is not null && further.Key != value?.Key;
                    if (further is null && !DataEdges.IsShape(node) && !Operations.IsCondition(node))
                    {
                        unknown.Add((node.Name, node.Op));
                    }
                }
            }

            if (isRead)
            {
                read.Add(value?.Key ?? "");
            }
            else if (value is not null && IsEnd(value))
            {
                ends.Add(
                    new GraphEnd(
                        value.Map(one => one.Moment == CellMoment.Step ? one with { Moment = CellMoment.Final } : one),
                        [.. unknown.Distinct().Take(MaximumUnknown)]));
                keys.Add(value.Key);
                _ = SequenceEdges.IsUnreadStep(at.Node) && unread.Add(value.Key);
            }
        }

        // A value in another form is the same one: what goes on from that goes on from it.
        var last = ends.Zip(keys).Where(pair => !read.Contains(pair.Second)).ToArray();
        var wanted = last.Where(pair => !unread.Contains(pair.Second)).SelectMany(pair => pair.First.Value.Cells.Select(one => one.Cell)).ToHashSet();
        return Largest([
            .. last
                .Where(pair => !unread.Contains(pair.Second) || !pair.First.Value.Cells.All(one => wanted.Contains(one.Cell)))
                .Select(pair => pair.First),
        ]);
    }

    /// <summary>True for what is computed from cells, and is no single step that others follow.</summary>
    private static bool IsEnd(GraphAround value) =>
        value.Cells.Any()
        && value.Cells.All(one => one.Moment != CellMoment.Step || (one.IsLast && one.Cell.Loop.Value == GraphLoop.Unrolled))
        && (
            value.All.Any(one => one is not (GraphAround.OfCell or GraphAround.Formed))
            || value.Cells.Any(one => one.Moment is CellMoment.LastPlace or CellMoment.EndOfRow));

    /// <summary>The ends that no other one goes on from; copies of the program are one.</summary>
    private static IReadOnlyList<GraphEnd> Largest(List<GraphEnd> ends)
    {
        var distinct = ends.GroupBy(end => Shape(end.Value), StringComparer.Ordinal)
            .Select(group => group.First() with { Unknown = [.. group.SelectMany(end => end.Unknown).Distinct().Take(MaximumUnknown)] })
            .ToArray();
        var inner = distinct.SelectMany(end => end.Value.All.SkipLast(1)).Select(Shape).ToHashSet(StringComparer.Ordinal);
        return [.. distinct.Where(end => !inner.Contains(Shape(end.Value)))];
    }

    /// <summary>The same text for copies of a value that begin at other inputs of the program.</summary>
    private static string Shape(GraphAround value) =>
        value
            .All.OfType<GraphAround.Given>()
            .DistinctBy(one => one.Key)
            .Index()
            .Aggregate(value.Key, (key, given) =>
                key.Replace(given.Item.Key, FormattableString.Invariant($"given {given.Index}"), StringComparison.Ordinal));

    private GraphAround? Of(string node) => byName.TryGetValue(node, out var found) ? Of(new Output(found, 0)) : null;

    private GraphAround? Of(Output? output)
    {
        if (output is not { } at)
        {
            return null;
        }

        if (!known.TryGetValue(at, out var value))
        {
            if (known.Count > MaximumValues || path.Count > MaximumDepth || !path.Add(at))
            {
                return null;
            }

            value = Read(at);
            path.Remove(at);
            known[at] = value;
        }

        return value;
    }

    private GraphAround? Read(Output at)
    {
        if (owners.TryGetValue(at, out var own))
        {
            return own;
        }

        var node = at.Node;
        if (LayerOperations.Lookup(node) is { } lookup && variables.Names(lookup.Table) is [var table])
        {
            return Leaf(lookup.Ids) is { } ids ? new GraphAround.Looked(table, ids, node.Name, node.Op) { Rank = 3 } : null;
        }

        if (LayerOperations.IsLastOfLengths(node))
        {
            return At(Of(node.Input(0)), CellMoment.EndOfRow);
        }

        return Operations.IsProduct(node) ? Product(node)
            : Operations.IsAddition(node) ? Sum(node)
            : activations.NameOf(node.Op) is { } function
                ? (
                    !LayerOperations.HasSlope(node) && Of(node.Input(0)) is { } argument
                        ? new GraphAround.Activated(function, argument, node.Name, node.Op) { Rank = argument.Rank }
                        : null)
            : LayerOperations.Dropped(node) is { } kept ? Of(kept)
            : LayerOperations.IsLastStep(node) ? At(Of(node.Input(0)), CellMoment.LastPlace)
            : Moved(at);
    }

    /// <summary>A value that is moved, put together or given another form.</summary>
    private GraphAround? Moved(Output at)
    {
        var node = at.Node;
        if (LayerOperations.Form(node) is var (rank, last))
        {
            return Of(node.Input(0)) is not { } value ? null
                : last is { } length ? new GraphAround.Formed(length, value, node.Name, node.Op) { Rank = rank }
                : value with { Rank = rank };
        }

        if (
            LayerOperations.IsTurnOfAxes(node)
            || LayerOperations.IsCast(node)
            || (GraphVariables.IsTransparent(node) && !DataEdges.IsExit(node)))
        {
            return Of(node.Input(0));
        }

        if (DataEdges.IsReversal(node))
        {
            return Of(node.Input(0))?.Map(one => one with { IsTurned = !one.IsTurned });
        }

        if (Operations.Concatenated(node) is { } parts)
        {
            return Joined(node, parts);
        }

        return LayerOperations.IsStack(node) ? Steps(node.Inputs) : InLoop(at);
    }

    /// <summary>What a loop hands out: its last value, or the values of all steps.</summary>
    private GraphAround? InLoop(Output at)
    {
        if (!LayerOperations.LeavesLoop(at.Node))
        {
            return null;
        }

        return feeds.Of(at) switch
        {
            GraphFeed.FromCell one => Value(
                one.Cell,
                one.FinalState ?? one.State,
                one.FinalState is not null ? CellMoment.Final
                    : one.IsSequence ? CellMoment.Sequence
                    : CellMoment.Step,
                at),
            GraphFeed.Reversed { Feed: GraphFeed.FromCell { IsSequence: true } one } => Value(
                one.Cell,
                one.State,
                CellMoment.Sequence,
                at) with
            {
                IsTurned = true,
            },
            GraphFeed.Computed computed => Of(computed.Node) is not { } value ? null
            : LayerOperations.IsGathered(at.Node) ? All(value)
            : DataEdges.IsExit(at.Node) ? value.Map(one => one.Moment == CellMoment.Step ? one with { Moment = CellMoment.Final } : one)
            : value,
            _ => null,
        };
    }

    /// <summary>What the program is given: it is followed no further than to where it comes from.</summary>
    private GraphAround.Given? Leaf(Output at) =>
        feeds.Of(at) is GraphFeed.FromProgram { Table: null, Variable: null } given
            ? new GraphAround.Given(given.Node, given.Operation)
            : null;

    private GraphAround.Dense? Product(GraphNode node)
    {
        var kernel = LayerOperations.Matrix(node.Input(1));
        if (
            variables.Names(kernel) is not [var name]
            || kernels.Contains(name)
            || (Of(node.Input(0)) ?? (node.Input(0) is { } input ? Leaf(input) : null)) is not { } value)
        {
            return null;
        }

        var isTransposed = Operations.IsTransposed(node);
        return isTransposed && !Operations.TransposesRight(node)
            ? null
            : new GraphAround.Dense(name, isTransposed, null, value, node.Name, node.Op) { Rank = value.Rank };
    }

    private GraphAround? Sum(GraphNode node)
    {
        for (var k = 0; node.Inputs.Count == 2 && k < 2; k++)
        {
            if (variables.Names(node.Input(k)) is [var bias])
            {
                return WithBias(Of(node.Input(1 - k)), bias, node);
            }
        }

        var terms = node.Inputs.Select(Of).ToArray();
        return terms.Length > 1 && Array.TrueForAll(terms, term => term is not null)
            ? new GraphAround.Several([.. terms.Select(term => term!)], IsSum: true, node.Name, node.Op) { Rank = terms[0]!.Rank }
            : null;
    }

    /// <summary>A dense layer, in whatever form its values are, with the bias that a node adds.</summary>
    private static GraphAround.Dense? WithBias(GraphAround? value, string bias, GraphNode node)
    {
        var form = value;
        while (form is GraphAround.Formed formed)
        {
            form = formed.Value;
        }

        return form is GraphAround.Dense { Bias: null } dense
            ? new GraphAround.Dense(dense.Kernel, dense.IsTransposed, bias, dense.Value, node.Name, node.Op) { Rank = value!.Rank }
            : null;
    }

    private GraphAround? Joined(GraphNode node, IReadOnlyList<Output?> inputs)
    {
        var parts = inputs.Select(Of).ToArray();
        if (parts.Length == 0 || Array.Exists(parts, part => part is null))
        {
            return null;
        }

        if (parts.Length == 1)
        {
            return parts[0];
        }

        var axis = LayerOperations.JoinAxis(node);
        return Steps(inputs) ?? (axis == -1 || (axis is not null && Array.TrueForAll(parts, part => part!.Rank == axis + 1))
            ? new GraphAround.Several([.. parts.Select(part => part!)], IsSum: false, node.Name, node.Op) { Rank = parts[0]!.Rank } : null);
    }

    /// <summary>Values of one step each, which are computed alike, as one sequence.</summary>
    private GraphAround? Steps(IReadOnlyList<Output?> inputs)
    {
        var parts = inputs.Select(Of).ToArray();
        return
            parts is [{ } first, ..]
            && first.Cells.Any()
            && first.Cells.All(one => one.Moment == CellMoment.Step)
            && inputs.Distinct().Count() == inputs.Count
            && Array.TrueForAll(parts, part => part?.Key == first.Key)
            ? All(first)
            : null;
    }

    private static GraphAround All(GraphAround value) =>
        value.Map(one => one.Moment == CellMoment.Step ? one with { Moment = CellMoment.Sequence } : one);

    /// <summary>A value of sequences at one of their places; null where it is none of sequences alone.</summary>
    private static GraphAround? At(GraphAround? value, CellMoment moment) =>
        value is not null && value.Cells.Any() && value.Cells.All(one => one.Moment == CellMoment.Sequence)
            ? value.Map(one => one with { Moment = moment })
            : null;

    private static GraphAround.OfCell Value(GraphCell cell, string? state, CellMoment moment, Output at) =>
        new(cell, state, moment, at.Node.Name, at.Node.Op) { Rank = moment == CellMoment.Sequence ? 3 : 2 };
}
