using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// IndyGRUCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3180-3290; Gonnet and Deselaers 2019), gates r u: a GRUCell in which
/// every unit
/// sees only its own past output. States: h.
/// <code>
/// [r|u] = sigmoid(x @ W + [u_r*h|u_u*h] + b)        c = act(x @ W_c + u_c*(r*h) + b_c)        h' = u*h + (1-u)*c
/// </code>
/// </summary>
/// <param name="gates"><c>(x, 2u)</c>.</param>
/// <param name="gatesRecurrent"><c>(1, 2u)</c>.</param>
/// <param name="gatesBias"><c>(2u,)</c>.</param>
/// <param name="candidate"><c>(x, u)</c>.</param>
/// <param name="candidateRecurrent"><c>(1, u)</c>.</param>
/// <param name="candidateBias"><c>(u,)</c>.</param>
/// <param name="activation">The activation of the candidate.</param>
internal sealed class IndyGruCell(
    NumericArray gates,
    NumericArray gatesRecurrent,
    NumericArray gatesBias,
    NumericArray candidate,
    NumericArray candidateRecurrent,
    NumericArray candidateBias,
    Activation activation) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => candidate.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, units) = (states[0], candidate.Width);
        var g = (x.Dot(gates) + (gatesRecurrent * NumericArray.Concatenate(h, h)) + gatesBias).Sigmoid(); // (b, 2u)
        var (r, u) = (g.Columns(0, units), g.Columns(units, units)); // (b, u)
        var c = activation.TensorFlow(x.Dot(candidate) + (candidateRecurrent * (r * h)) + candidateBias);
        var next = (u * h) + ((1 - u) * c);
        return new StepResult(next, [next]);
    }
}
