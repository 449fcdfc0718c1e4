using LstmConvert.Cells;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>What keeps a layer out of Keras, whatever kind of cell it is.</summary>
internal static class Obstacles
{
    /// <summary>Says what runs around a layer, by the names and the variables of wrappers; one that changes its outputs is an obstacle.</summary>
    public static void AddWrappers(RecurrentLayer layer, IEnumerable<string> variables)
    {
        foreach (var wrapper in Wrapper.All)
        {
            var isInside = layer.Scope.Split('/').SkipLast(1).Any(step => wrapper.Scopes.Contains(Dialects.ScopeName.Component(step)))
                || variables.Any(name => wrapper.Leaves.Any(leaf => name.EndsWith("/" + leaf, StringComparison.Ordinal) && layer.Scope.StartsWith(name[..^leaf.Length], StringComparison.Ordinal)));
            if (isInside)
            {
                (wrapper.IsObstacle ? layer.ObstacleList : layer.SurroundingList).Add($"{wrapper.Name} around it {wrapper.Effect}{(wrapper.IsObstacle ? "" : ": this layer is not the whole model")}");
            }
        }
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
            layer.ObstacleList.Add($"its variables have different types ({string.Join(", ", variables.Values.Select(tensor => tensor.Info))}), and a cell has one");
        }

        foreach (var fact in layer.Facts.Where(fact => fact.Definition is ActivationFact && fact.Value.Text is not null))
        {
            var known = Activations.Find(fact.Value.Text!);
            if (known is null && fact.Evidence.Kind == EvidenceKind.Option)
            {
                throw new UsageException($"{fact.Name} {fact.Value}: no such activation is known. Known are {string.Join(", ", Activations.All.Select(activation => activation.Name))}.");
            }

            if (known is null || !known.IsOneInEveryKeras)
            {
                layer.ObstacleList.Add($"the {fact}, which is not an activation that means the same in every Keras (those are {string.Join(", ", Activations.All.Where(activation => activation.IsOneInEveryKeras).Select(activation => activation.Name))})");
            }
        }
    }
}
