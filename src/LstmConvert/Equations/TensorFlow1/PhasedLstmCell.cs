using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// PhasedLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1915-2064; Neil et al. 2016), without peepholes or with full
/// matrices. States: c, h.
/// <code>
/// [i|f] = sigmoid([x;h;c] @ mask_gates)   j = tanh([x;h] @ new_input)   d = c*f + i*j   e = tanh(d) * sigmoid([x;h;d] @ output_gate)
/// r = mod(time - phase, period) / period      k = 2r/ratio_on, 2 - 2r/ratio_on, leak*r      c' = k*d + (1-k)*c   h' = k*e + (1-k)*h
/// </code>
/// </summary>
internal sealed class PhasedLstmCell : IStepEquations
{
    /// <summary><c>(n+u, 2u)</c> or with peepholes <c>(n+2u, 2u)</c>, and <c>(2u,)</c>.</summary>
    public required (NumericArray Kernel, NumericArray Bias) MaskGates { get; init; }

    /// <summary><c>(n+u, u)</c> and <c>(u,)</c>.</summary>
    public required (NumericArray Kernel, NumericArray Bias) NewInput { get; init; }

    /// <summary><c>(n+u, u)</c> or with peepholes <c>(n+2u, u)</c>, and <c>(u,)</c>.</summary>
    public required (NumericArray Kernel, NumericArray Bias) OutputGate { get; init; }

    /// <summary><c>(u,)</c>.</summary>
    public required NumericArray Period { get; init; }

    /// <summary><c>(u,)</c>.</summary>
    public required NumericArray Phase { get; init; }

    /// <summary><c>(u,)</c>.</summary>
    public required NumericArray RatioOn { get; init; }

    /// <summary>What passes while the cell is closed.</summary>
    public required double Leak { get; init; }

    /// <inheritdoc />
    public int OutputWidth => NewInput.Kernel.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h, u) = (states[0], states[1], OutputWidth);
        var (time, features) = (x.Columns(0, 1), x.Columns(1, x.Width - 1));
        var both = NumericArray.Concatenate(features, h); // (b, n+u)
        var sees = MaskGates.Kernel.RowCount > both.Width;
        NumericArray With(NumericArray state) => sees ? NumericArray.Concatenate(both, state) : both;
        var gates = (With(c).Dot(MaskGates.Kernel) + MaskGates.Bias).Sigmoid(); // (b, 2u)
        var candidate = (both.Dot(NewInput.Kernel) + NewInput.Bias).Tanh(); // (b, u)
        var open = (c * gates.Columns(u, u)) + (gates.Columns(0, u) * candidate);
        var output = open.Tanh() * (With(open).Dot(OutputGate.Kernel) + OutputGate.Bias).Sigmoid();
        var shifted = time - Phase; // (b, u)
        var ratio = (shifted - ((shifted / Period).Floor() * Period)) / Period;
        var up = 2 * ratio / RatioOn;
        var k = NumericArray.WherePositive(RatioOn - ratio, 2 - up, Leak * ratio);
        k = NumericArray.WherePositive((0.5 * RatioOn) - ratio, up, k);
        var next = (k * output) + ((1 - k) * h);
        return new StepResult(next, [(k * open) + ((1 - k) * c), next]);
    }
}
