using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// Keras's RNN layer (keras 2.15 src/backend.py rnn; keras 3.15.1 src/backend/tensorflow/rnn.py, src/layers/rnn/rnn.py). A masked step
/// repeats the output
/// before it (zero before the first one) and keeps the states; <c>zero_output_for_mask</c> gives 0 there. <c>go_backwards</c> walks from
/// the end, and leaves the
/// outputs in that order: reversed in time.
/// </summary>
internal static class Loop
{
    /// <summary>Runs a cell over sequences.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="x"><c>(b, t, x)</c>.</param>
    /// <param name="mask">Which steps count, in the order of the input's time; null for all.</param>
    /// <param name="initial">The states at the start.</param>
    /// <param name="goBackwards">True walks from the end.</param>
    /// <param name="zeroOutputForMask">True gives 0 at masked steps.</param>
    /// <returns>Outputs and states in the order in which they were computed: with <paramref name="goBackwards"/> the first is that of the
    /// last step.</returns>
    public static LoopResult Run(
        IStepEquations cell,
        Sequence x,
        Mask? mask,
        IReadOnlyList<NumericArray> initial,
        bool goBackwards = false,
        bool zeroOutputForMask = false)
    {
        var record = new StepRecord(Sequence.Zeros(x.Batch, x.Steps, cell.OutputWidth), initial);
        var states = initial;
        NumericArray? previous = null;
        for (var k = 0; k < x.Steps; k++)
        {
            var t = goBackwards ? x.Steps - 1 - k : k;
            var step = cell.Step(x.Step(t, initial[0].Precision), states);
            var (current, fresh) = (step.Output, step.States);
            if (mask is not null)
            {
                var zero = NumericArray.Zeros(current.Precision, [.. current.Dimensions]);
                current = NumericArray.Where(mask.Step(t), current, zeroOutputForMask ? zero : previous ?? zero);
                fresh = [.. states.Zip(fresh, (old, value) => NumericArray.Where(mask.Step(t), value, old))];
            }

            (previous, states) = (current, fresh);
            record.Set(k, current, states);
        }

        return new LoopResult(record.Output, record.States, states) { LastOutput = previous };
    }
}
