using LstmConvert.Cells;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using LstmConvert.Models;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>
/// Adds to a whole model what a layer starts from that is trained: a Keras layer has no weights for its first states, but a Dense whose
/// kernel is zero gives its bias in every row, however many there are, and that is exact. It is fed the largest values of the layer's
/// input, which are numbers of every row.
/// </summary>
/// <param name="add">Adds a call and gives its port.</param>
internal sealed class StartBuilder(Func<string, KerasUse, IReadOnlyList<Port>, Port> add)
{
    private const string Role = "start";

    private readonly Dictionary<Port, Port> pooled = [];

    /// <summary>The layers with weights.</summary>
    public List<PlannedLayer> Planned { get; } = [];

    /// <summary>The ports of a layer's first states, in the order of the Keras layer's.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="layer">The layer; all its states start from variables.</param>
    /// <param name="states">The cell's state that each state of the Keras layer is.</param>
    /// <param name="read">What the layer reads.</param>
    public IReadOnlyList<Port> Of(string name, RecurrentLayer layer, IReadOnlyList<string> states, Port read)
    {
        if (!pooled.TryGetValue(read, out var rows))
        {
            pooled[read] = rows = add($"{name}_rows", Poolings.LargestOfSteps(), [read]);
        }

        var made = new Dictionary<string, Port>(StringComparer.Ordinal);
        foreach (var state in states.Distinct())
        {
            var start = layer.TrainedStarts![layer.Cell.States.Index().First(one => one.Item.Name == state).Index];
            var use = Dense.Layer((int)start.Shape.ElementCount);
            made[state] = add($"{name}_{state}", use, [rows]);
            Planned.Add(Plan(made[state].From, use, start, layer.InputSize));
        }

        return [.. states.Select(state => made[state])];
    }

    private static PlannedLayer Plan(string name, KerasUse use, Tensor start, int inputSize)
    {
        var cell = new BoundCell(
            new Cell(use.ClassName) { Variables = [Cell.Role(Role, start.Shape.Rank == 1 ? "(u,)" : "(1, u)")] },
            "",
            new Dictionary<string, Tensor>(StringComparer.Ordinal) { [Role] = start },
            new Dictionary<char, long> { ['x'] = inputSize, ['u'] = start.Shape.ElementCount },
            []);
        var from = Derivation.From(Role);
        return PlannedLayer.Around(
            name, use, cell, [Derivation.Zero("(x, u)"), start.Shape.Rank == 1 ? from : from.AsShape("(u,)")]);
    }
}
