using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>The kernels of one half of a <see cref="GridLstmCell"/>.</summary>
/// <param name="Kernel"><c>(f+2u, gu)</c>, rows window, m of time, m of frequency; columns i j f o, or coupled i j o.</param>
/// <param name="Bias"><c>(gu,)</c>.</param>
/// <param name="Peepholes">By gate those on the state of frequency and of time, <c>(u,)</c> each; empty without.</param>
internal sealed record GridHalf(
    NumericArray Kernel,
    NumericArray Bias,
    IReadOnlyDictionary<char, (NumericArray Frequency, NumericArray Time)> Peepholes);

/// <summary>
/// GridLSTMCell and one direction of BidirectionalGridLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:499-1106; Li et al.
/// 2016), of one block of windows. States: c, m of every window.
/// <code>
/// for each window w of the input, from the first (or from the last): z = [w; m_time; m_freq] @ W + b for both halves
/// c_freq' = f*c_freq + i*tanh(j)   c_time' = f*c_time + i*tanh(j)   m = sigmoid(o)*tanh(c)   gates see both old c, o both new c; f = 1-i where coupled
/// output: m_time, m_freq of every window; m_freq and c_freq go to the next window, c_time and m_time to the next step
/// </code>
/// </summary>
/// <param name="frequency">The half along frequency.</param>
/// <param name="time">The half along time; the other one where they share their weights.</param>
/// <param name="windows">The first feature of each window, in the order in which they are walked.</param>
internal sealed class GridLstmCell(GridHalf frequency, GridHalf time, IReadOnlyList<int> windows) : IStepEquations
{
    /// <summary>Added to the forget gates at run time.</summary>
    public required double ForgetBias { get; init; }

    /// <summary>The limit of both states, or null.</summary>
    public double? CellClip { get; init; }

    /// <summary>True if the forget gate is what the input gate leaves.</summary>
    public required bool IsCoupled { get; init; }

    /// <summary>u.</summary>
    public required int Units { get; init; }

    /// <inheritdoc />
    public int OutputWidth => 2 * Units * windows.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var zeros = NumericArray.Zeros(x.Precision, x.RowCount, Units);
        var (mFrequency, cFrequency) = (zeros, zeros);
        var (outputs, next) = (new List<NumericArray>(), new List<NumericArray>());
        for (var k = 0; k < windows.Count; k++)
        {
            var (cTime, mTime) = (states[2 * k], states[(2 * k) + 1]);
            var read = NumericArray.Concatenate(x.Columns(windows[k], frequency.Kernel.RowCount - (2 * Units)), mTime, mFrequency); // (b, f+2u)
            var (nextFrequency, nextTime) = (
                State(frequency, read, cFrequency, cFrequency, cTime),
                State(time, read, cTime, cFrequency, cTime));
            mFrequency = Output(frequency, read, nextFrequency, nextFrequency, nextTime);
            mTime = Output(time, read, nextTime, nextFrequency, nextTime);
            cFrequency = nextFrequency;
            outputs.AddRange([mTime, mFrequency]);
            next.AddRange([nextTime, mTime]);
        }

        return new StepResult(NumericArray.Concatenate([.. outputs]), next);
    }

    private NumericArray State(GridHalf half, NumericArray read, NumericArray old, NumericArray cFrequency, NumericArray cTime)
    {
        var i = Seen(half, 'i', read, cFrequency, cTime).Sigmoid();
        var f = IsCoupled ? 1 - i : (Seen(half, 'f', read, cFrequency, cTime) + ForgetBias).Sigmoid();
        var c = (f * old) + (i * Seen(half, 'j', read, cFrequency, cTime).Tanh());
        return CellClip is { } limit ? c.Clip(limit) : c;
    }

    private NumericArray Output(GridHalf half, NumericArray read, NumericArray own, NumericArray cFrequency, NumericArray cTime) =>
        Seen(half, 'o', read, cFrequency, cTime).Sigmoid() * own.Tanh();

    /// <summary>A gate with what it sees of the states, <c>(b, u)</c>.</summary>
    private NumericArray Seen(GridHalf half, char gate, NumericArray read, NumericArray cFrequency, NumericArray cTime)
    {
        var place = (IsCoupled ? "ijo" : "ijfo").IndexOf(gate, StringComparison.Ordinal);
        var z = read.Dot(half.Kernel.Columns(place * Units, Units)) + half.Bias.Columns(place * Units, Units);
        return half.Peepholes.TryGetValue(gate, out var peephole) ? z + (cFrequency * peephole.Frequency) + (cTime * peephole.Time) : z;
    }
}
