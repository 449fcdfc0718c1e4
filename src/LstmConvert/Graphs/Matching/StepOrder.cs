using System.Globalization;
using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>
/// Where the steps of a program are copies of a cell, nothing but the program's own edges says which part of the sequence each step reads,
/// and where its output lies among those of the others: here both are held against the order in which the states are handed on.
/// </summary>
/// <param name="before">The copies that hand their state to a copy.</param>
/// <param name="inputs">What each copy reads.</param>
internal sealed class StepOrder(
    IReadOnlyDictionary<CellUse, CellUse[]> before,
    IReadOnlyDictionary<CellUse, IReadOnlyList<DataFlow.Source>> inputs)
{
    /// <summary>Nodes between an output and the node that puts the outputs together.</summary>
    private const int MaximumDepth = 6;

    /// <summary>Cells above each other that are followed.</summary>
    private const int MaximumLevels = 64;

    private readonly Dictionary<CellUse, int?> places = [];

    /// <summary>Along which axis the program cuts what it is given into steps, and where.</summary>
    private readonly Dictionary<Output, (long Axis, string By)> axes = [];

    /// <summary>What keeps the copies from being the steps of one sequence, or null; and whether their outputs are put together from the last
    /// step to the first: null where they are not put together, or now so and now so.</summary>
    /// <param name="group">The copies of a cell.</param>
    public (string? Disorder, bool? AreOutputsTurned) Of(IReadOnlyList<CellUse> group)
    {
        var (disorder, ways) = ((string?)null, new HashSet<int>());
        foreach (var chain in Chains(group))
        {
            disorder ??= OfInputs(chain);
            foreach (var (node, moves, isInOrder) in Joins(chain))
            {
                disorder ??= isInOrder ? null : $"its outputs are put together in another order than that of its steps ({node.Name})";
                ways.UnionWith(moves);
            }
        }

        return (disorder ?? OtherAxis(group), ways.Count == 1 ? ways.First() < 0 : null);
    }

    /// <summary>The copies of each loop in the order in which the state passes through them. Where rows have lengths the state of every
    /// copy before is one that may be handed on: the copy just before has the most others before it.</summary>
    private IEnumerable<CellUse[]> Chains(IReadOnlyList<CellUse> group)
    {
        var previous = Previous(group);
        var next = previous
            .GroupBy(pair => pair.Value, pair => pair.Key, ReferenceEqualityComparer.Instance)
            .Where(after => after.Count() == 1)
            .ToDictionary(after => after.Key!, after => after.First(), ReferenceEqualityComparer.Instance);
        foreach (var first in group.Where(use => !previous.ContainsKey(use) && next.ContainsKey(use)))
        {
            var chain = new List<CellUse>();
            for (var at = first; at is not null; at = next.GetValueOrDefault(at))
            {
                chain.Add(at);
            }

            yield return [.. chain];
        }
    }

    /// <summary>The copy just before each that has one; copies that go around in a circle have none.</summary>
    private Dictionary<CellUse, CellUse> Previous(IReadOnlyList<CellUse> group)
    {
        var waiting = group.ToDictionary(use => (object)use, use => before[use].Count(one => one != use), ReferenceEqualityComparer.Instance);
        var after = group
            .SelectMany(use => before[use].Where(one => one != use).Select(one => (Before: one, Use: use)))
            .ToLookup(pair => (object)pair.Before, pair => pair.Use, ReferenceEqualityComparer.Instance);
        var depth = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        var previous = new Dictionary<CellUse, CellUse>();
        var todo = new Queue<CellUse>(group.Where(use => waiting[use] == 0));
        while (todo.TryDequeue(out var use))
        {
            depth[use] = 0;
            if (before[use].Where(one => one != use).MaxBy(one => depth[one]) is { } last)
            {
                (depth[use], previous[use]) = (depth[last] + 1, last);
            }

            foreach (var one in after[use])
            {
                if (--waiting[one] == 0)
                {
                    todo.Enqueue(one);
                }
            }
        }

        return previous;
    }

    private string? OfInputs(CellUse[] chain)
    {
        if (Turned(chain) is { } turned)
        {
            return $"some of its steps read their part of the sequence turned around, and others do not ({turned})";
        }

        long? stride = null;
        for (var k = 1; k < chain.Length; k++)
        {
            if (PlaceOf(chain[k - 1]) is not { } from || PlaceOf(chain[k]) is not { } to)
            {
                continue;
            }

            // A part may be counted in numbers, not in steps: cut from rows that hold all steps behind each other.
            var move = to - from;
            stride ??= move;
            if (move != stride)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"its steps read the parts of the sequence in another order than one after the other (part {to} after part {from} at {chain[k].Anchor.Name})");
            }
        }

        return null;
    }

    /// <summary>The node that turns around what a step reads, where not all steps are read so.</summary>
    private string? Turned(CellUse[] chain)
    {
        var ways = chain
            .Select(use => inputs[use].Where(source => source.Use != use).ToArray())
            .Where(sources => sources.Length == 1)
            .Select(sources => sources[0])
            .ToArray();
        return ways.DistinctBy(way => way.IsReversed).Count() > 1 ? ways.First(way => way.IsReversed).ReversedBy : null;
    }

    /// <summary>Why a cell cannot lie beside the others: it cuts the sequence that they read along another axis, or turns it around
    /// along another one; null where it does neither.</summary>
    /// <param name="group">The copies of a cell.</param>
    private string? OtherAxis(IReadOnlyList<CellUse> group)
    {
        foreach (var cut in group.SelectMany(use => inputs[use]).Select(source => source.CutBy).OfType<GraphNode>().Distinct())
        {
            if (CutAxis.Of(cut) is not { } found)
            {
                continue;
            }

            if (found.Turned is { } turned)
            {
                return $"its input is turned around along another axis ({turned.Name}) than that along which it is cut into steps ({cut.Name})";
            }

            if (axes.TryGetValue(found.Whole, out var other) && other.Axis != found.Axis)
            {
                return $"its steps are cut from {found.Whole.Node.Name} along another axis ({cut.Name}) than those of another cell ({other.By})";
            }

            axes.TryAdd(found.Whole, (found.Axis, cut.Name));
        }

        return null;
    }

    /// <summary>The nodes that put the outputs of steps together, and for each two that follow each other there whether the steps do so (1),
    /// or come the other way round (-1), or are one (0). They have to lie as the steps do, or all the other way round.</summary>
    private static IEnumerable<(GraphNode Node, int[] Moves, bool IsInOrder)> Joins(CellUse[] chain)
    {
        var together = new Dictionary<GraphNode, List<(int Step, int Place, string Slots)>>(ReferenceEqualityComparer.Instance);
        foreach (var (step, use) in chain.Index())
        {
            foreach (var (node, place, slots) in use.Outputs.SelectMany(output => JoinedAt(output, "", 0)).Distinct())
            {
                together.TryAdd(node, []);
                together[node].Add((step, place, slots));
            }
        }

        // Not one step, or the first and the last, as features; and not what was put together before.
        foreach (
            var (node, all) in together.Where(one =>
                (one.Value.DistinctBy(at => at.Step).Count() > 2 || one.Value.Count == chain.Length)
                && one.Value.DistinctBy(at => at.Place).Count() == one.Value.Count))
        {
            var moves = all.Zip(all.Skip(1), (one, other) => Math.Sign(other.Place - one.Place) * Math.Sign(other.Step - one.Step)).ToArray();
            yield return (
                node,
                moves,
                moves.All(move => move != 0 && move == moves[0]) && all.DistinctBy(one => one.Slots).Count() == 1);
        }
    }

    /// <summary>The nodes that put an output together with others, its place there, and its place among what it was joined with before.</summary>
    private static IEnumerable<(GraphNode Node, int Place, string Slots)> JoinedAt(Output output, string slots, int depth)
    {
        foreach (var users in output.Node.UsersOf(output.Index).Take(MaximumUsers).GroupBy(user => user.Node, user => user.Input))
        {
            var (node, further) = (users.Key, slots);
            if (DataEdges.PutsTogether(node))
            {
                foreach (var place in users)
                {
                    yield return (node, place, slots);
                }

                further = $"{slots}/{string.Join(',', users)}";
            }
            else if (DataEdges.Same(new Output(node, 0)) is not { } same || !same.Contains(output))
            {
                continue;
            }

            foreach (var joined in depth < MaximumDepth ? JoinedAt(new Output(node, 0), further, depth + 1) : [])
            {
                yield return joined;
            }
        }
    }

    private const int MaximumUsers = 200;

    /// <summary>The part of the sequence that a copy reads, through the cells below it; null where it reads several, or where that does
    /// not stand in the graph.</summary>
    private int? PlaceOf(CellUse use, int level = 0)
    {
        if (places.TryGetValue(use, out var known))
        {
            return known;
        }

        var found = inputs[use]
            .Select(source =>
                source.IsComputed ? null
                : source.Step is { } step ? step
                : source.Use is { } below && below != use && level < MaximumLevels ? PlaceOf(below, level + 1)
                : null)
            .Distinct()
            .ToArray();
        return places[use] = found is [{ } one] ? one : null;
    }
}
