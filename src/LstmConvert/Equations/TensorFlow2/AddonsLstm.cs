using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow2;

/// <summary>A keras.layers.LayerNormalization inside a cell of TensorFlow Addons.</summary>
/// <param name="Gamma"><c>(w,)</c>.</param>
/// <param name="Beta"><c>(w,)</c>.</param>
/// <param name="Epsilon">Added to the variance.</param>
internal sealed record AddonsNorm(NumericArray Gamma, NumericArray Beta, double Epsilon)
{
    /// <summary>Normalises.</summary>
    /// <param name="v"><c>(b, w)</c>.</param>
    public NumericArray Of(NumericArray v)
    {
        var difference = v - v.Mean();
        return (Gamma * difference / ((difference * difference).Mean() + Epsilon).Sqrt()) + Beta;
    }
}

/// <summary>
/// PeepholeLSTMCell and LayerNormLSTMCell of TensorFlow Addons (tfa/rnn/peephole_lstm_cell.py, layer_norm_lstm_cell.py), gates i f c o.
/// States: h, c.
/// <code>
/// z = norm(x @ kernel) + norm(h @ recurrent_kernel) + bias
/// c' = norm(gate(z_f + w_f*c) * c + gate(z_i + w_i*c) * act(z_c))      h' = gate(z_o + w_o*c') * act(c')
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, 4u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>, or null.</param>
/// <param name="activation">Of candidate and output.</param>
/// <param name="recurrentActivation">Of the gates.</param>
internal sealed class AddonsLstm(
    NumericArray kernel,
    NumericArray recurrentKernel,
    NumericArray? bias,
    Activation activation,
    Activation recurrentActivation) : IStepEquations
{
    /// <summary>The peepholes of i, f and o, or null.</summary>
    public (NumericArray Input, NumericArray Forget, NumericArray Output)? Peepholes { get; init; }

    /// <summary>The normalisations of the product with the input, of that with the state, and of the cell state, or null.</summary>
    public (AddonsNorm Input, AddonsNorm Recurrent, AddonsNorm State)? Norms { get; init; }

    /// <inheritdoc />
    public int OutputWidth => recurrentKernel.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c, u) = (states[0], states[1], OutputWidth);
        var (act, gate) = (activation.Keras, recurrentActivation.Keras);
        var (fromInput, fromState) = (x.Dot(kernel), h.Dot(recurrentKernel)); // (b, 4u)
        var z = Norms is { } norms ? norms.Input.Of(fromInput) + norms.Recurrent.Of(fromState) : fromInput + fromState;
        z = bias is null ? z : z + bias;
        NumericArray Gate(int k, NumericArray? peephole, NumericArray cell) =>
            gate(peephole is null ? z.Columns(k * u, u) : z.Columns(k * u, u) + (peephole * cell)); // (b, u)
        var next = (Gate(1, Peepholes?.Forget, c) * c) + (Gate(0, Peepholes?.Input, c) * act(z.Columns(2 * u, u)));
        next = Norms?.State.Of(next) ?? next;
        var output = Gate(3, Peepholes?.Output, next) * act(next);
        return new StepResult(output, [output, next]);
    }
}
