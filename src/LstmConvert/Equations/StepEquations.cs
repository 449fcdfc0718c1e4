using LstmConvert.Arrays;

namespace LstmConvert.Equations;

/// <summary>What a cell computes: step by step, or a whole sequence at once.</summary>
internal interface ICellEquations
{
    /// <summary>The length of the output's last axis.</summary>
    int OutputWidth { get; }
}

/// <summary>A cell as its paper has it: one step of a batch.</summary>
internal interface IStepEquations : ICellEquations
{
    /// <summary>One step.</summary>
    /// <param name="x">The input, <c>(b, x)</c>.</param>
    /// <param name="states">The states before it, in the cell's own order, <c>(b, u)</c> each.</param>
    StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states);
}

/// <summary>What runs over whole sequences: fused operations, cuDNN.</summary>
internal interface ISequenceEquations : ICellEquations
{
    /// <summary>All steps.</summary>
    /// <param name="x">The input, <c>(b, t, x)</c>.</param>
    /// <param name="lengths">The valid length of each row.</param>
    /// <param name="initial">The states before the first step, in the cell's own order.</param>
    LoopResult Run(Sequence x, int[] lengths, IReadOnlyList<NumericArray> initial);
}

/// <summary>What one step gives.</summary>
/// <param name="Output"><c>(b, u)</c>.</param>
/// <param name="States">The states after it, in the order of those before it.</param>
internal sealed record StepResult(NumericArray Output, IReadOnlyList<NumericArray> States);

/// <summary>What a loop gives.</summary>
/// <param name="Output"><c>(b, t, u)</c>, in the order of time that the loop leaves it in.</param>
/// <param name="StatesPerStep">Each state after each step, in the same order of time.</param>
/// <param name="FinalStates">Each state after the last step.</param>
internal sealed record LoopResult(Sequence Output, IReadOnlyList<Sequence> StatesPerStep, IReadOnlyList<NumericArray> FinalStates)
{
    /// <summary>The output of the step that was computed last, <c>(b, u)</c>: what a Keras layer with <c>return_sequences=False</c> gives.
    /// Null from other loops, and without steps.</summary>
    public NumericArray? LastOutput { get; init; }
}
