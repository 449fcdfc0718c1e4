using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// Keras's StackedRNNCells (keras 2.2.4 keras/layers/recurrent.py:36, 3.15.1 src/layers/rnn/stacked_rnn_cells.py): at each step every cell
/// gets what the one before it gave. States and weights: the first cell's, then the next one's.
/// </summary>
internal static class StackedRnnCells
{
    private const string Cells = "cells";

    /// <summary>The order of the states before Keras 2.2.3, kept by a flag since.</summary>
    private static readonly ArgumentDefinition ReverseStateOrder = new("reverse_state_order", FactValue.Of(false))
    {
        LeftOutIf = FactValue.Of(false),
        Honours = value => value.Truth != true,
    };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("StackedRNNCells")
    {
        Weights = use => [.. use.Inner.SelectMany((cell, k) => cell.WeightDefinitions.Select(weight => weight with
        {
            Name = $"RNNCell_{k}/{weight.Name}",
            Sizes = k == 0 ? weight.Sizes : new Dictionary<char, long>(weight.Sizes) { ['x'] = use.Inner[k - 1].Units },
        }))],
        Arguments = [ReverseStateOrder],
        InnerKeys = [Cells],
        Inner = use => [new(Cells, use.Inner, IsList: true)],
        WithInner = (use, inner) => use with { Inner = inner[Cells] },
        Parts = use => [.. use.Inner.SelectMany((cell, k) => LayerPart.Below(new PartStep(Cells, k, cell.Layer.SnakeName), cell))],
        States = use => [.. use.Inner.SelectMany((cell, k) => cell.States.Select(state => $"{state}{k}"))],
        StateWidths = use => [.. use.Inner.SelectMany(cell => cell.StateWidths)],
        Width = (use, inputs) => use.Inner.Aggregate(inputs is [var one] ? one : null, (width, cell) => cell.WidthFor([width])),
        Step = use => new Stack([.. WithWeights(use).Select(Equations)], [.. use.Inner.Select(cell => cell.States.Count)]),
    };

    /// <summary>The equations of a cell.</summary>
    /// <param name="cell">The cell.</param>
    public static IStepEquations Equations(KerasUse cell) => cell.Layer.Step is { } step ? step(cell)
        : throw new UnsupportedModelException($"{cell.ClassName} is a cell of Keras that is not known to compute.");

    private static IEnumerable<KerasUse> WithWeights(KerasUse use)
    {
        var start = 0;
        foreach (var cell in use.Inner)
        {
            var count = cell.WeightDefinitions.Count;
            yield return cell with { Weights = [.. use.Weights.Skip(start).Take(count)] };
            start += count;
        }
    }

    private sealed class Stack(IStepEquations[] cells, int[] states) : IStepEquations
    {
        public int OutputWidth => cells[^1].OutputWidth;

        public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> before)
        {
            var (output, after, start) = (x, new List<NumericArray>(), 0);
            for (var k = 0; k < cells.Length; k++)
            {
                var step = cells[k].Step(output, [.. before.Skip(start).Take(states[k])]);
                (output, start) = (step.Output, start + states[k]);
                after.AddRange(step.States);
            }

            return new StepResult(output, after);
        }
    }
}
