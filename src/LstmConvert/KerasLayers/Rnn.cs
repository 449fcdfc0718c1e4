using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's RNN: its loop around a cell, or around several that are stacked.</summary>
internal static class Rnn
{
    private const string Cell = "cell";

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } =
        new("RNN")
        {
            Weights = use => use.Inner is [var cell] ? [.. cell.WeightDefinitions.Select(weight => Named(weight, cell))] : [],
            Arguments = RecurrentArguments.OfLoops,
            InnerKeys = [Cell],
            Inner = use => [new(Cell, use.Inner)],
            WithInner = (use, inner) => use with { Inner = inner[Cell] },
            Parts = use => use.Inner is [var cell] ? [.. LayerPart.Below(new PartStep(Cell), cell)] : [],
            States = use => use.Inner is [var cell] ? cell.States : [],
            StateWidths = use => use.Inner is [var cell] ? cell.StateWidths : [],
            Width = (use, inputs) => use.Inner is [var cell] ? cell.WidthFor(inputs) : null,
            Run = (use, inputs) => RecurrentRun.Run(use, StackedRnnCells.Equations(use.Inner[0] with { Weights = use.Weights }), inputs),
            Wrong = Wrong,
            Mistakes = use =>
                use.Inner is not [var cell]
                    ? []
                    :
                    [
                        .. cell
                            .Layer.Mistakes(cell with { Weights = use.Weights })
                            .Select(kind => (Func<KerasUse, IEnumerable<WrongLayer>>)(one => Lifted(one, kind))),
                        RecurrentMistakes.Direction,
                    ],
            BrowserRefusal = RecurrentRun.RefusedInBrowser,
            IsRecurrent = true,
            IsNamed = true,
        };

    /// <summary>The layer around a cell, giving the output of every step.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="weights">The derivation of each of its weights, in order.</param>
    /// <param name="states">The source cell's states that are the cell's, in order.</param>
    public static LayerRecipe Of(KerasUse cell, IReadOnlyList<Derivation> weights, IReadOnlyList<string> states) =>
        new(
            Definition,
            new Dictionary<string, FactValue>(StringComparer.Ordinal) { [RecurrentArguments.ReturnSequences.Name] = FactValue.Of(true) },
            [.. cell.WeightDefinitions.Zip(weights, (definition, derivation) => new WeightRecipe(definition.Name, derivation))])
        {
            Inner = [cell],
            CellStates = states,
        };

    /// <summary>The layers that compute, one after the other, what one around stock cells does, each with its weights and the words behind
    /// the layer's name; null where there are none.</summary>
    /// <param name="use">The layer, its weights attached.</param>
    public static IReadOnlyList<(string Suffix, KerasUse Layer)>? Layers(KerasUse use)
    {
        if (use.ClassName != Definition.ClassName || use.Inner is not [var inner])
        {
            return null;
        }

        IReadOnlyList<KerasUse> cells = inner.ClassName == StackedRnnCells.Definition.ClassName ? inner.Inner : [inner];
        if (cells.Any(cell => cell.Layer.Around is null))
        {
            return null;
        }

        var (start, layers) = (0, new List<(string, KerasUse)>());
        foreach (var (k, cell) in cells.Index())
        {
            var count = cell.WeightDefinitions.Count;
            var layer = new KerasUse(
                cell.Layer.Around!,
                cell.Arguments.Concat(use.Arguments.Where(one => RecurrentArguments.OfLoops.Any(argument => argument.Name == one.Key)))
                    .ToDictionary(StringComparer.Ordinal))
            {
                Stored = [.. use.Stored.Skip(start).Take(count)],
            };
            layers.Add((inner == cell ? "" : $"/multi_rnn_cell/cell_{k}/{cell.Layer.SnakeName}", layer));
            start += count;
        }

        return layers;
    }

    /// <summary>True if a layer is one around a cell.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="cell">The cell.</param>
    public static bool IsAround(KerasUse use, KerasLayer cell) =>
        use.ClassName == Definition.ClassName && use.Inner is [var inner] && inner.ClassName == cell.ClassName;

    private static IEnumerable<WrongLayer> Wrong(KerasUse use) => use.Inner is not [var cell] ? [] : Lifted(use, cell.Layer.Wrong);

    /// <summary>Other conventions of the cell.</summary>
    private static IEnumerable<WrongLayer> Lifted(KerasUse use, Func<KerasUse, IEnumerable<WrongLayer>> kind) =>
        kind(use.Inner[0] with { Weights = use.Weights }).Select(wrong => new WrongLayer(wrong.Name, () => Around(use, wrong.Layer)));

    /// <summary>The loop around another cell, with its weights.</summary>
    private static KerasUse Around(KerasUse use, KerasUse cell) => use with { Inner = [cell with { Weights = [] }], Weights = cell.Weights };

    /// <summary>A stack names its cells itself.</summary>
    private static WeightDefinition Named(WeightDefinition weight, KerasUse cell) =>
        weight.Name.Contains('/', StringComparison.Ordinal) ? weight : weight with { Name = $"{cell.Layer.SnakeName}/{weight.Name}" };
}
