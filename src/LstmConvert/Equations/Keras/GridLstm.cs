using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// Our GridLSTMCell (KerasLayers/Python/GridLSTMCell.py): the equations are there. States: c and m of every window.
/// </summary>
/// <param name="units">u.</param>
/// <param name="starts">The first feature of each window, in the order in which they are walked.</param>
/// <param name="isCoupled">True for gates i j o, of which the forget gate is the rest of i; else i j f o.</param>
internal sealed class GridLstm(int units, IReadOnlyList<int> starts, bool isCoupled) : IStepEquations
{
    /// <summary><c>(f+2u, gu)</c>, <c>(gu,)</c> and, or null, <c>(2g-2, u)</c>: two rows for each gate but j, on c of frequency and of
    /// time.</summary>
    public required (NumericArray Kernel, NumericArray Bias, NumericArray? Peepholes) Frequency { get; init; }

    /// <summary>The same along time; null where the weights are shared.</summary>
    public required (NumericArray Kernel, NumericArray Bias, NumericArray? Peepholes)? Time { get; init; }

    /// <summary>The limit of both states, or null.</summary>
    public double? CellClip { get; init; }

    /// <inheritdoc />
    public int OutputWidth => 2 * units * starts.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (outputs, after) = (new List<NumericArray>(), new List<NumericArray>());
        var m = NumericArray.Zeros(x.Precision, x.RowCount, units);
        var c = m;
        var size = Frequency.Kernel.RowCount - (2 * units);
        for (var w = 0; w < starts.Count; w++)
        {
            var (ct, mt) = (states[2 * w], states[(2 * w) + 1]);
            var read = NumericArray.Concatenate(x.Columns(starts[w], size), mt, m); // (b, f+2u)
            var alongFrequency = read.Dot(Frequency.Kernel) + Frequency.Bias; // (b, gu)
            var alongTime = Time is { } time ? read.Dot(time.Kernel) + time.Bias : alongFrequency;
            var peepholes = Time is { } other ? other.Peepholes : Frequency.Peepholes;
            var (nextC, nextT) = (Carried(alongFrequency, Frequency.Peepholes, c, c, ct), Carried(alongTime, peepholes, ct, c, ct));
            var last = isCoupled ? 2 : 3;
            m = Peeped(alongFrequency, Frequency.Peepholes, last, nextC, nextT).Sigmoid() * nextC.Tanh();
            mt = Peeped(alongTime, peepholes, last, nextC, nextT).Sigmoid() * nextT.Tanh();
            c = nextC;
            outputs.AddRange([mt, m]);
            after.AddRange([nextT, mt]);
        }

        return new StepResult(NumericArray.Concatenate([.. outputs]), after);
    }

    private NumericArray Carried(NumericArray z, NumericArray? peepholes, NumericArray own, NumericArray c, NumericArray ct)
    {
        var i = Peeped(z, peepholes, 0, c, ct).Sigmoid();
        var f = isCoupled ? 1 - i : Peeped(z, peepholes, 2, c, ct).Sigmoid();
        var next = (f * own) + (i * z.Columns(units, units).Tanh());
        return CellClip is { } limit ? next.Clip(limit) : next;
    }

    /// <summary>A gate with its two peepholes, <c>(b, u)</c>: the rows leave out j, which is the second gate.</summary>
    private NumericArray Peeped(NumericArray z, NumericArray? peepholes, int gate, NumericArray c, NumericArray ct)
    {
        var (plain, row) = (z.Columns(gate * units, units), 2 * (gate == 0 ? 0 : gate - 1));
        return peepholes is null ? plain : plain + (peepholes.Rows(row, 1) * c) + (peepholes.Rows(row + 1, 1) * ct);
    }
}
