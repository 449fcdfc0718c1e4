namespace LstmConvert.KerasLayers;

/// <summary>Keras's RNN: its loop around a cell, or around several that are stacked.</summary>
internal static class Rnn
{
    private const string Cell = "cell";

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("RNN")
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
        IsRecurrent = true,
        IsNamed = true,
    };

    /// <summary>A stack names its cells itself.</summary>
    private static WeightDefinition Named(WeightDefinition weight, KerasUse cell) =>
        weight.Name.Contains('/', StringComparison.Ordinal) ? weight : weight with { Name = $"{cell.Layer.SnakeName}/{weight.Name}" };
}
