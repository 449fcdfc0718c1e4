using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// GRUCell and GRUBlockCell (tensorflow v1.15.5 python/ops/rnn_cell_impl.py:583-597), gates r u. States: h.
/// <code>
/// [r|u] = sigmoid([x;h] @ gates + bias_g);  c = act([x; r*h] @ candidate + bias_c);  h' = u*h + (1-u)*c
/// </code>
/// </summary>
/// <param name="gates"><c>(x+u, 2u)</c>.</param>
/// <param name="gatesBias"><c>(2u,)</c>.</param>
/// <param name="candidate"><c>(x+u, u)</c>.</param>
/// <param name="candidateBias"><c>(u,)</c>.</param>
/// <param name="activation">The activation of the candidate.</param>
internal sealed class GruCell(
    NumericArray gates,
    NumericArray gatesBias,
    NumericArray candidate,
    NumericArray candidateBias,
    Activation activation) : IStepEquations
{
    /// <summary>The activation of the gates; TensorFlow's own cell has sigmoid.</summary>
    public Activation RecurrentActivation { get; init; } = Activations.Sigmoid;

    /// <inheritdoc />
    public int OutputWidth => candidate.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, units) = (states[0], candidate.Width);
        var g = RecurrentActivation.TensorFlow(NumericArray.Concatenate(x, h).Dot(gates) + gatesBias); // (b, 2u)
        var (r, u) = (g.Columns(0, units), g.Columns(units, units)); // (b, u)
        var c = activation.TensorFlow(NumericArray.Concatenate(x, r * h).Dot(candidate) + candidateBias); // (b, u)
        var next = (u * h) + ((1 - u) * c);
        return new StepResult(next, [next]);
    }
}
