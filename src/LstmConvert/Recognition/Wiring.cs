using LstmConvert.Dialects;
using LstmConvert.Facts;

namespace LstmConvert.Recognition;

/// <summary>
/// Which layers feed each other, by the user's word or by the names of their scopes: the cells of one <c>multi_rnn_cell</c> or
/// <c>cell_N</c>
/// family are a chain, <c>fw</c> and <c>bw</c> below one scope a pair, pairs below <c>cell_N</c> a stack of pairs, everything else is
/// independent.
/// </summary>
internal static class Wiring
{
    private static readonly Evidence Option = new(EvidenceKind.Option);

    /// <summary>Groups layers as the user says.</summary>
    /// <exception cref="UsageException">The sizes do not fit, or there is no such wiring.</exception>
    public static IReadOnlyList<LayerGroup> Said(IReadOnlyList<RecurrentLayer> layers, string wiring)
    {
        var scope = ScopeName.Common([.. layers.Select(layer => layer.Scope)]);
        return wiring switch
        {
            "independent" => [.. layers.Select(layer => Single(layer, Option))],
            "chain" => [Checked(Chain(scope, layers, Option), wiring)],
            "bidirectional" => [Checked(TwoStacks(scope, Directed(layers, wiring), Option), wiring)],
            "skip" => [Checked(Skips(scope, layers, Option), wiring)],
            "stack-bidirectional" => [Checked(StackOfPairs(scope, Directed(layers, wiring), Option), wiring)],
            _ => throw new UsageException(
                $"'{wiring}' is no wiring. Known are auto, {string.Join(", ", KnownFacts.Wiring.Words)}."),
        };
    }

    /// <summary>Groups layers by the names of their scopes; sizes that do not fit make them independent, with a warning.</summary>
    public static IReadOnlyList<LayerGroup> ByNames(IReadOnlyList<RecurrentLayer> layers, List<string> warnings)
    {
        var groups = new List<LayerGroup>();
        foreach (
            var family in layers
                .Select(layer => (Layer: layer, Place: DialectCatalog.PlaceOf(layer.Scope)))
                .GroupBy(one => one.Place.Family))
        {
            var members = family.ToArray();
            if (members.Any(member => member.Place.IsBackward == true))
            {
                // Where one direction alone has a word for it, the other is without.
                members =
                [
                    .. members.Select(member =>
                        member with
                        {
                            Place = member.Place with { IsBackward = member.Place.IsBackward ?? false },
                        }),
                ];
            }

            var scope = ScopeName.Common([.. members.Select(member => member.Layer.Scope)]);
            var evidence = members.All(member => member.Place.IsNamedByFramework)
                ? new Evidence(EvidenceKind.Names, scope)
                : new Evidence(EvidenceKind.Assumed, "names of the scopes");
            if (ByPlaces(scope, members, evidence) is not { } group)
            {
                groups.AddRange(members.Select(member => Single(WithDirection(member.Layer, member.Place), evidence)));
            }
            else if (Misfit(group) is { Length: > 0 } problem)
            {
                warnings.Add($"{scope}: the scopes look like cells that feed each other, but {problem}; they are taken as independent.");
                groups.AddRange(
                    members.Select(member =>
                        Single(
                            WithDirection(member.Layer, member.Place),
                            new Evidence(EvidenceKind.Assumed, "the sizes do not fit a stack"))));
            }
            else
            {
                groups.Add(group);
            }
        }

        return groups;
    }

    /// <summary>A group of one layer.</summary>
    public static LayerGroup Single(RecurrentLayer layer, Evidence evidence)
    {
        (layer.Feed, layer.Level) = (new Feed.FromInput(""), 0);
        return new LayerGroup(layer.Scope, "chain", evidence, [layer]) { Outputs = [new Feed.FromLayer(layer)] };
    }

    /// <summary>Each layer feeds the next.</summary>
    public static LayerGroup Chain(string scope, IReadOnlyList<RecurrentLayer> layers, Evidence evidence)
    {
        for (var level = 0; level < layers.Count; level++)
        {
            layers[level].Level = level;
            layers[level].Feed = level == 0 ? new Feed.FromInput("") : new Feed.FromLayer(layers[level - 1]);
        }

        return new LayerGroup(scope, "chain", evidence, layers) { Outputs = [new Feed.FromLayer(layers[^1])] };
    }

    /// <summary>Each layer reads the program's input beside what the one before puts out; the outputs of all lie side by side.</summary>
    private static LayerGroup Skips(string scope, IReadOnlyList<RecurrentLayer> layers, Evidence evidence)
    {
        var input = new Feed.FromInput("", layers[0].InputSize);
        for (var level = 0; level < layers.Count; level++)
        {
            layers[level].Level = level;
            layers[level].Feed = level == 0 ? input : new Feed.Joined([input, new Feed.FromLayer(layers[level - 1])]);
        }

        return new LayerGroup(scope, "skip", evidence, layers)
        {
            Outputs =
            [
                layers.Count == 1
                    ? new Feed.FromLayer(layers[0])
                    : new Feed.Joined([.. layers.Select(layer => new Feed.FromLayer(layer))]),
            ],
        };
    }

    /// <summary>Why the sizes do not fit, or nothing.</summary>
    public static string Misfit(LayerGroup group)
    {
        foreach (var layer in group.Layers)
        {
            var width = Width(layer.Feed, group);
            if (width != layer.InputSize)
            {
                return layer.Feed is Feed.FromInput
                    ? $"{layer.Scope} has input size {layer.InputSize} where {group.Layers[0].Scope} has {group.Layers[0].InputSize}"
                    : $"{layer.Scope} has input size {layer.InputSize} and would be fed {width}";
            }
        }

        return "";
    }

    private static int Width(Feed feed, LayerGroup group) => feed switch
    {
        Feed.FromLayer from => from.Layer.OutputSize,
        Feed.Joined joined => joined.Parts.Sum(part => Width(part, group)),
        Feed.Summed summed => Width(summed.Parts[0], group),
        Feed.Reversed reversed => Width(reversed.Inner, group),
        _ => group.Layers[0].InputSize,
    };

    private static LayerGroup? ByPlaces(string scope, (RecurrentLayer Layer, Place Place)[] members, Evidence evidence)
    {
        var isPair = members.All(member => member.Place.IsBackward is not null)
            && members.Select(member => (member.Place.IsBackward, member.Place.Level)).Distinct().Count() == members.Length
            && members.GroupBy(member => member.Place.Level).All(level => level.Count() == 2);
        if (isPair)
        {
            var levels = members.Select(member => member.Place.Level).Distinct().Order().ToList();
            var directed = members
                .Select(member =>
                    (WithDirection(member.Layer, member.Place), levels.IndexOf(member.Place.Level), member.Place.IsBackward!.Value))
                .ToArray();
            return members.Any(member => member.Place.IsStackOfPairs)
                ? StackOfPairs(scope, directed, evidence)
                : TwoStacks(scope, directed, evidence);
        }

        return members.Length > 1 && members.All(member => member.Place is { IsBackward: null, HasLevel: true })
            && members.Select(member => member.Place.Level).Distinct().Count() == members.Length
            ? Chain(
                scope,
                [.. members.OrderBy(member => member.Place.Level).Select(member => WithDirection(member.Layer, member.Place))],
                evidence)
            : null;
    }

    /// <summary>A forward stack and a backward stack that both read the input; their outputs meet once, at the end.</summary>
    private static LayerGroup TwoStacks(string scope, (RecurrentLayer Layer, int Level, bool IsBackward)[] members, Evidence evidence)
    {
        var tops = new List<Feed>();
        foreach (var stack in members.GroupBy(member => member.IsBackward).OrderBy(stack => stack.Key))
        {
            RecurrentLayer? below = null;
            foreach (var (layer, level, _) in stack.OrderBy(member => member.Level))
            {
                (layer.Level, layer.Feed) = (level, below is null ? new Feed.FromInput("") : new Feed.FromLayer(below));
                below = layer;
            }

            tops.Add(new Feed.FromLayer(below!));
        }

        return new LayerGroup(scope, "bidirectional", evidence, Ordered(members)) { Outputs = [new Feed.Joined(tops)] };
    }

    /// <summary>At every level a forward and a backward layer, whose outputs side by side feed both of the next.</summary>
    private static LayerGroup StackOfPairs(string scope, (RecurrentLayer Layer, int Level, bool IsBackward)[] members, Evidence evidence)
    {
        Feed below = new Feed.FromInput("");
        foreach (var level in members.GroupBy(member => member.Level).OrderBy(level => level.Key))
        {
            foreach (var (layer, number, _) in level)
            {
                (layer.Level, layer.Feed) = (number, below);
            }

            below = new Feed.Joined([.. level.OrderBy(member => member.IsBackward).Select(member => new Feed.FromLayer(member.Layer))]);
        }

        return new LayerGroup(scope, "stack-bidirectional", evidence, Ordered(members)) { Outputs = [below] };
    }

    private static RecurrentLayer[] Ordered((RecurrentLayer Layer, int Level, bool IsBackward)[] members) =>
        [.. members.OrderBy(member => member.Level).ThenBy(member => member.IsBackward).Select(member => member.Layer)];

    /// <summary>The direction and level of each layer when the user says that they are pairs: by name, else alternately.</summary>
    private static (RecurrentLayer Layer, int Level, bool IsBackward)[] Directed(IReadOnlyList<RecurrentLayer> layers, string wiring)
    {
        var places = layers.Select(layer => DialectCatalog.PlaceOf(layer.Scope).IsBackward ?? BackwardWord(layer.Scope)).ToArray();
        if (layers.Count % 2 != 0 || (places.All(place => place is not null) && places.Count(place => place == true) != layers.Count / 2))
        {
            throw new UsageException(
                $"The wiring {wiring} needs a forward and a backward cell at every level; there are {string.Join(", ", layers.Select(layer => layer.Scope))}."
            );
        }

        var next = new Dictionary<bool, int> { [false] = 0, [true] = 0 };
        return [.. layers.Select((layer, k) =>
        {
            var isBackward = places.All(place => place is not null) ? places[k]!.Value : k % 2 == 1;
            SetDirection(layer, isBackward, new Evidence(EvidenceKind.Option, "the wiring"));
            return (layer, places.All(place => place is not null) ? next[isBackward]++ : k / 2, isBackward);
        })];
    }

    private static bool? BackwardWord(string scope)
    {
        var words = scope.ToLowerInvariant().Split('/', '_');
        return words.Any(word => word is "bw" or "backward" || word.StartsWith("bw", StringComparison.Ordinal)) ? true
            : words.Any(word => word is "fw" or "forward" || word.StartsWith("fw", StringComparison.Ordinal)) ? false
            : null;
    }

    private static RecurrentLayer WithDirection(RecurrentLayer layer, Place place)
    {
        if (place.IsBackward is { } isBackward || place.IsNamedByFramework)
        {
            SetDirection(
                layer,
                place.IsBackward == true,
                new Evidence(
                    place.IsNamedByFramework ? EvidenceKind.Names : EvidenceKind.Assumed,
                    place.IsNamedByFramework ? "" : "names of the scopes"));
        }

        return layer;
    }

    /// <summary>Gives a layer its direction, unless something better says it.</summary>
    internal static void SetDirection(RecurrentLayer layer, bool isBackward, Evidence evidence)
    {
        var known = layer.Cell.Find(KnownFacts.Direction.Name);
        if (known is null || known.Evidence.Kind > evidence.Kind || known.Evidence.IsAssumed)
        {
            layer.Cell = layer.Cell.With(new Fact(KnownFacts.Direction, FactValue.Of(isBackward ? "backward" : "forward"), evidence));
        }
    }

    private static LayerGroup Checked(LayerGroup group, string wiring) => Misfit(group) is { Length: > 0 } problem
        ? throw new UsageException($"The wiring {wiring} does not fit the widths: {problem}.")
        : group;
}
