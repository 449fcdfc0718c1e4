using LstmConvert.Cells;
using LstmConvert.Dialects;
using LstmConvert.Facts;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>What a file itself says of its cells (the attributes of ONNX's nodes, the options beside ELMo's weights), as facts and as
/// wiring.</summary>
internal static class StatedWiring
{
    /// <summary>The facts of a cell that the file states, beside those that something else shows.</summary>
    /// <param name="stated">What the file says.</param>
    /// <param name="definition">The kind of cell.</param>
    /// <param name="shown">What something else shows.</param>
    public static IReadOnlyDictionary<string, Fact> FactsOf(StatedCell stated, Cell definition, IReadOnlyDictionary<string, Fact> shown)
    {
        var facts = shown.ToDictionary(StringComparer.Ordinal);
        foreach (var fact in definition.Facts.Concat([KnownFacts.Direction, KnownFacts.Residual]))
        {
            if (stated.Facts.TryGetValue(fact.Name, out var value))
            {
                facts.TryAdd(fact.Name, new Fact(fact, fact.Read(value), EvidenceOf(stated)));
            }
        }

        return facts;
    }

    /// <summary>Groups layers as the file says that they feed each other; null where it does not say it of all of them.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="stated">What the file says.</param>
    public static IReadOnlyList<LayerGroup>? Groups(IReadOnlyList<RecurrentLayer> layers, IReadOnlyList<StatedCell> stated)
    {
        var cells = layers.Select(layer => (Layer: layer, Stated: stated.FirstOrDefault(one => one.Scope == layer.Scope))).ToArray();
        if (stated.Count == 0 || cells.Any(one => one.Stated is null))
        {
            return null;
        }

        RecurrentLayer? Find(string scope) => layers.FirstOrDefault(layer => layer.Scope == scope);
        foreach (var (layer, said) in cells)
        {
            var sources = said!.FedBy.Select(Find).ToArray();
            layer.Feed =
                sources.Length == 0 || sources.Any(source => source is null) || sources.Sum(source => source!.OutputSize) != layer.InputSize
                    ? new Feed.FromInput(said.Input)
                : sources.Length == 1 ? new Feed.FromLayer(sources[0]!)
                : new Feed.Joined([.. sources.Select(source => new Feed.FromLayer(source!))]);
        }

        if (LayerWiring.Ordered(layers) is not { } ordered)
        {
            return null;
        }

        // Both directions of one node are one layer of the source.
        var pairs = cells
            .GroupBy(one => one.Stated!.Pair ?? one.Stated.Source)
            .Where(pair => pair.Count() == 2)
            .Select(pair => (pair.First().Layer, pair.Last().Layer))
            .ToArray();
        return
        [
            .. LayerWiring
                .Components(ordered, pairs)
                .Select(component => Group(component, pairs, EvidenceOf(cells[0].Stated!)))
                .OrderBy(group => layers.Index().First(one => one.Item == group.Layers[0]).Index),
        ];
    }

    private static LayerGroup Group(
        List<RecurrentLayer> component,
        (RecurrentLayer First, RecurrentLayer Second)[] pairs,
        Evidence evidence)
    {
        var members = component.OrderBy(layer => layer.Level).ThenBy(layer => layer.IsBackward).ToList();
        var ends = members.Where(layer => !members.Exists(other => other.Feed.Layers.Contains(layer))).ToList();
        var outputs = new List<Feed>();
        while (ends.Count > 0)
        {
            var first = ends[0];
            var second = pairs.Where(pair => pair.First == first).Select(pair => pair.Second).FirstOrDefault(ends.Contains);
            outputs.Add(
                second is null ? new Feed.FromLayer(first) : new Feed.Joined([new Feed.FromLayer(first), new Feed.FromLayer(second)]));
            ends.RemoveAll(layer => layer == first || layer == second);
        }

        var scope = members.Count == 1 ? members[0].Scope : ScopeName.Common([.. members.Select(layer => layer.Scope)]);
        return new LayerGroup(scope, LayerWiring.WiringOf(members), evidence, members) { Outputs = outputs };
    }

    private static Evidence EvidenceOf(StatedCell stated) =>
        new(stated.IsConfiguration ? EvidenceKind.Configuration : EvidenceKind.Graph, stated.Source);
}
