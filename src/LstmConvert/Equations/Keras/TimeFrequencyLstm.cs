using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// Our TimeFrequencyLSTMCell (KerasLayers/Python/TimeFrequencyLSTMCell.py): the equations are there. State: c and m of every window beside
/// each other.
/// </summary>
/// <param name="kernel"><c>(f+2u, 4u)</c>, columns i j f o.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="starts">The first feature of each window.</param>
internal sealed class TimeFrequencyLstm(NumericArray kernel, NumericArray bias, IReadOnlyList<int> starts) : IStepEquations
{
    private readonly int units = bias.Count / 4;

    /// <summary><c>(3, u)</c> of i, f and o, or null.</summary>
    public NumericArray? Peepholes { get; init; }

    /// <summary>The limit of the cell state, or null.</summary>
    public double? CellClip { get; init; }

    /// <inheritdoc />
    public int OutputWidth => units * starts.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (m, all, after) = (NumericArray.Zeros(x.Precision, x.RowCount, units), new List<NumericArray>(), new List<NumericArray>());
        for (var w = 0; w < starts.Count; w++)
        {
            NumericArray State(int part) => states[0].Columns(((2 * w) + part) * units, units);
            var window = x.Columns(starts[w], kernel.RowCount - (2 * units));
            var z = NumericArray.Concatenate(window, State(1), m).Dot(kernel) + bias; // (b, 4u)
            NumericArray Gate(int gate, int row, NumericArray c) =>
                z.Columns(gate * units, units) is var plain && Peepholes is null ? plain : plain + (Peepholes!.Rows(row, 1) * c);
            var c = (Gate(2, 1, State(0)).Sigmoid() * State(0)) + (Gate(0, 0, State(0)).Sigmoid() * z.Columns(units, units).Tanh());
            c = CellClip is { } limit ? c.Clip(limit) : c;
            m = Gate(3, 2, c).Sigmoid() * c.Tanh();
            all.Add(m);
            after.AddRange([c, m]);
        }

        return new StepResult(NumericArray.Concatenate([.. all]), [NumericArray.Concatenate([.. after])]);
    }
}
