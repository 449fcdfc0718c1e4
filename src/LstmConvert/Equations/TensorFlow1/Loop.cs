using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// <c>dynamic_rnn</c> and the backward half of <c>bidirectional_dynamic_rnn</c> (tensorflow v1.15.5 python/ops/rnn.py:233-258, 474-509):
/// past a row's length
/// the output is 0 and the states stand still; backward, each row is reversed within its length, and its outputs are reversed back.
/// </summary>
internal static class Loop
{
    /// <summary>Runs a cell over sequences.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="x"><c>(b, t, x)</c>.</param>
    /// <param name="lengths">The valid length of each row; null for all steps.</param>
    /// <param name="initial">The states at the start.</param>
    /// <param name="isBackward">True reads each row from its end.</param>
    /// <returns>Outputs and states in the order of the input's time; the final states are those after the last step that was
    /// computed.</returns>
    public static LoopResult Run(
        ICellEquations cell,
        Sequence x,
        int[]? lengths,
        IReadOnlyList<NumericArray> initial,
        bool isBackward = false)
    {
        lengths ??= [.. Enumerable.Repeat(x.Steps, x.Batch)];
        var read = isBackward ? x.Reversed(lengths) : x;
        var result = cell switch
        {
            IStepEquations steps => Run(steps, read, lengths, initial),
            ISequenceEquations whole => whole.Run(read, lengths, initial),
            _ => throw new ArgumentException($"{cell.GetType().Name} computes neither a step nor a sequence."),
        };
        return isBackward
            ? result with
            {
                Output = result.Output.Reversed(lengths),
                StatesPerStep = [.. result.StatesPerStep.Select(state => state.Reversed(lengths))],
            }
            : result;
    }

    private static LoopResult Run(IStepEquations cell, Sequence x, int[] lengths, IReadOnlyList<NumericArray> initial)
    {
        var record = new StepRecord(Sequence.Zeros(x.Batch, x.Steps, [.. x.StepShape.SkipLast(1), cell.OutputWidth]), initial);
        var states = initial;
        for (var t = 0; t < x.Steps; t++)
        {
            var valid = Array.ConvertAll(lengths, length => t < length);
            var step = cell.Step(x.Step(t, initial[0].Precision), states);
            states = [.. states.Zip(step.States, (old, fresh) => NumericArray.Where(valid, fresh, old))];
            record.Set(
                t,
                NumericArray.Where(valid, step.Output, NumericArray.Zeros(step.Output.Precision, [.. step.Output.Dimensions])),
                states);
        }

        return new LoopResult(record.Output, record.States, states);
    }
}
