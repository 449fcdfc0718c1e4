using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>Cells that read the same input and put their outputs beside each other, with the states of the first, then of the next
/// (BidirectionalGridLSTMCell, tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1046-1106).</summary>
/// <param name="cells">The cells; each has as many states as the others.</param>
internal sealed class SideBySideCells(IReadOnlyList<IStepEquations> cells) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => cells.Sum(cell => cell.OutputWidth);

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var each = states.Count / cells.Count;
        var results = cells.Select((cell, k) => cell.Step(x, [.. states.Skip(k * each).Take(each)])).ToArray();
        return new StepResult(
            NumericArray.Concatenate([.. results.Select(result => result.Output)]),
            [.. results.SelectMany(result => result.States)]);
    }
}
