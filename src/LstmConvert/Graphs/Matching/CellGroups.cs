using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>
/// Searches a graph for all patterns and puts places of the same matrices together. A pattern fits in several ways where terms may be
/// absent
/// or change places (with and without a projection, input and state); the right one is what the state of the next step comes from.
/// </summary>
internal static class CellGroups
{
    /// <summary>The largest number of steps that are looked at; a program unrolled over 200 steps with four layers in three copies has
    /// 2,400.</summary>
    public const int MaximumUses = 20_000;

    /// <summary>Ways in which one pattern may fit at one output.</summary>
    private const int MaximumWays = 16;

    /// <summary>The cells: for each its uses.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="patterns">What is looked for.</param>
    /// <param name="activations">The activations that the patterns' facts may be.</param>
    /// <param name="idle">Takes the copies that nothing reads.</param>
    /// <exception cref="UnreadableInputException">The graph has more steps, or tangles its nodes more, than any program.</exception>
    public static IReadOnlyList<IReadOnlyList<CellUse>> Find(
        Graph graph, IReadOnlyList<GraphPattern> patterns, IReadOnlyList<GraphActivation> activations, List<CellUse> idle)
    {
        var (table, compiled) = CompiledPatterns.Of(patterns, activations);
        var places = new PlaceFinder(graph.Variables, graph.Nodes.Count);
        var matcher = new PatternMatcher(table, places);
        var found = new List<CellMatch>();
        var byOperation = new Dictionary<string, (CompiledPattern Pattern, PatternRoots Roots)[]>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (!byOperation.TryGetValue(node.Op, out var possible))
            {
                byOperation[node.Op] = possible = [.. compiled.Where(one => one.Roots.MayFit(node))];
            }

            foreach (var (pattern, roots) in possible)
            {
                if (roots.Fit(node))
                {
                    var output = new Output(node, roots.OutputIndex);
                    found.AddRange(
                        matcher
                            .Match(pattern.Root, output, Bindings.Empty)
                            .Take(MaximumWays)
                            .Select(way => CellMatch.Of(pattern, output, matcher.WithNewStates(pattern, way)))
                            .OfType<CellMatch>());
                }
            }

            if (found.Count > MaximumUses * 8 || places.IsExhausted)
            {
                throw new UnreadableInputException(
                    $"{graph.Path} computes more steps of recurrent cells than any program. Name a graph with fewer copies, the one for inference."
                );
            }
        }

        // What fits with fewer obstacles has its variables to itself: an LSTM of two kernels is no one of one kernel to which something is
        // added. Of two that fit alike the one of more matrices is the whole: a cell with what wraps it.
        var groups = new List<List<CellUse>>();
        var claimed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var isOnlyInLoops in new[] { false, true })
        {
            var candidates = found
                .Where(match => match.Pattern.Pattern.IsOnlyInLoops == isOnlyInLoops && (!isOnlyInLoops || match.Obstacles.Count == 0))
                .GroupBy(match => match.Kernels, StringComparer.Ordinal)
                .Select(group => Resolve([.. group], idle))
                .Where(group => group.Count > 0);
            foreach (
                var group in candidates
                    .OrderBy(group => group[0].First.Obstacles.Count)
                    .ThenByDescending(group => group[0].First.Kernels.Count(letter => letter == '\n'))
                    .ToArray())
            {
                if (!group[0].First.Kernels.Split('\n').Any(claimed.Contains))
                {
                    groups.Add(group);
                    claimed.UnionWith(group[0].First.Variables.Values.SelectMany(names => names));
                }
            }
        }

        return [.. groups.OrderBy(group => group[0].Anchor.Number)];
    }

    /// <summary>Chooses, for each pattern, the way of all that the loops bear out, and of the patterns those that say as much as the best
    /// one.</summary>
    private static List<CellUse> Resolve(CellMatch[] group, List<CellUse> idle)
    {
        var loops = Loops(group);
        var chosen = new List<(CellMatch[] Matches, int Loops)>();
        foreach (var pattern in group.GroupBy(match => match.Pattern))
        {
            var ways = pattern
                .GroupBy(match => match.Signature, StringComparer.Ordinal)
                .Select(way => (Matches: way.ToArray(), Loops: way.Count(match => loops.Contains(match))))
                .ToArray();
            var best = ways.MinBy(
                way => way,
                Comparer<(CellMatch[] Matches, int Loops)>.Create((a, b) => Compare(a.Matches, a.Loops, b.Matches, b.Loops)));
            if (best.Loops > 0 || !pattern.Key.Pattern.IsOnlyInLoops)
            {
                chosen.Add((WithCopies(best.Matches, pattern), best.Loops));
            }
        }

        if (chosen.Count == 0)
        {
            return [];
        }

        chosen.Sort((a, b) => Compare(a.Matches, a.Loops, b.Matches, b.Loops));
        // What another pattern takes for a step of its own may be a part of a step of the best one.
        var inside = chosen[0]
            .Matches.SelectMany(match => match.Anchors.Where(anchor => anchor != match.Anchor))
            .ToHashSet<GraphNode>(ReferenceEqualityComparer.Instance);
        var uses = new List<CellUse>();
        foreach (
            var place in chosen
                .SelectMany(one => one.Matches)
                .Where(match => !inside.Contains(match.Anchor!))
                .GroupBy(match => match.Anchor!, ReferenceEqualityComparer.Instance))
        {
            var first = place.First();
            uses.Add(
                new CellUse([
                    .. place
                        .Where(match => match.Output == first.Output && match.Obstacles.Count <= first.Obstacles.Count)
                        .DistinctBy(match => match.Pattern),
                ]));
        }

        var live = Live(uses);
        idle.AddRange(uses.Except(live));
        return live;
    }

    /// <summary>Without the copies that stand beside a loop for their shapes alone: TensorFlow 2 computes the first step once more, and
    /// nothing reads it.</summary>
    private static List<CellUse> Live(List<CellUse> uses)
    {
        var owners = new Dictionary<Output, CellUse>();
        foreach (var use in uses)
        {
            owners.TryAdd(use.Left, use);
        }

        var flow = new DataFlow(owners);
        var before = uses.Select(use => (Use: use, Before: flow.Of(use.H).Select(source => source.Use).OfType<CellUse>().ToArray()))
            .ToArray();
        var read = before.SelectMany(pair => pair.Before).ToHashSet();
        return before.Any(pair => pair.Before.Contains(pair.Use))
            ? [.. before.Where(pair => pair.Before.Length > 0 || read.Contains(pair.Use)).Select(pair => pair.Use)]
            : uses;
    }

    /// <summary>The chosen way, and where a copy of the cell does not have it (another forget bias, no clip), what is there.</summary>
    private static CellMatch[] WithCopies(CellMatch[] best, IEnumerable<CellMatch> all)
    {
        var places = best.Select(match => match.Anchor!).ToHashSet(ReferenceEqualityComparer.Instance);
        var others = all.Where(match => !places.Contains(match.Anchor!)).GroupBy(match => match.Anchor!, ReferenceEqualityComparer.Instance)
            .Select(place => place.MinBy(match => match, Comparer<CellMatch>.Create((a, b) => Compare([a], 0, [b], 0)))!);
        return [.. best, .. others];
    }

    /// <summary>The matches whose state comes from an output of their own way.</summary>
    private static HashSet<CellMatch> Loops(CellMatch[] group)
    {
        var byOutput = group.ToLookup(match => match.Left);
        var owners = byOutput.ToDictionary(output => output.Key, output => new CellUse([output.First()]));
        var flow = new DataFlow(owners);
        var sources = new Dictionary<Output, CellMatch[]>();
        var found = new HashSet<CellMatch>();
        foreach (var match in group)
        {
            if (match.Carried is not { } state || match.States[state].Enters is not { } enters)
            {
                continue;
            }

            if (!sources.TryGetValue(enters, out var reached))
            {
                sources[enters] = reached = [
                    .. flow.Of(enters)
                        .Where(source => !source.IsComputed && source.Use is not null)
                        .SelectMany(source => byOutput[new Output(source.Node, source.Output)]),
                ];
            }

            if (reached.Any(other => other.Pattern == match.Pattern && other.Signature == match.Signature))
            {
                found.Add(match);
            }
        }

        return found;
    }

    /// <summary>Fewer than zero if the first is the better way.</summary>
    private static int Compare(CellMatch[] a, int loopsOfA, CellMatch[] b, int loopsOfB)
    {
        var order = loopsOfB.CompareTo(loopsOfA);
        order = order != 0 ? order : a[0].Obstacles.Count.CompareTo(b[0].Obstacles.Count);
        order = order != 0 ? order : Named(b[0]).CompareTo(Named(a[0]));
        order = order != 0 ? order : Facts(b[0]).CompareTo(Facts(a[0]));
        return order;
    }

    /// <summary>Variables that are called as their roles, less those that are not and may be absent.</summary>
    private static int Named(CellMatch match) => match.Variables.Sum(variable =>
        variable.Value.All(name => IsCalled(name, variable.Key)) ? 1
            : match.Pattern.Kernels.Contains(variable.Key) || !variable.Key.Contains('/', StringComparison.Ordinal) ? 0 : -1);

    /// <summary>True if a name ends as a role does, or has its first word in it (<c>projection/kernel</c>: <c>W_P_0</c> says so as
    /// well).</summary>
    private static bool IsCalled(string name, string role)
    {
        var path = name.Split("/.ATTRIBUTES")[0];
        var last = path[(path.LastIndexOf('/') + 1)..];
        var parts = role.Split('/');
        return last == parts[^1]
            || last.EndsWith("_" + parts[^1], StringComparison.Ordinal)
            || (
                parts.Length > 1
                && (
                    path.Contains(parts[0], StringComparison.OrdinalIgnoreCase)
                    || last.Contains($"_{char.ToUpperInvariant(parts[0][0])}", StringComparison.Ordinal)));
    }

    private static int Facts(CellMatch match) =>
        match.Numbers.Values.Count(number => number.Value is not null)
        + match.Words.Values.Count(word => word.Value != "linear")
        + match.Variables.Count;
}
