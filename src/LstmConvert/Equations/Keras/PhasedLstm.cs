using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// Our PhasedLSTMCell (KerasLayers/Python/PhasedLSTMCell.py). The first feature of the input is the time of the step. States: h, c.
/// <code>
/// [i|f|g|o] = x @ kernel + h @ recurrent_kernel + bias      s = sigmoid(f + c @ p_f) * c + sigmoid(i + c @ p_i) * tanh(g)
/// m = sigmoid(o + s @ p_o) * tanh(s)      r = ((time - phase) mod period) / period
/// k = 2r/ratio_on where r is below half of ratio_on, 2 - 2r/ratio_on where it is below it, else leak*r
/// c' = k*s + (1-k)*c      h' = k*m + (1-k)*h
/// </code>
/// </summary>
/// <param name="kernel"><c>(x-1, 4u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="leak">What is let through while the gate is closed.</param>
internal sealed class PhasedLstm(NumericArray kernel, NumericArray recurrentKernel, NumericArray bias, double leak) : IStepEquations
{
    /// <summary><c>(u, 3u)</c> of i, f and o, or null.</summary>
    public NumericArray? Peepholes { get; init; }

    /// <summary><c>(u,)</c> each.</summary>
    public required (NumericArray Period, NumericArray Phase, NumericArray RatioOn) Times { get; init; }

    /// <inheritdoc />
    public int OutputWidth => recurrentKernel.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c, u) = (states[0], states[1], OutputWidth);
        var z = x.Columns(1, x.Width - 1).Dot(kernel) + h.Dot(recurrentKernel) + bias; // (b, 4u)
        var (i, f, g, o) = (z.Columns(0, u), z.Columns(u, u), z.Columns(2 * u, u), z.Columns(3 * u, u)); // (b, u)
        NumericArray Seen(NumericArray gate, int k, NumericArray state) =>
            Peepholes is null ? gate : gate + state.Dot(Peepholes.Columns(k * u, u));
        var s = (Seen(f, 1, c).Sigmoid() * c) + (Seen(i, 0, c).Sigmoid() * g.Tanh());
        var m = Seen(o, 2, s).Sigmoid() * s.Tanh();
        var k = Openness(x.Columns(0, 1));
        h = (k * m) + ((1 - k) * h);
        return new StepResult(h, [h, (k * s) + ((1 - k) * c)]);
    }

    /// <summary>How far the cell is open at a time, <c>(b, u)</c>.</summary>
    private NumericArray Openness(NumericArray time)
    {
        var shifted = time - Times.Phase; // (b, u)
        shifted -= Times.Period * (shifted / Times.Period).Floor();
        var r = shifted / Times.Period;
        var rising = 2 * r / Times.RatioOn;
        var k = NumericArray.WherePositive(Times.RatioOn - r, 2 - rising, leak * r);
        return NumericArray.WherePositive((0.5 * Times.RatioOn) - r, rising, k);
    }
}
