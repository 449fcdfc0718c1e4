using LstmConvert.Arrays;
using LstmConvert.Dialects;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>Which layers of a Keras file stand for which layers of the source: by what the user says, by the scope that the file notes, by
/// name.</summary>
internal sealed class LayerPairing
{
    private readonly SourceModel source;
    private readonly KerasFile file;
    private readonly Model? model;
    private readonly IReadOnlyList<Scoped<string>> said;
    private readonly Dictionary<string, KerasFileLayer> byName;
    private readonly Dictionary<string, KerasFileLayer[]> byScope;

    private LayerPairing(SourceModel source, KerasFile file, Model? model, IReadOnlyList<Scoped<string>> said)
    {
        (this.source, this.file, this.model, this.said) = (source, file, model, said);
        byName = file.Layers.DistinctBy(layer => layer.Name).ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        foreach (var (path, use) in StoredWeights.Leaves(model ?? new Model([], [], [])))
        {
            // A legacy file holds the weights of a model in a model as one list, under that model's name; no file has the cells of a stack.
            var name = string.Join('/', path);
            _ = use.Stored.Count > 0
                && byName.TryAdd(name, new KerasFileLayer(name, use.Stored, new Dictionary<string, string>(StringComparer.Ordinal)));
        }

        byScope = file
            .Layers.SelectMany(layer => layer.Scopes.Select(scope => (scope, layer)))
            .GroupBy(one => one.scope, one => one.layer, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>Finds the pairs.</summary>
    /// <exception cref="UnsupportedModelException">A layer has none, or its shapes are not the cell's.</exception>
    public static IReadOnlyList<LayerPair> Pair(SourceModel source, KerasFile file, Model? model, IReadOnlyList<Scoped<string>> said)
    {
        var pairing = new LayerPairing(source, file, model, said);
        var (pairs, done) = (new List<LayerPair>(), new HashSet<RecurrentLayer>());
        foreach (var layer in source.Layers.Where(layer => !done.Contains(layer)))
        {
            var pair = pairing.Of(layer);
            pairs.Add(pair);
            done.UnionWith(pair.Layers);
        }

        return pairs;
    }

    private LayerPair Of(RecurrentLayer layer)
    {
        var given = said.LastOrDefault(name => name.Scope == layer.Scope || name.Scope == ScopeName.ToLayerName(layer.Scope))?.Value;
        foreach (var name in Candidates(layer, given))
        {
            if (byName.TryGetValue(name, out var found) && IsOfTwo(found) == IsOfTwo(layer))
            {
                return Single(layer, name);
            }
        }

        if (Partner(layer) is { } partner && Merged(layer, partner, given) is { } merged)
        {
            return merged;
        }

        return given is null && file.Layers.Count == 1 && source.Layers.Count() == 1
            ? Single(layer, file.Layers[0].Name)
            : throw new UnsupportedModelException(
                $"The Keras file has no layer for {layer.Scope}: {(given is null ? $"neither {Candidates(layer, null).First()} nor a layer of both directions above it" : $"no {given}")}. Its layers are {string.Join(", ", file.Layers.Select(one => one.Name))}.",
                [new SayLayerRemedy(layer.Scope)]);
    }

    private IEnumerable<string> Candidates(RecurrentLayer layer, string? given) =>
        given is not null
            ? [given]
            :
            [
                .. byScope
                    .GetValueOrDefault(layer.Scope, [])
                    .Where(one => IsOfTwo(one) == IsOfTwo(layer))
                    .OrderByDescending(one => HasWhole(layer, one.Name))
                    .Select(one => one.Name)
                    .Take(1),
                .. layer.Name is { } own ? [own] : Array.Empty<string>(),
                ScopeName.ToLayerName(layer.Scope),
                layer.Scope,
            ];

    /// <summary>True if a name is that of the first of all layers that stand for a cell: the others add to it.</summary>
    private bool HasWhole(RecurrentLayer layer, string name) =>
        layer.Cell.Recipes?.All(recipe => recipe.Use.WeightDefinitions.Count == 0 || byName.ContainsKey(name + recipe.Suffix)) == true;

    /// <summary>The layer of a name in the file's model, or of the names of the models around it and its own; null where there is
    /// none.</summary>
    private KerasUse? UseOf(string name) => model is null ? null
        : model.Find(name)?.Callee as KerasUse
            ?? StoredWeights.Leaves(model).FirstOrDefault(leaf => leaf.Path.Count > 1 && string.Join('/', leaf.Path) == name).Use;

    /// <summary>True for a layer that holds both directions.</summary>
    private bool IsOfTwo(KerasFileLayer layer) =>
        UseOf(layer.Name) is { } use ? Bidirectional.Is(use) : layer.Scopes.Count > 1 || layer.Weights.Count is 6;

    /// <summary>True for a layer of the source that itself walks in both directions.</summary>
    private static bool IsOfTwo(RecurrentLayer layer) =>
        layer.Cell.Definition.ToKeras is { } recipes && Bidirectional.Is(recipes(layer.Cell)[0].Use);

    private RecurrentLayer? Partner(RecurrentLayer layer) => source.Layers.FirstOrDefault(other =>
        other != layer && other.IsBackward != layer.IsBackward && other.Feed.Equals(layer.Feed) && other.Level == layer.Level
        && source.Groups.Any(group => group.Layers.Contains(layer) && group.Layers.Contains(other)));

    private LayerPair? Merged(RecurrentLayer layer, RecurrentLayer partner, string? given)
    {
        var (forward, backward) = layer.IsBackward ? (partner, layer) : (layer, partner);
        var group = source.Groups.First(one => one.Layers.Contains(layer));
        var common = ScopeName.Common([forward.Scope, backward.Scope]);
        var names = new[] { given, said.LastOrDefault(name => name.Scope == group.Scope || name.Scope == common)?.Value }
            .Concat(byScope.GetValueOrDefault(forward.Scope, []).Where(IsOfTwo).Select(one => (string?)one.Name))
            .Concat([
                layer.Name,
                ScopeName.ToLayerName(common),
                ScopeName.ToLayerName(group.Scope),
                FormattableString.Invariant($"bidirectional_{layer.Level}"),
                "bidirectional",
            ]);
        var found = names
            .OfType<string>()
            .Select(name => byName.GetValueOrDefault(name))
            .FirstOrDefault(one => one is not null && IsOfTwo(one));
        if (found is null)
        {
            return null;
        }

        var (left, right) = (forward.Cell.Recipes![0], backward.Cell.Recipes![0]);
        var use = UseOf(found.Name)
            ?? Attached(found, Bidirectional.Merge(left.Use, right.Use).ReturningSequences(), forward);
        return new LayerPair([forward, backward], [found.Name], [use], [[.. left.CellStates, .. right.CellStates]]);
    }

    private LayerPair Single(RecurrentLayer layer, string name)
    {
        var recipes = layer.Cell.Recipes!;
        var (names, uses, width) = (new List<string>(), new List<KerasUse>(), (int?)layer.InputSize);
        foreach (var recipe in recipes)
        {
            var own = name + recipe.Suffix;
            if (recipe.Use.WeightDefinitions.Count == 0)
            {
                // What has no weights is in no weights file; the model may have it.
                names.Add(own);
                uses.Add(UseOf(own) ?? recipe.Use);
                continue;
            }

            if (!byName.TryGetValue(own, out var found))
            {
                throw new UnsupportedModelException(
                    $"The Keras file has no {recipe.Layer.ClassName} {own}, which {layer.Scope} needs{(recipe.Suffix.Length > 0 ? $" behind its {recipes[0].Layer.ClassName}" : "")}. Its layers are {string.Join(", ", file.Layers.Select(one => one.Name))}."
                );
            }

            names.Add(own);
            var stated = recipe.Use.IsRecurrent ? recipe.Use.ReturningSequences() : recipe.Use;
            uses.Add(
                UseOf(own)
                    ?? Attached(
                        found,
                        layer.IsBackward && stated.IsRecurrent && !uses.Exists(use => use.IsRecurrent) ? stated.Backward() : stated,
                        layer,
                        recipe.Inputs is null ? width : layer.InputSize));
            width = recipe.Use.WidthFor([width]);
        }

        return new LayerPair([layer], names, uses, [.. recipes.Select(recipe => recipe.CellStates)])
        {
            Inputs = [.. recipes.Select((recipe, place) => recipe.InputsAt(place))],
        };
    }

    /// <summary>A layer as the source would have it, with the file's weights: their shapes must be its own.</summary>
    private KerasUse Attached(KerasFileLayer found, KerasUse use, RecurrentLayer layer, int? width = null)
    {
        var weights = StoredWeights.InTodaysForm(use, [.. found.Weights.Select(weight => weight.ToArray(Precision.Double))]) ?? [];
        var expected = use.WeightDefinitions.Select(weight => Expected(weight, width ?? layer.InputSize)).ToArray();
        if (
            weights.Count < expected.Length
            || expected
                .Zip(weights)
                .Any(pair =>
                    pair.First is { } shape
                    && !shape.Dimensions.ToArray().SequenceEqual(pair.Second.Dimensions.Select(length => (long)length))))
        {
            var fitting = file
                .Layers.Where(other =>
                    other.Weights.Count == expected.Length
                    && other.Weights.Zip(expected).All(pair => pair.Second is null || pair.First.Shape.Equals(pair.Second)))
                .Select(other => other.Name)
                .ToArray();
            throw new UnsupportedModelException(
                $"The Keras layer {found.Name} has {string.Join(", ", found.Weights.Select(weight => weight.Shape))}; a {use.ClassName} for {layer.Scope} has {string.Join(", ", expected.Select(shape => shape?.ToString() ?? "?"))}, as {(fitting.Length > 0 ? string.Join(", ", fitting) : "no layer of the file")} has.",
                fitting.Length > 0 ? [new SayLayerRemedy(layer.Scope)] : []);
        }

        return use with { Weights = weights };
    }

    private static Shape? Expected(WeightDefinition weight, int inputSize)
    {
        var sizes = new Dictionary<char, long>(weight.Sizes);
        sizes.TryAdd('x', inputSize);
        return SymbolicShape.Parse(weight.Shape).Resolve(sizes);
    }
}
