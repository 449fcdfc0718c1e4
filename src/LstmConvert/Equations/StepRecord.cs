using LstmConvert.Arrays;

namespace LstmConvert.Equations;

/// <summary>What a loop has computed, step by step. A state that is the output at every step is kept once.</summary>
/// <param name="output">The sequence of the outputs, in which steps are set.</param>
/// <param name="initial">The states at the start.</param>
internal sealed class StepRecord(Sequence output, IReadOnlyList<NumericArray> initial)
{
    /// <summary>Arrays as large as an output that one step makes, about: four gates, their sums and what becomes of them.</summary>
    private const int ArraysOfStep = 24;

    private readonly Sequence[] states =
        [
            .. initial.Select(state =>
                state.Dimensions.Skip(1).SequenceEqual(output.StepShape)
                    ? output
                    : Sequence.Zeros(output.Batch, output.Steps, [.. state.Dimensions.Skip(1)])),
        ];

    /// <summary>The outputs.</summary>
    public Sequence Output => output;

    /// <summary>Each state after each step.</summary>
    public IReadOnlyList<Sequence> States => states;

    /// <summary>Takes a step.</summary>
    /// <param name="t">The step.</param>
    /// <param name="current">Its output.</param>
    /// <param name="after">The states after it.</param>
    public void Set(int t, NumericArray current, IReadOnlyList<NumericArray> after)
    {
        for (var k = 0; k < states.Length; k++)
        {
            if (ReferenceEquals(states[k], output) && !ReferenceEquals(after[k], current))
            {
                states[k] = new Sequence(output.Batch, output.Steps, output.StepShape, (double[])output.Values.Clone());
            }
        }

        Held.Drop((long)ArraysOfStep * sizeof(double) * output.Batch * output.Width);
        output.SetStep(t, current);
        for (var k = 0; k < states.Length; k++)
        {
            if (!ReferenceEquals(states[k], output))
            {
                states[k].SetStep(t, after[k]);
            }
        }
    }
}
