using System.Globalization;
using System.Text.RegularExpressions;

namespace LstmConvert.Graphs;

/// <summary>
/// Finds the cells of a graph, one for each kernel: patterns find places that compute a step; here those of one kernel are put together,
/// their facts compared, and their inputs followed to other cells.
/// </summary>
public static partial class CellFinder
{
    /// <summary>The largest number of steps that are looked at; a program unrolled over 200 steps with four layers in three copies has 2,400.</summary>
    public const int MaximumUses = 20_000;

    /// <summary>Finds the cells.</summary>
    /// <param name="graph">The graph.</param>
    public static IReadOnlyList<GraphCell> Find(Graph graph)
    {
        var uses = LstmPattern.Find(graph.Nodes, graph.Variables).Concat(GruPattern.Find(graph.Nodes, graph.Variables)).Concat(FusedPattern.Find(graph.Nodes, graph.Variables)).ToList();
        var claimed = uses.SelectMany(use => use.Variables.Values).SelectMany(names => names).ToHashSet(StringComparer.Ordinal);
        var plain = RnnPattern.Find(graph.Nodes, graph.Variables).Where(use => !use.Kernels.Any(claimed.Contains)).ToList();
        if (uses.Count > MaximumUses || plain.Count > MaximumUses)
        {
            throw new UnreadableInputException($"{graph.Path} computes more than {MaximumUses} steps of recurrent cells. Name a graph with fewer copies, the one for inference.");
        }


        uses.AddRange(Recurrent(plain));
        foreach (var use in uses)
        {
            FindProducts(use, graph.Variables);
            FindResidual(use);
            FindLengths(use);
        }

        var groups = uses.GroupBy(use => string.Join('\n', use.Kernels.Order(StringComparer.Ordinal)), StringComparer.Ordinal).Select(group => group.ToArray()).ToArray();
        foreach (var group in groups)
        {
            ResolveProjection(group);
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
        var flow = new DataFlow(owners);
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
        for (var k = 0; k < groups.Length; k++)
        {
            Connect(found[k], groups[k], inputs, cells, before, flow);
        }

        Directions(found, groups, inputs, cells, before);
        return found;
    }

    /// <summary>Those whose h really is the previous h' of the same kernel.</summary>
    private static IEnumerable<CellUse> Recurrent(List<CellUse> plain)
    {
        foreach (var group in plain.GroupBy(use => string.Join('\n', use.Kernels), StringComparer.Ordinal))
        {
            var owners = new Dictionary<Output, CellUse>();
            foreach (var use in group)
            {
                owners.TryAdd(use.Hidden!.Value, use);
            }

            var flow = new DataFlow(owners);
            var reached = group.SelectMany(use => flow.Of(use.H)).Where(source => !source.IsComputed).Select(source => source.Use).OfType<CellUse>().ToHashSet(ReferenceEqualityComparer.Instance.As<CellUse>());
            if (reached.Count == 0)
            {
                continue;
            }

            // An activation and the sum before it are both candidates: the one that the state comes from is the cell.
            var isActivated = reached.First().Activation!.Value != "linear";
            foreach (var use in group.Where(use => use.Activation!.Value != "linear" == isActivated))
            {
                yield return use;
            }
        }
    }

    private static void FindProducts(CellUse use, GraphVariables variables)
    {
        if (use.Kind != GraphCellKind.Lstm || use.Hidden is not { } hidden)
        {
            return;
        }

        foreach (var (node, input) in hidden.Node.UsersOf(hidden.Index).Where(user => CellAlgebra.IsProduct(user.Node) && user.Input == 0))
        {
            if (variables.Names(node.Input(1)) is { Count: > 0 } kernel)
            {
                var product = new Output(node, input);
                var (clipped, limit) = CellAlgebra.ClipAfter(product);
                use.Products.Add((product, kernel, limit, clipped));
            }
        }
    }

    /// <summary>A product of h is the projection if the next step reads it as h; a dense layer after the loop is none.</summary>
    private static void ResolveProjection(CellUse[] group)
    {
        foreach (var use in group)
        {
            if (use.Hidden is { } hidden)
            {
                use.Outputs.Add(hidden);
            }
        }

        if (group.All(use => use.Products.Count == 0))
        {
            return;
        }

        var owners = new Dictionary<Output, CellUse>();
        var isHidden = new HashSet<Output>();
        foreach (var use in group)
        {
            isHidden.Add(use.Hidden!.Value);
            owners.TryAdd(use.Hidden!.Value, use);
            foreach (var product in use.Products)
            {
                owners.TryAdd(product.Output, use);
            }
        }

        var flow = new DataFlow(owners);
        var states = group.SelectMany(use => flow.Of(use.H)).Where(source => source.Use is not null).Select(source => new Output(source.Node, source.Output)).ToHashSet();

        // A clip stands between the product and the next step: what follows it leads there too.
        states.UnionWith(group.SelectMany(use => use.Products).Where(product => product.Clip is not null && LeadsTo(group, product.Clipped)).Select(product => product.Output));
        foreach (var use in group)
        {
            foreach (var product in use.Products.Where(product => states.Contains(product.Output) || (!states.Overlaps(isHidden) && states.Count == 0 && ProjectionName().IsMatch(product.Kernel[0]))
                || group.SelectMany(other => other.Products).Any(other => states.Contains(other.Output) && other.Kernel.SequenceEqual(product.Kernel))).Take(1))
            {
                use.Variables["projection/kernel"] = product.Kernel;
                use.ProjectionClip = product.Clip;
                use.Outputs.Clear();
                use.Outputs.AddRange([product.Output, product.Clipped]);
                use.Hidden = product.Clipped;
            }
        }
    }

    private static bool LeadsTo(CellUse[] group, Output output)
    {
        var flow = new DataFlow(new Dictionary<Output, CellUse> { [output] = group[0] });
        return group.Any(use => flow.Of(use.H).Any(source => source.Use is not null));
    }

    /// <summary>A state that is clipped, scaled or reset between two steps is not the state that a plain cell hands on.</summary>
    private static void FindChangedStates(List<CellUse> uses, Dictionary<Output, CellUse> owners)
    {
        var states = new Dictionary<Output, CellUse>(owners);
        foreach (var use in uses.Where(use => use.State is not null))
        {
            states.TryAdd(use.State!.Value, use);
        }

        var flow = new DataFlow(states);
        foreach (var use in uses)
        {
            foreach (var (state, letter) in new[] { (use.H, 'h'), (use.C, 'c') })
            {
                if (flow.Of(state).Any(source => source is { IsComputed: true, Use: { } before } && before.Kernels.SequenceEqual(use.Kernels)))
                {
                    use.Obstacles.Add($"its state {letter} is changed between two steps ({GraphVariables.Behind(state)?.Node.Name ?? use.Anchor.Name})");
                }
            }
        }
    }

    private static void FindResidual(CellUse use)
    {
        if (use.Hidden is not { } hidden || use.X is not { } x)
        {
            return;
        }

        // Dropout may stand on either side: before the cell, and between it and the addition.
        var todo = new Queue<(Output At, int Depth)>([(hidden, 0)]);
        while (todo.Count > 0)
        {
            var (at, depth) = todo.Dequeue();
            foreach (var (node, input) in at.Node.UsersOf(at.Index))
            {
                if (CellAlgebra.IsAdd(node) && CellAlgebra.Other(node, input) is { } other && DataFlow.Unmasked(other) == DataFlow.Unmasked(x))
                {
                    use.Residual = new GraphFact<bool>(Value: true, node.Name);
                    use.Outputs.Add(new Output(node, 0));
                    return;
                }

                if (depth < 4 && (node.Op == "Mul" || (node.Op == "RealDiv" && input == 0) || GraphVariables.IsTransparent(node)) && DataFlow.Unmasked(new Output(node, 0)) == DataFlow.Unmasked(hidden))
                {
                    todo.Enqueue((new Output(node, 0), depth + 1));
                }
            }
        }
    }

    /// <summary>Rows have lengths where a Select chooses between the new and the old value by the step's number.</summary>
    private static void FindLengths(CellUse use)
    {
        var todo = new Stack<(Output At, int Depth)>();
        foreach (var start in new[] { use.Hidden }.Concat(use.Products.Select(product => (Output?)product.Clipped)).Concat(use.Outputs.Select(output => (Output?)output)))
        {
            if (start is { } output)
            {
                todo.Push((output, 0));
            }
        }

        while (todo.Count > 0)
        {
            var (at, depth) = todo.Pop();
            foreach (var (node, input) in at.Node.UsersOf(at.Index))
            {
                if (node.Op is "Select" or "SelectV2" && input > 0)
                {
                    if (GraphVariables.Behind(node.Input(0)) is { Node.Op: "GreaterEqual" or "Less" or "Greater" or "LessEqual" or "Tile" or "Reshape" })
                    {
                        use.SequenceLengths = new GraphFact<bool>(Value: true, node.Name);
                        return;
                    }
                }
                else if (depth < 4 && node.Op is "Identity" or "Switch" or "Merge" or "Reshape" or "Concat" or "ConcatV2")
                {
                    todo.Push((new Output(node, 0), depth + 1));
                    if (node.Op == "Switch")
                    {
                        todo.Push((new Output(node, 1), depth + 1));
                    }
                }
            }
        }
    }

    private static GraphCell Merge(CellUse[] group)
    {
        var first = group[0];
        var disagreements = new List<string>();
        var names = group.SelectMany(use => use.Variables.Keys).Distinct(StringComparer.Ordinal).ToArray();
        var cell = new GraphCell(first.Kind, first.Anchor.Op, first.Kernels)
        {
            Node = first.Anchor.Name,
            Uses = group.Length,
            Variables = names.ToDictionary(role => role, role => group.Select(use => use.Variables.GetValueOrDefault(role)).OfType<IReadOnlyList<string>>().First(), StringComparer.Ordinal),
            ForgetBias = Agreed("forget_bias", use => use.ForgetBias),
            CellClip = Agreed("cell_clip", use => use.CellClip),
            ProjectionClip = Agreed("proj_clip", use => use.ProjectionClip),
            Activation = Agreed("the activation", use => use.Activation),
            OutputActivation = Agreed("the output's activation", use => use.OutputActivation),
            RecurrentActivation = Agreed("the gates' activation", use => use.RecurrentActivation),
            GateOrder = Agreed("the order of the gates", use => use.GateOrder),
            Residual = group.Select(use => use.Residual).FirstOrDefault(fact => fact is not null),
            SequenceLengths = group.Select(use => use.SequenceLengths).FirstOrDefault(fact => fact is not null),
            Obstacles = [.. group.SelectMany(use => use.Obstacles).Distinct(StringComparer.Ordinal)],
        };
        cell.Disagreements = disagreements;
        return cell;

        GraphFact<T>? Agreed<T>(string what, Func<CellUse, GraphFact<T>?> fact)
        {
            var facts = group.Select(fact).ToArray();
            var present = facts.FirstOrDefault(one => one is not null);
            var other = facts.FirstOrDefault(one => present is null ? one is not null : one is null || !Equals(one.Value, present.Value));
            if (present is not null && Array.Exists(facts, one => one is null || !Equals(one.Value, present.Value)))
            {
                disagreements.Add(string.Create(CultureInfo.InvariantCulture, $"{what} is {present.Value} at {present.Node} and {(other is null ? "absent" : $"{other.Value} at {other.Node}")} in another use"));
            }

            return present;
        }
    }

    private static void Connect(GraphCell cell, CellUse[] group, Dictionary<CellUse, IReadOnlyList<DataFlow.Source>> inputs, Dictionary<CellUse, GraphCell> cells, Dictionary<CellUse, CellUse[]> before, DataFlow flow)
    {
        var sources = group.SelectMany(use => inputs[use]).ToArray();
        cell.Sources = [.. sources.Where(source => !source.IsComputed).Select(source => source.Use).OfType<CellUse>().Select(use => cells[use]).Distinct()];
        cell.ExternalSources = [.. sources.Where(source => source.Use is null || source.IsComputed).Select(source => $"{source.Node.Name}:{source.Output.ToString(CultureInfo.InvariantCulture)}").Distinct(StringComparer.Ordinal)];

        // A use whose state comes from a loop variable is a loop of its own; a chain of uses that feed each other's states is one.
        var states = group.ToDictionary(use => use, use => flow.Of(use.H).Where(source => source.Use is { } previous && cells[previous] == cell).Select(source => source.Use!).ToArray(), ReferenceEqualityComparer.Instance.As<CellUse>());
        var looped = group.Where(use => states[use].Contains(use)).ToArray();
        cell.Loops = looped.Length + group.Count(use => !states[use].Contains(use) && states[use].Length == 0);
        cell.Loop = group[0].IsFusedSequence ? new GraphFact<GraphLoop>(GraphLoop.Fused, group[0].Anchor.Name)
            : looped.Length > 0 ? new GraphFact<GraphLoop>(looped[0].Anchor.Name.Contains("::", StringComparison.Ordinal) ? GraphLoop.Functional : GraphLoop.While, looped[0].Anchor.Name)
            : group.Length > 1 && states.Values.Any(previous => previous.Length > 0) ? new GraphFact<GraphLoop>(GraphLoop.Unrolled, group[0].Anchor.Name)
            : new GraphFact<GraphLoop>(GraphLoop.SingleStep, group[0].Anchor.Name);
        foreach (var use in group)
        {
            before[use] = states[use];
        }
    }

    /// <summary>
    /// A cell walks backward if its input was reversed on the way from something that lies, or walks, forward. Where the steps are copies
    /// there may be no node that reverses: then the first step reads the last part.
    /// </summary>
    private static void Directions(List<GraphCell> found, CellUse[][] groups, Dictionary<CellUse, IReadOnlyList<DataFlow.Source>> inputs, Dictionary<CellUse, GraphCell> cells, Dictionary<CellUse, CellUse[]> before)
    {
        var places = Places(before);
        for (var round = 0; round < found.Count; round++)
        {
            for (var k = 0; k < found.Count; k++)
            {
                if (found[k].IsBackward is null && (found[k].Loop.Value != GraphLoop.SingleStep || groups[k].Any(use => use.IsFusedSequence)))
                {
                    found[k].IsBackward = Direction(found[k], groups[k], inputs, cells, before, places);
                }
            }
        }
    }

    private static GraphFact<bool>? Direction(
        GraphCell cell, CellUse[] group, Dictionary<CellUse, IReadOnlyList<DataFlow.Source>> inputs, Dictionary<CellUse, GraphCell> cells,
        Dictionary<CellUse, CellUse[]> before, Dictionary<CellUse, int> places)
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
                var from = source.Use is null ? false
                    : cells[source.Use] is var other && other.Loop.Value == GraphLoop.SingleStep && !source.Use.IsFusedSequence ? false : other.IsBackward?.Value;
                if (from is null)
                {
                    return null;
                }

                if (turned is { } isTurned)
                {
                    seen.Add(from.Value ^ source.IsReversed ^ isTurned);
                    node ??= source.ReversedBy;
                }
            }
        }

        return seen.Count == 1 ? new GraphFact<bool>(seen.First(), node ?? cell.Node) : null;
    }

    /// <summary>True if a later step reads an earlier part of a source, false for a later part, null where that cannot be told.</summary>
    private static bool? IsTurned(CellUse use, DataFlow.Source source, Dictionary<CellUse, IReadOnlyList<DataFlow.Source>> inputs, Dictionary<CellUse, GraphCell> cells, Dictionary<CellUse, CellUse[]> before, Dictionary<CellUse, int> places)
    {
        int? Place(DataFlow.Source one) => one.Step ?? (one.Use is { } from ? places.GetValueOrDefault(from) : null);
        foreach (var earlier in before[use].SelectMany(previous => inputs[previous]))
        {
            var isSame = source.Use is { } now ? earlier.Use is { } then && cells[then] == cells[now] : earlier.Use is null && earlier.Node == source.Node;
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
        var after = before.SelectMany(pair => pair.Value.Select(previous => (Previous: previous, Use: pair.Key))).Where(pair => pair.Previous != pair.Use).ToLookup(pair => pair.Previous, pair => pair.Use, ReferenceEqualityComparer.Instance.As<CellUse>());
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

    [GeneratedRegex("(/projection/(kernel|weights)|/W_P(_[0-9]+)?)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ProjectionName();

    private sealed class ByReference<T>(ReferenceEqualityComparer comparer) : IEqualityComparer<T>
        where T : class
    {
        public bool Equals(T? x, T? y) => comparer.Equals(x, y);

        public int GetHashCode(T value) => comparer.GetHashCode(value);
    }
}
