using System.Globalization;
using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>
/// Finds the cells of a graph, one for each kernel: patterns find places that compute a step; here those of one kernel are put together,
/// their facts compared, and their inputs followed to other cells.
/// </summary>
public static class CellFinder
{
    /// <summary>Finds the cells.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="patterns">What is looked for.</param>
    /// <param name="activations">The activations that the patterns' facts may be.</param>
    public static IReadOnlyList<GraphCell> Find(
        Graph graph,
        IReadOnlyList<GraphPattern> patterns,
        IReadOnlyList<GraphActivation> activations)
    {
        var idle = new List<CellUse>();
        var groups = CellGroups.Find(graph, patterns, activations, idle);
        var uses = groups.SelectMany(group => group).ToList();
        foreach (var use in uses)
        {
            FindResidual(use);
            FindLengths(use);
        }

        var owners = new Dictionary<Output, CellUse>();
        foreach (var use in uses)
        {
            foreach (var output in use.Outputs)
            {
                owners.TryAdd(output, use);
            }
        }

        FindChangedStates(uses, owners);
        OtherProducts.Find(graph, groups, idle);
        var flow = new DataFlow(owners);
        var left = new Dictionary<Output, CellUse>(owners);
        foreach (var use in uses)
        {
            left.TryAdd(use.Left, use);
        }

        var states = new DataFlow(left);
        groups = SharedCells.Apart(groups, flow, states);
        var cells = new Dictionary<CellUse, GraphCell>(ReferenceEqualityComparer.Instance);
        var found = new List<GraphCell>();
        foreach (var group in groups)
        {
            var cell = Merge(group);
            found.Add(cell);
            foreach (var use in group)
            {
                cells[use] = cell;
            }
        }

        var inputs = uses.ToDictionary(use => use, use => flow.Of(use.X), ReferenceEqualityComparer.Instance.As<CellUse>());
        var before = new Dictionary<CellUse, CellUse[]>(ReferenceEqualityComparer.Instance.As<CellUse>());
        for (var k = 0; k < groups.Count; k++)
        {
            Connect(found[k], groups[k], cells, before, inputs, states);
            var (cell, copies) = (found[k], groups[k]);
            cell.Taps = new Lazy<GraphTaps>(() => TapFinder.Of(cell, copies, before));
        }

        Directions(found, groups, inputs, cells, before);
        var order = new StepOrder(before, inputs);
        foreach (var (cell, group) in found.Zip(groups))
        {
            var (disorder, areTurned) = order.Of(group);
            cell.UseObstacles = disorder is null ? cell.UseObstacles : [.. cell.UseObstacles, disorder];
            if (cell is { Loop.Value: GraphLoop.Unrolled, IsBackward: { } backward } && areTurned is { } turned)
            {
                cell.LiesBackward = backward.Value != turned;
            }
        }

        Flow(graph, found, groups, cells, activations);
        return found;
    }

    /// <summary>Edges that are followed from one use of a cell; a program has a few dozen.</summary>
    private const int MaximumEdges = 2_000;

    /// <summary>Nodes between what a loop takes of its sequence and a cell that reads it.</summary>
    private const int MaximumMoves = 16;

    /// <summary>Copies of a cell whose feeds are compared; all steps of a program are fed alike.</summary>
    private const int MaximumCopies = 64;

    /// <summary>What each cell reads and what reads it.</summary>
    private static void Flow(
        Graph graph,
        List<GraphCell> found,
        IReadOnlyList<IReadOnlyList<CellUse>> groups,
        Dictionary<CellUse, GraphCell> cells,
        IReadOnlyList<GraphActivation> activations)
    {
        var owners = new Dictionary<Output, (GraphCell, string?)>();
        foreach (var use in groups.SelectMany(group => group))
        {
            owners.TryAdd(use.Hidden, (cells[use], use.First.OutputState));
            foreach (var (state, (_, leaves)) in use.First.States)
            {
                if (leaves is { } output)
                {
                    owners.TryAdd(output, (cells[use], state));
                }
            }
        }

        var feeds = new FeedFinder(graph.Variables, owners);
        var carried = new CarriedStates(graph, feeds);
        var readers = new ReaderFinder(
            graph.Variables,
            found.SelectMany(cell => cell.Variables.Values).SelectMany(names => names).ToHashSet(StringComparer.Ordinal));
        var around = new Lazy<AroundFinder>(() =>
            new AroundFinder(
                graph,
                new FeedFinder(graph.Variables, owners),
                new ActivationTable(activations),
                [.. groups.SelectMany(group => group)],
                cells));
        for (var k = 0; k < found.Count; k++)
        {
            found[k].Around = around;

            // A function that several signatures call is there as often, under the same names.
            var (cell, group) = (found[k], groups[k].DistinctBy(use => use.Anchor.Name).Take(MaximumCopies).ToArray());
            cell.Feed = FeedFinder.OneOf(group.Select(use => feeds.Of(use.X)), cell.Node);
            cell.GivenFeeds = [.. group[0].First.Givens.Select(feeds.Of)];
            cell.InitialStates = group[0]
                .First.States.Keys.Select(state =>
                    (
                        State: state,
                        Feed: FeedFinder.OneOf(
                            group.Select(use =>
                                use.First.States.TryGetValue(state, out var edge) ? feeds.Initial(edge.Enters, cell) : null),
                            cell.Node)))
                .Where(pair => pair.Feed is not null)
                .ToDictionary(pair => pair.State, pair => pair.Feed!, StringComparer.Ordinal);
            var states = group.SelectMany(use => use.First.States.Values).Select(state => state.Enters).OfType<Output>().ToHashSet();
            (cell.Readers, cell.OutputReversedBy, var ends) = readers.Of(
                group.SelectMany(use => use.Outputs).ToHashSet(),
                states,
                cell.Variables.Values.SelectMany(names => names).ToHashSet(StringComparer.Ordinal));
            cell.Readers = [.. cell.Readers.Where(reader => !cell.Resets.Any(reset => reset.By.Name == reader.Node))];
            cell.StartVariables = StartVariables(cell, group, graph.Variables);
            cell.CarriedStates = carried.Of(cell);
            cell.KeptStates = KeptStates(group);
            cell.KeptValues = [.. group.SelectMany(KeptValues.Of).DistinctBy(kept => kept.Value)];
            cell.Outputs = [.. ends.Select(end => feeds.Of(end)).OfType<GraphFeed>().DistinctBy(feed => feed.Key)];
            cell.Ports = Ports(group[0]);
        }

        foreach (var cell in found)
        {
            cell.Feed = cell.Feed is { } feed ? FeedOrder.InTime(feed, cell) : null;
            cell.Outputs = [.. cell.Outputs.Select(FeedOrder.InTime)];
        }
    }

    /// <summary>The variables that the states of the one loop that runs a cell start from.</summary>
    private static Dictionary<string, string> StartVariables(GraphCell cell, CellUse[] group, GraphVariables variables) =>
        cell.Loop.Value is not (GraphLoop.While or GraphLoop.Functional) || group.Length > 1 ? []
        : group[0].First.States
            .Select(state => (
                state.Key,
                Variable: state.Value.Enters is { } enters && SequenceEdges.Initial(enters, isInLoop: true) is (var tensor, null)
                    ? DataEdges.RepeatedVariable(tensor, variables)
                    : null))
            .Where(state => state.Variable is not null)
            .ToDictionary(state => state.Key, state => state.Variable!, StringComparer.Ordinal);

    /// <summary>Values of a loop's states beside the output that are put among those of the other steps.</summary>
    private static KeptState[] KeptStates(CellUse[] group)
    {
        var outputs = group.SelectMany(use => use.Outputs).ToHashSet();
        var kept = new List<KeptState>();
        foreach (var (state, (enters, leaves)) in group.SelectMany(use => use.First.States))
        {
            foreach (var (value, isBefore) in new[] { (leaves, false), (enters, true) })
            {
                if (value is { } at && !outputs.Contains(at) && SequenceEdges.StoredBy(at, outputs) is { } store)
                {
                    kept.Add(new KeptState(state, isBefore, store.Name));
                }
            }
        }

        return [.. kept.DistinctBy(one => (one.State, one.IsBefore))];
    }

    private static GraphPorts Ports(CellUse use)
    {
        static string Name(Output? output) =>
            output is { } at ? string.Create(CultureInfo.InvariantCulture, $"{at.Node.Name}:{at.Index}") : "";
        return new GraphPorts(
            Name(use.X),
            use.First.States.ToDictionary(state => state.Key, state => Name(state.Value.Enters), StringComparer.Ordinal),
            Name(use.Hidden),
            use.First.States.ToDictionary(state => state.Key, state => Name(state.Value.Leaves), StringComparer.Ordinal));
    }

    /// <summary>A state that is clipped, scaled or reset between two steps is not the state that a plain cell hands on.</summary>
    private static void FindChangedStates(List<CellUse> uses, Dictionary<Output, CellUse> owners)
    {
        var states = new Dictionary<Output, CellUse>(owners);
        foreach (var use in uses)
        {
            foreach (var (_, leaves) in use.First.States.Values)
            {
                if (leaves is { } output)
                {
                    states.TryAdd(output, use);
                }
            }
        }

        var (flow, handed) = (new DataFlow(states), new StateFlow(uses));
        foreach (var use in uses)
        {
            foreach (var (state, (enters, _)) in use.First.States)
            {
                if (handed.Change(use, state) is { } change)
                {
                    use.Obstacles.Add(change);
                    continue;
                }

                if (
                    !use.Resets.Exists(reset => reset.State == state)
                    && flow.Of(enters)
                        .Any(source => source is { IsComputed: true, Use: { } before } && before.First.Kernels == use.First.Kernels))
                {
                    use.Obstacles.Add(
                        $"its state {state} is changed between two steps ({GraphVariables.Behind(enters)?.Node.Name ?? use.Anchor.Name})");
                }
            }
        }
    }

    private static void FindResidual(CellUse use)
    {
        if (use.X is not { } x)
        {
            return;
        }

        var hidden = use.Hidden;

        // Dropout may stand on either side: before the cell, and between it and the addition.
        var (unmasked, unmaskedHidden) = (DataEdges.Unmasked(x), DataEdges.Unmasked(hidden));
        var (seen, edges) = (new HashSet<Output>(), 0);
        var todo = new Queue<(Output At, int Depth)>([(hidden, 0)]);
        while (todo.Count > 0)
        {
            var (at, depth) = todo.Dequeue();
            foreach (var (node, input) in seen.Add(at) ? at.Node.UsersOf(at.Index) : [])
            {
                if (++edges > MaximumEdges)
                {
                    return;
                }

                if (
                    Operations.IsAddition(node)
                    && node.Inputs.Count == 2
                    && node.Input(1 - input) is { } other
                    && DataEdges.Unmasked(other) == unmasked)
                {
                    use.Residual = new GraphFact<bool>(Value: true, node.Name);
                    use.Outputs.Add(new Output(node, 0));
                    return;
                }

                if (
                    depth < 4
                    && (Operations.IsTimes(node) || (Operations.IsDivision(node) && input == 0) || GraphVariables.IsTransparent(node))
                    && DataEdges.Unmasked(new Output(node, 0)) == unmaskedHidden)
                {
                    todo.Enqueue((new Output(node, 0), depth + 1));
                }
            }
        }
    }

    /// <summary>Rows have lengths where a Select chooses between the new and the old value by the step's number; the new one stands where
    /// a row has not ended.</summary>
    private static void FindLengths(CellUse use)
    {
        if (use.RowMask is { } mask && !DataEdges.IsZero(mask.Node))
        {
            use.SequenceLengths = new GraphFact<bool>(Value: true, mask.Node.Name);
            return;
        }

        var outputs = ChoicesByLength(use.Outputs);
        if (outputs.Count == 0)
        {
            return;
        }

        use.SequenceLengths = new GraphFact<bool>(Value: true, outputs[0].Choice.Name);
        var states = use.First.States.Values.Select(state => state.Leaves).OfType<Output>();
        foreach (
            var obstacle in outputs
                .Concat(ChoicesByLength(states))
                .Select(one => Misplaced(one.Choice, one.IsWhereTrue))
                .OfType<string>()
                .Distinct()
                .Take(1))
        {
            use.Obstacles.Add(obstacle);
        }
    }

    private static string? Misplaced(GraphNode choice, bool isNewWhereTrue) =>
        GraphVariables.Behind(choice.Input(0)) is not { Node: var condition } ? null
        : Operations.IsWithinLength(condition) is { } isWithin && isWithin != isNewWhereTrue
            ? $"it steps where a row has ended, not before ({choice.Name})"
        : Operations.IsStepLate(condition) ? $"its rows end a step after their length ({condition.Name})"
        : null;

    /// <summary>The choices by a row's length between a value and another one, the nearest first, and whether the value stands where the
    /// condition holds.</summary>
    private static List<(GraphNode Choice, bool IsWhereTrue)> ChoicesByLength(IEnumerable<Output> values)
    {
        var choices = new List<(GraphNode, bool)>();

        // The nearest first, so that an output that is seen again is no nearer then.
        var (seen, edges) = (new HashSet<Output>(), 0);
        var todo = new Queue<(Output At, int Depth)>(values.Select(output => (output, 0)));
        while (todo.Count > 0)
        {
            var (at, depth) = todo.Dequeue();
            foreach (var (node, input) in seen.Add(at) ? at.Node.UsersOf(at.Index) : [])
            {
                if (++edges > MaximumEdges)
                {
                    return choices;
                }

                if (Operations.IsChoice(node) && input > 0)
                {
                    if (GraphVariables.Behind(node.Input(0)) is { Node: var condition } && Operations.IsCondition(condition))
                    {
                        choices.Add((node, input == 1));
                    }
                }
                else if (depth < 4 && Operations.IsPassage(node))
                {
                    todo.Enqueue((new Output(node, 0), depth + 1));
                    if (Operations.IsSwitch(node))
                    {
                        todo.Enqueue((new Output(node, 1), depth + 1));
                    }
                }
            }
        }

        return choices;
    }

    private static GraphCell Merge(IReadOnlyList<CellUse> group) => new(group[0].Anchor)
    {
        Matches = [.. group[0].Matches.Select(match => MergedMatch(group, match.Pattern))],
        Uses = group.Count,
        Givens = group[0].First.Pattern.Givens,
        TurnsItself = group[0].First.Pattern.IsBackward,
        Resets = [.. group.SelectMany(use => use.Resets).DistinctBy(reset => (reset.State, reset.Given, reset.By))],
        OutputState = group[0].First.OutputState,
        Residual = group.Select(use => use.Residual).FirstOrDefault(fact => fact is not null),
        SequenceLengths = group.Select(use => use.SequenceLengths).FirstOrDefault(fact => fact is not null),
        UseObstacles = [.. group.SelectMany(use => use.Obstacles).Distinct(StringComparer.Ordinal)],
    };

    /// <summary>What a pattern found in all uses of a cell, and where they do not agree.</summary>
    private static GraphMatch MergedMatch(IReadOnlyList<CellUse> group, CompiledPattern pattern)
    {
        var matches = group.Select(use => use.Matches.FirstOrDefault(match => match.Pattern == pattern)).OfType<CellMatch>().ToArray();
        var disagreements = new List<string>();
        foreach (var role in matches.SelectMany(match => match.Variables).ToLookup(role => role.Key, role => role.Value, StringComparer.Ordinal))
        {
            if (role.FirstOrDefault(names => !names.SequenceEqual(role.First())) is { } other)
            {
                disagreements.Add($"{role.Key} is {string.Join(", ", role.First())}, and {string.Join(", ", other)} in another use");
            }
        }

        return new GraphMatch(pattern.Pattern.Cell)
        {
            Kernels = pattern.Kernels.Select(role => matches[0].Variables.GetValueOrDefault(role)).OfType<IReadOnlyList<string>>().First(),
            Variables = matches
                .SelectMany(match => match.Variables)
                .GroupBy(pair => pair.Key, StringComparer.Ordinal)
                .ToDictionary(role => role.Key, role => role.First().Value, StringComparer.Ordinal),
            Numbers = matches
                .SelectMany(match => match.Numbers.Keys)
                .Distinct(StringComparer.Ordinal)
                .ToDictionary(
                    fact => fact,
                    fact =>
                        Agreed(fact, match =>
                            match.Numbers.TryGetValue(fact, out var number) ? new GraphFact<double?>(number.Value, number.Node) : null),
                    StringComparer.Ordinal),
            Words = matches
                .SelectMany(match => match.Words.Keys)
                .Distinct(StringComparer.Ordinal)
                .ToDictionary(
                    fact => fact,
                    fact =>
                        Agreed(fact, match =>
                            match.Words.TryGetValue(fact, out var word) ? new GraphFact<string>(word.Value, word.Node) : null),
                    StringComparer.Ordinal),
            Obstacles = [.. matches.SelectMany(match => match.Obstacles).Distinct(StringComparer.Ordinal)],
            Disagreements = disagreements,
        };

        GraphFact<T> Agreed<T>(string what, Func<CellMatch, GraphFact<T>?> fact)
        {
            var facts = matches.Select(fact).OfType<GraphFact<T>>().ToArray();
            if (Array.Find(facts, one => !Equals(one.Value, facts[0].Value)) is { } other)
            {
                disagreements.Add(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{what} is {(object?)facts[0].Value ?? "none"} at {facts[0].Node} and {(object?)other.Value ?? "none"} at {other.Node} in another use"
                    ));
            }

            return facts[0];
        }
    }

    private static void Connect(
        GraphCell cell,
        IReadOnlyList<CellUse> group,
        Dictionary<CellUse, GraphCell> cells,
        Dictionary<CellUse, CellUse[]> before,
        Dictionary<CellUse, IReadOnlyList<DataFlow.Source>> inputs,
        DataFlow handed)
    {
        var sources = group.SelectMany(use => inputs[use]).ToArray();
        cell.Sources =
        [
            .. sources
                .Where(source => !source.IsComputed)
                .Select(source => source.Use)
                .OfType<CellUse>()
                .Select(use => cells[use])
                .Distinct(),
        ];
        cell.ExternalSources =
        [
            .. sources
                .Where(source => source.Use is null || source.IsComputed)
                .Select(source => $"{source.Node.Name}:{source.Output.ToString(CultureInfo.InvariantCulture)}")
                .Distinct(StringComparer.Ordinal),
        ];

        // A use whose state comes from a loop variable is a loop of its own; a chain of uses that feed each other's states is one.
        var states = group.ToDictionary(
            use => use,
            use =>
                handed.Of(use.H)
                    .Where(source => source.Use is { } previous && cells[previous] == cell)
                    .Select(source => source.Use!)
                    .ToArray(),
            ReferenceEqualityComparer.Instance.As<CellUse>());
        var looped = group.Where(use => states[use].Contains(use) || IsStatelessInLoop(use)).ToArray();

        // A function that several signatures call is in the graph as often, under the same names: one loop.
        cell.Loops = looped
            .Concat(group.Where(use => states[use].Length == 0 && !looped.Contains(use)))
            .Select((use, k) => use.Anchor.Name.Contains("::", StringComparison.Ordinal) ? use.Anchor.Name : $"{k}")
            .Distinct(StringComparer.Ordinal)
            .Count();
        cell.Loop =
            group[0].IsFusedSequence ? new GraphFact<GraphLoop>(GraphLoop.Fused, group[0].Anchor.Name)
            : looped.Length > 0
                ? new GraphFact<GraphLoop>(
                    looped[0].Anchor.Name.Contains("::", StringComparison.Ordinal) ? GraphLoop.Functional : GraphLoop.While,
                    looped[0].Anchor.Name)
            : group.Count > 1 && states.Values.Any(previous => previous.Length > 0)
                ? new GraphFact<GraphLoop>(GraphLoop.Unrolled, group[0].Anchor.Name)
            : new GraphFact<GraphLoop>(GraphLoop.SingleStep, group[0].Anchor.Name);
        foreach (var use in group)
        {
            before[use] = states[use];
        }
    }

    /// <summary>True for a cell that hands no state on, and reads what a loop takes of its sequence in one step.</summary>
    private static bool IsStatelessInLoop(CellUse use)
    {
        var at = use.First.Pattern.States.Count == 0 && !use.IsFusedSequence ? use.X : null;
        for (var step = 0; step < MaximumMoves && GraphVariables.Behind(at) is { } found; step++)
        {
            if (DataEdges.IsSequence(found.Node))
            {
                return DataEdges.Step(found) is null;
            }

            at = DataEdges.Inputs(found) is [var only] ? only : null;
        }

        return false;
    }

    /// <summary>
    /// A cell walks backward if its input was reversed on the way from something that lies, or walks, forward. Where the steps are copies
    /// there may be no node that reverses: then the first step reads the last part.
    /// </summary>
    private static void Directions(
        List<GraphCell> found,
        IReadOnlyList<IReadOnlyList<CellUse>> groups,
        Dictionary<CellUse, IReadOnlyList<DataFlow.Source>> inputs,
        Dictionary<CellUse, GraphCell> cells,
        Dictionary<CellUse, CellUse[]> before)
    {
        var places = Places(before);
        for (var k = 0; k < found.Count; k++)
        {
            // What is computed from constants may have been computed when the graph was frozen, the turning around included.
            if (
                IsSequence(found[k], groups[k])
                && groups[k].SelectMany(use => inputs[use]).All(source => source.Use is null && DataEdges.IsData(source.Node))
                && NamedDirection(found[k].Kernels[0]) is { } named
                && Direction(found[k], groups[k], inputs, cells, before, places)?.Value is null or false)
            {
                found[k].IsDirectionFromNames = named || Direction(found[k], groups[k], inputs, cells, before, places) is null;
                found[k].IsBackward = new GraphFact<bool>(named, found[k].Kernels[0]);
                found[k].LiesBackward = named && found[k].Loop.Value != GraphLoop.Unrolled;
            }
        }

        for (var round = 0; round < found.Count; round++)
        {
            for (var k = 0; k < found.Count; k++)
            {
                if (found[k].IsBackward is null && IsSequence(found[k], groups[k]))
                {
                    found[k].IsBackward = Direction(found[k], groups[k], inputs, cells, before, places);
                }
            }
        }
    }

    private static bool IsSequence(GraphCell cell, IReadOnlyList<CellUse> group) =>
        cell.Loop.Value != GraphLoop.SingleStep || group.Any(use => use.IsFusedSequence);

    /// <summary>The direction that a variable's path speaks of; the innermost word counts.</summary>
    private static bool? NamedDirection(string name)
    {
        foreach (var part in name.Split('/').Reverse())
        {
            if (part is "bw" or "backward" || part.StartsWith("backward_", StringComparison.Ordinal))
            {
                return true;
            }

            if (part is "fw" or "forward" || part.StartsWith("forward_", StringComparison.Ordinal))
            {
                return false;
            }
        }

        return null;
    }

    private static GraphFact<bool>? Direction(
        GraphCell cell,
        IReadOnlyList<CellUse> group,
        Dictionary<CellUse, IReadOnlyList<DataFlow.Source>> inputs,
        Dictionary<CellUse, GraphCell> cells,
        Dictionary<CellUse, CellUse[]> before,
        Dictionary<CellUse, int> places)
    {
        var seen = new HashSet<bool>();
        string? node = null;
        foreach (var use in group)
        {
            // Data lies forward; what another cell puts out may be its last state, which has no direction.
            var others = inputs[use].Where(source => source.Use is null || cells[source.Use] != cell).ToArray();
            foreach (var source in Array.Exists(others, source => source.Use is null) ? others.Where(source => source.Use is null) : others)
            {
                var isUnrolled = cell.Loop.Value == GraphLoop.Unrolled;
                var turned = isUnrolled ? IsTurned(use, source, inputs, cells, before, places) : false;
                var from =
                    source.Use is null ? false
                    : cells[source.Use] is var other && other.Loop.Value == GraphLoop.SingleStep && !source.Use.IsFusedSequence ? false
                    : other.IsBackward?.Value;
                if (from is null)
                {
                    return null;
                }

                if (turned is { } isTurned)
                {
                    seen.Add(from.Value ^ source.IsReversed ^ isTurned ^ use.First.Pattern.IsBackward);
                    cell.LiesBackward = (source.Use is { } below && cells[below].LiesBackward) ^ source.IsReversed;
                    node ??= source.ReversedBy;
                }
            }
        }

        return seen.Count == 1 ? new GraphFact<bool>(seen.First(), node ?? cell.Node) : null;
    }

    /// <summary>True if a later step reads an earlier part of a source, false for a later part, null where that cannot be told.</summary>
    private static bool? IsTurned(
        CellUse use,
        DataFlow.Source source,
        Dictionary<CellUse, IReadOnlyList<DataFlow.Source>> inputs,
        Dictionary<CellUse, GraphCell> cells,
        Dictionary<CellUse, CellUse[]> before,
        Dictionary<CellUse, int> places)
    {
        int? Place(DataFlow.Source one) => one.Step ?? (one.Use is { } from ? places.GetValueOrDefault(from) : null);
        foreach (var earlier in before[use].SelectMany(previous => inputs[previous]))
        {
            var isSame = source.Use is { } now
                ? earlier.Use is { } then && cells[then] == cells[now]
                : earlier.Use is null && earlier.Node == source.Node;
            if (isSame && Place(earlier) is { } from && Place(source) is { } to && from != to)
            {
                return to < from;
            }
        }

        return null;
    }

    /// <summary>The place of each copy in its chain of steps.</summary>
    private static Dictionary<CellUse, int> Places(Dictionary<CellUse, CellUse[]> before)
    {
        var places = new Dictionary<CellUse, int>(ReferenceEqualityComparer.Instance.As<CellUse>());
        var after = before
            .SelectMany(pair => pair.Value.Select(previous => (Previous: previous, Use: pair.Key)))
            .Where(pair => pair.Previous != pair.Use)
            .ToLookup(pair => pair.Previous, pair => pair.Use, ReferenceEqualityComparer.Instance.As<CellUse>());
        var todo = new Queue<CellUse>(before.Where(pair => pair.Value.Length == 0).Select(pair => pair.Key));
        foreach (var use in todo)
        {
            places[use] = 0;
        }

        while (todo.Count > 0)
        {
            var use = todo.Dequeue();
            foreach (var next in after[use])
            {
                if (places.TryAdd(next, places[use] + 1))
                {
                    todo.Enqueue(next);
                }
            }
        }

        return places;
    }

    private static ByReference<T> As<T>(this ReferenceEqualityComparer comparer)
        where T : class => new ByReference<T>(comparer);

    private sealed class ByReference<T>(ReferenceEqualityComparer comparer) : IEqualityComparer<T>
        where T : class
    {
        public bool Equals(T? x, T? y) => comparer.Equals(x, y);

        public int GetHashCode(T value) => comparer.GetHashCode(value);
    }
}
