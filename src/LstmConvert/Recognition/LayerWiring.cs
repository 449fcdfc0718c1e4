using System.Globalization;
using LstmConvert.Dialects;
using LstmConvert.Facts;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>Which layers feed each other: the user's word wins, then the graph, then the names.</summary>
internal static class LayerWiring
{
    /// <summary>Groups layers.</summary>
    public static IReadOnlyList<LayerGroup> Connect(
        IReadOnlyList<RecurrentLayer> layers,
        IReadOnlyList<StatedCell> stated,
        CellVariables variables,
        ConfigurationEvidence? configuration,
        GraphEvidence? evidence,
        RecognitionOptions options,
        List<string> warnings,
        List<OpenQuestion> questions)
    {
        foreach (var layer in layers)
        {
            ObjectOrder.AssumeResidual(layer, variables.StoredNames);
            AssumeOneLevel(layer, layers);
        }

        var shown = StatedWiring.Groups(layers, stated) ?? configuration?.Groups(layers) ?? (evidence is null ? null : ByGraph(layers));
        if (options.Wiring == "auto")
        {
            warnings.AddRange(layers.Where(_ => shown is not null).Select(Unknown).OfType<string>().Select(sentence => $"{sentence}."));

            return shown ?? ObjectOrder.Groups(layers, variables.StoredNames, Keys(variables)) ?? Wiring.ByNames(layers, warnings);
        }

        var seen = shown is null ? null : Describe(shown);
        var groups = Wiring.Said(layers, options.Wiring);
        if (seen is not null && seen != Describe(groups))
        {
            var contradiction =
                $"The wiring {options.Wiring} makes {Describe(groups)}, and the {(configuration is null ? "graph" : "configuration")} shows {seen}";
            warnings.Add($"{contradiction}; what is said is taken.");
            if (options.IsStrict)
            {
                questions.Add(new OpenQuestion($"{contradiction}.", [new OtherGraphRemedy()]));
            }
        }

        return groups;
    }

    /// <summary>
    /// Says of the one cell of a stack, which could read its own output, that it is run at one level: a program that puts one object there
    /// several times
    /// (<c>MultiRNNCell([cell] * 2)</c>) writes the same variables.
    /// </summary>
    private static void AssumeOneLevel(RecurrentLayer layer, IReadOnlyList<RecurrentLayer> layers)
    {
        if (
            layer is { Found: null, ObstacleList.Count: 0 }
            && layer.InputSize == layer.OutputSize
            && layer.Cell.Find(KnownFacts.Levels.Name) is null
            && DialectCatalog.PlaceOf(layer.Scope) is { HasLevel: true, IsNamedByFramework: true } place
            && layers.All(other => other == layer || DialectCatalog.PlaceOf(other.Scope).Family != place.Family))
        {
            layer.Cell = layer.Cell.With(
                new Fact(KnownFacts.Levels, KnownFacts.Levels.Neutral, new Evidence(EvidenceKind.Assumed, "one cell of a stack")));
        }
    }

    /// <summary>The keys under which the weights are stored.</summary>
    private static IEnumerable<string> Keys(CellVariables variables) =>
        variables
            .Tensors.Values.Where(tensor => tensor.DType.IsWeight())
            .Select(tensor => variables.StoredNames.GetValueOrDefault(tensor.Name, tensor.Name));

    /// <summary>What the graph shows of a layer's feed and no model can say, as a clause; null where all is known.</summary>
    private static string? Unknown(RecurrentLayer layer) =>
        layer.FedByMore is { } fed ? $"{layer.Scope} reads {fed} in a way that is not known: it gets an input of its own"
        : layer.StartsWithMore is { } start ? $"{layer.Scope} starts from {start} in a way that is not known: it starts from zeros"
        : null;

    private static string Describe(IReadOnlyList<LayerGroup> groups) =>
        string.Join(
            "; ",
            groups
                .Select(group =>
                    $"{(group.IsSingle ? "alone" : group.Wiring)} {string.Join(" ", group.Layers.Select(layer => layer.Scope))}")
                .Order(StringComparer.Ordinal));

    /// <summary>Groups layers by the edges of the graph, or returns null where the graph does not show how all of them are fed.</summary>
    private static IReadOnlyList<LayerGroup>? ByGraph(IReadOnlyList<RecurrentLayer> layers)
    {
        var byCell = new Dictionary<GraphCell, RecurrentLayer>();

        // One step on its own shows neither direction nor what fed it in the loop outside.
        if (
            layers.Any(layer => layer.Found is null || !byCell.TryAdd(layer.Found, layer))
            || layers.All(layer => layer.Found!.Loop.Value == GraphLoop.SingleStep))
        {
            return null;
        }

        var reader = new GraphFeedReader(byCell);
        foreach (var layer in layers)
        {
            reader.Read(layer);
        }

        if (Ordered(layers) is not { } ordered)
        {
            return null;
        }

        return
        [
            .. Components(ordered)
                .Select(component => Group(component, reader))
                .OrderBy(group => layers.Index().First(one => one.Item == group.Layers[0]).Index),
        ];
    }

    /// <summary>The layers, each after what feeds it; null if some feed each other in a circle.</summary>
    internal static List<RecurrentLayer>? Ordered(IReadOnlyList<RecurrentLayer> layers)
    {
        var (ordered, left) = (new List<RecurrentLayer>(), layers.ToList());
        while (left.Count > 0)
        {
            var ready = left.Where(layer => layer.Before.All(ordered.Contains)).ToArray();
            if (ready.Length == 0)
            {
                return null;
            }

            foreach (var layer in ready)
            {
                layer.Level = layer.Before.Select(source => source.Level + 1).DefaultIfEmpty(0).Max();
                ordered.Add(layer);
                left.Remove(layer);
            }
        }

        return ordered;
    }

    /// <summary>Layers that feed each other, and stacks that read the same input in opposite directions.</summary>
    private static IEnumerable<List<RecurrentLayer>> Components(List<RecurrentLayer> layers)
    {
        var pairs = new List<(RecurrentLayer, RecurrentLayer)>();
        foreach (
            var readers in layers
                .Where(layer => layer.Feed is Feed.FromInput && layer.Found is { IsBackward: not null, Feed: not null })
                .GroupBy(layer => layer.Feed))
        {
            // Several pairs may read one input: then the names of the scopes tell which belong together.
            IEnumerable<IEnumerable<RecurrentLayer>> two =
                readers.Count() == 2
                    ? [readers]
                    : readers.GroupBy(layer => DialectCatalog.PlaceOf(layer.Scope).Family, StringComparer.Ordinal);
            pairs.AddRange(
                two.Select(pair => pair.ToArray())
                    .Where(pair => pair.Length == 2 && pair[0].IsBackward != pair[1].IsBackward && pair[0].InputSize == pair[1].InputSize)
                    .Select(pair => (pair[0], pair[1])));
        }

        return Components(layers, pairs);
    }

    /// <summary>Layers that feed each other, and those that belong together anyway.</summary>
    internal static IEnumerable<List<RecurrentLayer>> Components(
        List<RecurrentLayer> layers,
        IEnumerable<(RecurrentLayer First, RecurrentLayer Second)> pairs)
    {
        var root = layers.ToDictionary(layer => layer, layer => layer);
        RecurrentLayer Root(RecurrentLayer layer)
        {
            while (root[layer] != layer)
            {
                layer = root[layer];
            }

            return layer;
        }

        foreach (var layer in layers)
        {
            foreach (var source in layer.Before)
            {
                root[Root(layer)] = Root(source);
            }
        }

        foreach (var (first, second) in pairs)
        {
            root[Root(first)] = Root(second);
        }

        return layers.GroupBy(Root).Select(component => component.ToList());
    }

    private static LayerGroup Group(List<RecurrentLayer> component, GraphFeedReader reader)
    {
        var layers = component.OrderBy(layer => layer.Level).ThenBy(layer => layer.IsBackward).ToList();
        var evidence = layers.Select(Unknown).FirstOrDefault(clause => clause is not null) is { } unknown
            ? new Evidence(EvidenceKind.Assumed, unknown)
            : new Evidence(EvidenceKind.Graph, layers[^1].Found!.Node);
        var scope = layers.Count == 1 ? layers[0].Scope : ScopeName.Common([.. layers.Select(layer => layer.Scope)]);

        // An encoder whose last states are all that is read puts nothing out.
        var ends = layers
            .Where(layer =>
                !layers.Exists(other =>
                    other.Feed.Layers.Contains(layer) || (layer.Found!.Readers.Count == 0 && other.Before.Contains(layer))))
            .ToArray();
        Feed[] outputs =
            reader.Together(ends, layers) is { } together ? [together]
            : ends is [{ IsBackward: false } forward, { IsBackward: true } backward] && forward.Level == backward.Level
            ? [new Feed.Joined([new Feed.FromLayer(forward), new Feed.FromLayer(backward)])]
            : [.. ends.Select(GraphFeedReader.Alone)];
        return new LayerGroup(scope, WiringOf(layers), evidence, layers) { Outputs = outputs };
    }

    internal static string WiringOf(List<RecurrentLayer> layers)
    {
        var levels = layers.GroupBy(layer => layer.Level).OrderBy(level => level.Key).Select(level => level.ToArray()).ToArray();
        if (layers.Exists(layer => layer.InitialStates is not null))
        {
            return "graph";
        }

        if (
            levels.All(level => level.Length == 1)
            && layers
                .Index()
                .All(one =>
                    one.Index == 0 || (one.Item.Feed is Feed.FromLayer { IsBare: false } from && from.Layer == layers[one.Index - 1])))
        {
            return "chain";
        }

        var arePairs = levels.All(level => level is [{ IsBackward: false }, { IsBackward: true }]);
        return arePairs
            && levels.Skip(1).Index().All(level => level.Item.All(layer => layer.Feed is Feed.Joined { Parts.Count: 2 }))
            && levels.Length > 1
                ? "stack-bidirectional"
            : arePairs
            && levels
                .Skip(1)
                .Index()
                .All(level =>
                    level.Item.Index().All(one => one.Item.Feed is Feed.FromLayer from && from.Layer == levels[level.Index][one.Index]))
                ? "bidirectional"
            : "graph";
    }
}
