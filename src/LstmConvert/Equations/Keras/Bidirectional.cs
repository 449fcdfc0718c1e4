using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// Keras's Bidirectional (keras 2.2.4 keras/layers/wrappers.py, 3.15.1 src/layers/rnn/bidirectional.py): the same input to both layers, the
/// backward one with
/// <c>go_backwards</c>, its output reversed back in time, both merged.
/// </summary>
internal static class Bidirectional
{
    /// <summary>Runs both directions.</summary>
    /// <param name="forward">The forward cell.</param>
    /// <param name="backward">The backward cell.</param>
    /// <param name="x"><c>(b, t, x)</c>.</param>
    /// <param name="mask">Which steps count; null for all.</param>
    /// <param name="initialForward">The forward states at the start.</param>
    /// <param name="initialBackward">The backward states at the start.</param>
    /// <param name="zeroOutputForMask">True gives 0 at masked steps. Bidirectional forces it where it returns sequences: tf.keras from 1.15
    /// on, Keras 2.4 and later; Keras up to 2.3 repeats.</param>
    /// <returns>Both directions, the backward outputs and states reversed back to the order of the input's time.</returns>
    public static (LoopResult Forward, LoopResult Backward) Run(
        IStepEquations forward,
        IStepEquations backward,
        Sequence x,
        Mask? mask,
        IReadOnlyList<NumericArray> initialForward,
        IReadOnlyList<NumericArray> initialBackward,
        bool zeroOutputForMask)
    {
        var first = Loop.Run(forward, x, mask, initialForward, goBackwards: false, zeroOutputForMask);
        var second = Loop.Run(backward, x, mask, initialBackward, goBackwards: true, zeroOutputForMask);
        return (
            first,
            second with
            {
                Output = second.Output.Reversed(),
                StatesPerStep = [.. second.StatesPerStep.Select(state => state.Reversed())],
            });
    }

    /// <summary>Merges sequences, <c>return_sequences=True</c>.</summary>
    /// <param name="mode">How.</param>
    /// <param name="forward">The forward outputs.</param>
    /// <param name="backward">The backward outputs, in the order of the input's time.</param>
    /// <param name="precision">What the layer computes in.</param>
    /// <returns>One sequence, or both with <see cref="MergeMode.None"/>.</returns>
    public static IReadOnlyList<Sequence> Merge(MergeMode mode, Sequence forward, Sequence backward, Precision precision) =>
        [.. Merge(mode, forward.ToArray(precision), backward.ToArray(precision)).Select(Sequence.Of)];

    /// <summary>Merges arrays.</summary>
    /// <param name="mode">How.</param>
    /// <param name="forward">The forward output, <c>(…, u)</c>.</param>
    /// <param name="backward">The backward output, <c>(…, u)</c>.</param>
    /// <returns>One array, or both with <see cref="MergeMode.None"/>.</returns>
    public static IReadOnlyList<NumericArray> Merge(MergeMode mode, NumericArray forward, NumericArray backward) => mode switch
    {
        MergeMode.Concat => [NumericArray.Concatenate(forward, backward)],
        MergeMode.Sum => [forward + backward],
        MergeMode.Mul => [forward * backward],
        MergeMode.Ave => [(forward + backward) / 2],
        _ => [forward, backward],
    };
}
