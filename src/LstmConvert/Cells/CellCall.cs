using LstmConvert.Arrays;
using LstmConvert.Equations;

namespace LstmConvert.Cells;

/// <summary>A cell of the source in its loop, as a model calls it.</summary>
/// <param name="cell">The cell.</param>
internal sealed class CellCall(BoundCell cell) : ICallable
{
    private readonly Dictionary<Precision, ICellEquations> equations = [];

    /// <summary>The cell.</summary>
    public BoundCell Cell { get; } = cell;

    /// <summary>Other arrays or facts in place of the cell's own: a wrong convention, weights that are rounded.</summary>
    public Func<CellArrays, CellArrays>? Change { get; init; }

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
        var sequence = new Sequence(x.Dimensions[0], x.Dimensions[1], [.. x.Dimensions.Skip(2)], x.ToDoubles());
        var lengths = mask ?? [.. Enumerable.Repeat(sequence.Steps, sequence.Batch)];
        var states = inputs.InitialStates
            ??
            [
                .. StateWidths.Select(width =>
                    NumericArray.Zeros(inputs.Precision, [sequence.Batch, .. sequence.StepShape.SkipLast(1), width])),
            ];
        var result = Equations.TensorFlow1.Loop.Run(Of(inputs.Precision), sequence, lengths, states, Cell.IsBackward);
        return new CallResult(
            new Value(
                NumericArray.From(
                    result.Output.Values,
                    inputs.Precision,
                    [result.Output.Batch, result.Output.Steps, .. result.Output.StepShape]),
                inputs.Inputs[0].Mask),
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
                var arrays = CellArrays.Read(Cell, precision);
                equations[precision] = found = make(Change is null ? arrays : Change(arrays));
            }

            return found;
        }
    }
}
