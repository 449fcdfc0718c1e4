using System.Globalization;
using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>Finds the tensors at which a cell can be fed and watched: its first run, where the graph has several.</summary>
internal static class TapFinder
{
    private const int MaximumNodes = 4_000;

    /// <summary>The taps of a cell.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="group">Its uses.</param>
    /// <param name="before">The uses whose state each use reads.</param>
    public static GraphTaps Of(GraphCell cell, IReadOnlyList<CellUse> group, IReadOnlyDictionary<CellUse, CellUse[]> before)
    {
        var chain = Chain(group, before);
        var (first, last) = (chain[0], chain[^1]);
        var isLoop = cell.Loop.Value is GraphLoop.While or GraphLoop.Functional;
        var isFused = cell.Loop.Value == GraphLoop.Fused;
        var taps = new GraphTaps
        {
            InitialStates = first
                .First.States.Where(state => state.Value.Enters is not null)
                .Select(state => (state.Key, Initial: SequenceEdges.Initial(state.Value.Enters!.Value, isLoop)))
                .Where(state => state.Initial is not null)
                .ToDictionary(
                    state => state.Key,
                    state => Tap(state.Initial!.Value.Tensor, SequenceEdges.AxisOfStates(first.Anchor)) with
                    {
                        Cut = state.Initial!.Value.Cut,
                    },
                    StringComparer.Ordinal),
            Unclosed = first
                .First.States.Values.Select(state => state.Enters is { } enters ? SequenceEdges.Unclosed(enters)?.Name : null)
                .FirstOrDefault(node => node is not null),
            Extents = Extents(first),
            Entries = Entries(first, isFused ? TimeAxis.First : TimeAxis.None, isLoop),
            Cells =
                isFused || cell.Loop.Value == GraphLoop.Functional || !chain.TrueForAll(use => use.X is not null)
                    ? []
                    : [.. chain.Select(Step)],
        };
        if (isFused)
        {
            return taps with { Output = Tap(first.Hidden, TimeAxis.First) };
        }

        if (!isLoop)
        {
            return taps with
            {
                Steps = [.. chain.Select(use => Name(use.Hidden))],
                StepInputs = chain.All(use => use.X is not null) ? [.. chain.Select(use => Name(use.X!.Value))] : [],
                FinalStates = last
                    .First.States.Where(state => state.Value.Leaves is not null)
                    .ToDictionary(state => state.Key, state => Tap(state.Value.Leaves!.Value, TimeAxis.None), StringComparer.Ordinal),
            };
        }

        return taps with
        {
            Output = Gathered(first.Hidden),
            Sum = first.Outputs.Skip(1).Select(Gathered).FirstOrDefault(tap => tap is not null),
            FinalStates = first
                .First.States.Select(state => (state.Key, Final: Final(state.Value.Enters, state.Value.Leaves)))
                .Where(state => state.Final is not null)
                .ToDictionary(state => state.Key, state => state.Final!, StringComparer.Ordinal),
        };
    }

    private static GraphTap? Final(Output? enters, Output? leaves) =>
        leaves is not { } left ? null
        : Walk(left, DataEdges.IsExit, isStep: true) is { } exit ? Tap(exit, TimeAxis.None)
        : enters is { } read && SequenceEdges.PackedFinal(read) is var (tensor, cut) ? Tap(tensor, TimeAxis.None) with { Cut = cut }
        : null;

    private static StepTaps Step(CellUse use) =>
        new(
            Name(use.X!.Value),
            use.First.States.Where(state => state.Value.Enters is not null)
                .ToDictionary(state => state.Key, state => Name(state.Value.Enters!.Value), StringComparer.Ordinal),
            use.First.States.Where(state => state.Value.Leaves is not null)
                .ToDictionary(state => state.Key, state => Name(state.Value.Leaves!.Value), StringComparer.Ordinal),
            Name(use.Hidden))
        {
            Givens = [.. use.First.Givens.OfType<Output>().Select(Name)],
        };

    /// <summary>The uses of one run in the order of their steps: the one of a loop alone, or copies that hand their state on.</summary>
    private static List<CellUse> Chain(IReadOnlyList<CellUse> group, IReadOnlyDictionary<CellUse, CellUse[]> before)
    {
        if (group.FirstOrDefault(use => before[use].Contains(use)) is { } looped)
        {
            return [looped];
        }

        var after = group
            .SelectMany(use => before[use].Select(previous => (previous, use)))
            .ToLookup(pair => pair.previous, pair => pair.use);
        var chain = new List<CellUse> { group.FirstOrDefault(use => before[use].Length == 0) ?? group[0] };
        var seen = new HashSet<CellUse>(chain);
        while (after[chain[^1]].FirstOrDefault(seen.Add) is { } next)
        {
            chain.Add(next);
        }

        return chain;
    }

    /// <summary>Where the values of a node in a loop are put together; null where they are not.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node's name.</param>
    public static GraphTap? Gathered(Graph graph, string node) =>
        graph.Nodes.Find(one => one.Name == node) is { } found ? Gathered(new Output(found, 0)) : null;

    private static GraphTap? Gathered(Output step) =>
        Walk(step, SequenceEdges.Gathers, isStep: false) is { } all ? Tap(all, TimeAxis.First) : null;

    /// <summary>Follows a value to the first node of a kind; a step's value that is put among others is no single value any more.</summary>
    private static Output? Walk(Output start, Func<GraphNode, bool> isEnd, bool isStep)
    {
        var (seen, todo) = (new HashSet<Output> { start }, new Queue<Output>([start]));
        while (todo.TryDequeue(out var at) && seen.Count < MaximumNodes)
        {
            foreach (var node in at.Node.UsersOf(at.Index).Select(user => user.Node).Distinct())
            {
                if (isStep && SequenceEdges.Stores(node))
                {
                    continue;
                }

                foreach (var next in SequenceEdges.Onwards(node, at))
                {
                    if (isEnd(node))
                    {
                        return next;
                    }

                    if (seen.Add(next))
                    {
                        todo.Enqueue(next);
                    }
                }
            }
        }

        return null;
    }

    /// <summary>Every tensor on the way back from what a step reads, with where its axis of time lies; where something is computed the way
    /// ends, and inside a loop nothing can be fed.</summary>
    private static Dictionary<string, GraphTap> Entries(CellUse first, TimeAxis axis, bool isLoop)
    {
        var entries = new Dictionary<string, GraphTap>(StringComparer.Ordinal);
        var (seen, todo) = (new HashSet<Output>(), new Queue<(Output At, TimeAxis Axis, bool IsInside, GraphTap? Instead)>());
        if (first.X is { } x)
        {
            todo.Enqueue((x, axis, isLoop, null));
        }

        while (todo.TryDequeue(out var one) && seen.Count < MaximumNodes)
        {
            if (!seen.Add(one.At))
            {
                continue;
            }

            if (!one.IsInside)
            {
                entries.TryAdd(one.At.Node.Name, one.Instead ?? Tap(one.At, one.Axis));
            }

            // Before an axis of length 1 is dropped the values have another form: they are fed behind that. Where it is a step's own, all
            // steps lie before it.
            var instead = one.Instead
                ?? (!one.IsInside && one.Axis != TimeAxis.None && SequenceEdges.DropsAxis(one.At.Node) ? Tap(one.At, one.Axis) : null);
            foreach (var input in DataEdges.Inputs(one.At) ?? [])
            {
                if (input is { } before)
                {
                    todo.Enqueue(
                        (before, SequenceEdges.Before(one.At, one.Axis), one.IsInside && !SequenceEdges.EntersLoop(one.At.Node), instead));
                }
            }
        }

        return entries;
    }

    /// <summary>The inputs of the program on which it depends how long the rows are.</summary>
    private static GraphExtent[] Extents(CellUse use)
    {
        var found = new Dictionary<string, GraphExtent>(StringComparer.Ordinal);
        var (seen, todo) = (new HashSet<GraphNode>(ReferenceEqualityComparer.Instance), new Queue<(GraphNode Node, bool IsCount)>());
        foreach (var choice in use.SequenceLengths is null ? [] : Choices(use))
        {
            todo.Enqueue((choice, false));
        }

        if (use.RowMask is { } mask)
        {
            todo.Enqueue((mask.Node, false));
        }

        if (SequenceEdges.StepCount(use.Anchor) is { } count)
        {
            todo.Enqueue((count.Node, true));
        }

        while (todo.TryDequeue(out var at) && seen.Count < MaximumNodes)
        {
            if (!seen.Add(at.Node))
            {
                continue;
            }

            if (SequenceEdges.Extent(at.Node, at.IsCount) is { } extent)
            {
                found.TryAdd(at.Node.Name, new GraphExtent(at.Node.Name, extent));
            }

            foreach (var input in at.Node.Inputs)
            {
                if (input is { } before && !DataEdges.IsShape(before.Node))
                {
                    // The number of steps may be the largest of the rows' lengths.
                    todo.Enqueue((before.Node, at.IsCount && !SequenceEdges.IsLargest(at.Node)));
                }
            }
        }

        return [.. found.Values];
    }

    /// <summary>The conditions of the choices by which a row's end is told.</summary>
    private static IEnumerable<GraphNode> Choices(CellUse use)
    {
        var (seen, todo) = (new HashSet<Output>(), new Queue<Output>(use.Outputs));
        while (todo.TryDequeue(out var at) && seen.Count < 200)
        {
            foreach (var node in at.Node.UsersOf(at.Index).Select(user => user.Node).Distinct())
            {
                if (Operations.IsChoice(node) && node.Input(0) is { } condition && !condition.Equals(at))
                {
                    yield return condition.Node;
                    yield break;
                }

                foreach (var next in SequenceEdges.Onwards(node, at).Where(seen.Add))
                {
                    todo.Enqueue(next);
                }
            }
        }
    }

    private static GraphTap Tap(Output at, TimeAxis axis) => new(Name(at), axis) { Shape = SequenceEdges.Shape(at) };

    private static string Name(Output at) => string.Create(CultureInfo.InvariantCulture, $"{at.Node.Name}:{at.Index}");
}
