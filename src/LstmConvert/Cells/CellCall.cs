using LstmConvert.Arrays;
using LstmConvert.Equations;

namespace LstmConvert.Cells;

/// <summary>A cell of the source in its loop, as a model calls it.</summary>
/// <param name="cell">The cell.</param>
internal sealed class CellCall(BoundCell cell) : ICallable
{
    private readonly Dictionary<Precision, ICellEquations> equations = [];
    private Lazy<CellArrays> stored = new(() => CellArrays.Read(cell, Precision.Double));

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
        var result = Equations.TensorFlow1.Loop.Run(Of(inputs.Precision), sequence, lengths, states, Cell.IsBackward);
        return new CallResult(
            new Value(result.Output.ToArray(inputs.Precision), inputs.Inputs[0].Mask),
            result.StatesPerStep,
            result.FinalStates);
    }

    private ICellEquations Of(Precision precision)
    {
        lock (equations)
        {
            if (!equations.TryGetValue(precision, out var found))
            {
                var make = Cell.Definition.Equations
                    ?? throw new UnsupportedModelException($"{Cell.Scope} is {ClassName}, whose equations are not known to compute.");
                var arrays = stored.Value.In(precision);
                equations[precision] = found = make(Change is null ? arrays : Change(arrays));
            }

            return found;
        }
    }
}
