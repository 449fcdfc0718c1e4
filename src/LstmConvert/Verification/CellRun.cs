using LstmConvert.Arrays;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>The states of one cell at the start.</summary>
/// <param name="H"><c>(b, u)</c>, or <c>(b, p)</c> with a projection; C order.</param>
/// <param name="C"><c>(b, u)</c>; null for a cell without.</param>
public sealed record CellState(double[] H, double[]? C);

/// <summary>What one side computed for one cell, in the order of the input's time steps.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Input">What it read.</param>
/// <param name="Output">Its output, <c>(b, t, u)</c> or <c>(b, t, p)</c>.</param>
/// <param name="C">Its cell state at each step; null for a cell without.</param>
/// <param name="FinalH">The last h of each row.</param>
/// <param name="FinalC">The last c of each row, or null.</param>
public sealed record CellRun(RecognizedCell Cell, Sequence Input, Sequence Output, Sequence? C, double[] FinalH, double[]? FinalC);

/// <summary>What one side computed for a group.</summary>
/// <param name="Output">The group's output, both directions concatenated.</param>
/// <param name="Cells">Each cell, in the group's order.</param>
public sealed record GroupRun(Sequence Output, IReadOnlyList<CellRun> Cells);

/// <summary>Feeds the cells of a group with each other's outputs. The rule is the same for both sides; the cells are not.</summary>
internal static class GroupWiring
{
    public static GroupRun Run(RecognizedGroup group, Sequence x, Func<RecognizedCell, Sequence, CellRun> run)
    {
        var runs = new Dictionary<RecognizedCell, CellRun>(ReferenceEqualityComparer.Instance);
        Sequence Feed(RecognizedCell cell, Sequence input)
        {
            var result = run(cell, input);
            if (cell.Residual is { Value: true } && input.Width == result.Output.Width)
            {
                result = result with { Output = result.Output.Plus(input) };
            }

            runs[cell] = result;
            return result.Output;
        }

        Sequence Stack(IEnumerable<RecognizedCell> cells) => cells.OrderBy(cell => cell.Level).Aggregate(x, (input, cell) => Feed(cell, input));

        var output = group.Wiring switch
        {
            Wiring.Chain => Stack(group.Cells),
            Wiring.Bidirectional => Stack(group.Cells.Where(cell => cell.Direction == Direction.Forward)).Beside(Stack(group.Cells.Where(cell => cell.Direction == Direction.Backward))),
            _ => group.Cells.GroupBy(cell => cell.Level).OrderBy(level => level.Key).Aggregate(x, (input, level) =>
                Feed(level.Single(cell => cell.Direction == Direction.Forward), input).Beside(Feed(level.Single(cell => cell.Direction == Direction.Backward), input))),
        };
        return new GroupRun(output, [.. group.Cells.Select(cell => runs[cell])]);
    }
}
