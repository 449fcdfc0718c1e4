using LstmConvert.Cells;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>What keeps a layer out of Keras, whatever kind of cell it is.</summary>
internal static class Obstacles
{
    /// <summary>Says what runs around a layer, by the names and the variables of wrappers; one that changes its outputs is an
    /// obstacle.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="places">Where variables of wrappers are.</param>
    public static void AddWrappers(RecurrentLayer layer, IReadOnlyList<(Wrapper Wrapper, string Above)> places)
    {
        foreach (var wrapper in Wrapper.All)
        {
            var isInside = layer.Scope.Split('/').SkipLast(1).Any(step => wrapper.Scopes.Contains(Dialects.ScopeName.Component(step)))
                || places.Any(place => place.Wrapper == wrapper && layer.Scope.StartsWith(place.Above, StringComparison.Ordinal));
            if (isInside && !IsPartOf(layer, wrapper, places))
            {
                (wrapper.IsObstacle ? layer.ObstacleList : layer.SurroundingList).Add(
                    $"{wrapper.Name} around it {wrapper.Effect}{(wrapper.IsObstacle ? "" : ": this layer is not the whole model")}");
            }
        }
    }

    /// <summary>True if a layer is the wrapper and the cell inside together: the wrapper's variables are its own.</summary>
    private static bool IsPartOf(RecurrentLayer layer, Wrapper wrapper, IReadOnlyList<(Wrapper Wrapper, string Above)> places)
    {
        var own = layer.Variables.Values.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        return places
            .Where(place => place.Wrapper == wrapper)
            .Any(place => wrapper.Leaves.Any(leaf => own.Contains(place.Above + leaf)));
    }

    /// <summary>The variables that are a wrapper's by the ends of their names, each as what stands before that end: looked for once, not
    /// for each layer.</summary>
    /// <param name="variables">The names of all variables.</param>
    public static IReadOnlyList<(Wrapper Wrapper, string Above)> PlacesOfWrappers(IEnumerable<string> variables)
    {
        var leaves = Wrapper
            .All.SelectMany(wrapper => wrapper.Leaves.Select(leaf => (Wrapper: wrapper, Leaf: leaf, End: "/" + leaf)))
            .ToArray();
        return
        [
            .. variables
                .SelectMany(name =>
                    leaves
                        .Where(one => name.EndsWith(one.End, StringComparison.Ordinal))
                        .Select(one => (one.Wrapper, name[..^one.Leaf.Length])))
                .Distinct(),
        ];
    }

    /// <summary>Adds the obstacles of a layer.</summary>
    /// <exception cref="UsageException">An activation that the user says is none.</exception>
    public static void Add(RecurrentLayer layer, IReadOnlyDictionary<string, Tensor> variables)
    {
        var definition = layer.Cell.Definition;
        if (definition.Refusal is { } refusal)
        {
            layer.ObstacleList.Add(refusal);
            return;
        }

        if (definition.Obstacle(layer.Cell) is { } obstacle)
        {
            layer.ObstacleList.Add(obstacle);
        }

        foreach (var fact in layer.Facts.Where(fact => definition.Fixed.TryGetValue(fact.Name, out var value) && value != fact.Value))
        {
            layer.ObstacleList.Add($"the {fact}, and every {definition.Name} has {definition.Fixed[fact.Name]}");
        }

        if (variables.Values.Select(tensor => tensor.DType).Distinct().Count() > 1)
        {
            layer.ObstacleList.Add(
                $"its variables have different types ({string.Join(", ", variables.Values.Select(tensor => tensor.Info))}), and a cell has one"
            );
        }

        foreach (var fact in layer.Facts.Where(fact => fact.Definition is ActivationFact && fact.Value.Text is not null))
        {
            var known = Activations.Find(fact.Value.Text!);
            if (known is null && fact.Evidence.Kind == EvidenceKind.Option)
            {
                throw new UsageException(
                    $"{fact.Name} {fact.Value}: no such activation is known.{NearNames.SentenceOrAll(fact.Value.Text!, [.. Activations.All.Select(activation => activation.Name)], "Known are")}"
                );
            }

            if (
                (known is null || !known.IsOneInEveryKeras)
                && !(
                    fact.Name == KnownFacts.RecurrentActivation.Name
                    && definition.Obstacle(layer.Cell) is null
                    && RescaledGates.Holds(layer.Cell)))
            {
                layer.ObstacleList.Add(
                    $"the {fact}, which is not an activation that means the same in every Keras (those are {string.Join(", ", Activations.All.Where(activation => activation.IsOneInEveryKeras).Select(activation => activation.Name))})"
                );
            }
        }
    }
}
