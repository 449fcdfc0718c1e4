using LstmConvert.Arrays;
using LstmConvert.Equations;

namespace LstmConvert.Cells;

/// <summary>A cell of the source in its loop, as a model calls it.</summary>
/// <param name="cell">The cell.</param>
internal sealed class CellCall(BoundCell cell) : ICallable
{
    private readonly Dictionary<Precision, Held<Ready>> ready = new()
    {
        [Precision.Single] = new Held<Ready>(cell.WeightCount),
        [Precision.Double] = new Held<Ready>(cell.WeightCount),
    };

    private Held<CellArrays> stored = new(cell.WeightCount);

    /// <summary>The cell.</summary>
    public BoundCell Cell { get; } = cell;

    /// <summary>Other arrays or facts in place of the cell's own: a wrong convention, weights that are rounded.</summary>
    public Func<CellArrays, CellArrays>? Change { get; private init; }

    /// <summary>The same cell, read once for both, with other arrays or facts in place of its own.</summary>
    /// <param name="change">Gives them.</param>
    public CellCall With(Func<CellArrays, CellArrays>? change) => new(Cell) { stored = stored, Change = change };

    /// <inheritdoc/>
    public string ClassName => Cell.Definition.Name;

    /// <inheritdoc/>
    public IReadOnlyList<string> States => [.. Cell.States.Select(state => state.Name)];

    /// <inheritdoc/>
    public IReadOnlyList<int> StateWidths => [.. Cell.States.Select(state => (int)Cell.Sizes[state.Width])];

    /// <inheritdoc/>
    public CallResult Run(CallInputs inputs)
    {
        var (x, mask) = (inputs.Inputs[0].Data, inputs.Inputs[0].Lengths);
        var sequence = Sequence.Of(x);
        var lengths = mask ?? [.. Enumerable.Repeat(sequence.Steps, sequence.Batch)];
        var states = inputs.InitialStates
            ??
            [
                .. StateWidths.Select(width =>
                    NumericArray.Zeros(inputs.Precision, [sequence.Batch, .. sequence.StepShape.SkipLast(1), width])),
            ];
        var (arrays, equations) = Of(inputs.Precision);
        var result = Equations.TensorFlow1.Loop.Run(equations, sequence, lengths, states, Cell.IsBackward);
        GC.KeepAlive(arrays); // for a run in the other precision meanwhile
        return new CallResult(
            new Value(result.Output.ToArray(inputs.Precision), inputs.Inputs[0].Mask),
            result.StatesPerStep,
            result.FinalStates);
    }

    private Ready Of(Precision precision) => ready[precision].Get(() =>
    {
        var make = Cell.Definition.Equations
            ?? throw new UnsupportedModelException($"{Cell.Scope} is {ClassName}, whose equations are not known to compute.");
        var arrays = stored.Get(() => CellArrays.Read(Cell, Precision.Double));
        var own = arrays.In(precision);
        return Change is null ? new Ready(arrays, make(own)) : new Ready(null, make(Change(own)));
    });

    /// <summary>What computes, and the variables as they were read, where it computes with those.</summary>
    private sealed record Ready(CellArrays? Arrays, ICellEquations Equations);
}
