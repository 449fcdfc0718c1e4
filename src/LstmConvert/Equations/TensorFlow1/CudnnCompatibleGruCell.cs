using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// CudnnCompatibleGRUCell (tensorflow v1.15.5 contrib/cudnn_rnn/python/ops/cudnn_rnn_ops.py:130-180), gates r u. States: h.
/// <code>
/// [r|u] = sigmoid([x;h] @ gates + bias_g);  c = act(x @ W_i + b_i + r * (h @ W_h + b_h));  h' = (1-u)*c + u*h
/// </code>
/// </summary>
/// <param name="gates"><c>(x+u, 2u)</c>.</param>
/// <param name="gatesBias"><c>(2u,)</c>.</param>
/// <param name="input"><c>(x, u)</c>.</param>
/// <param name="inputBias"><c>(u,)</c>.</param>
/// <param name="hidden"><c>(u, u)</c>.</param>
/// <param name="hiddenBias"><c>(u,)</c>.</param>
/// <param name="activation">The activation of the candidate.</param>
internal sealed class CudnnCompatibleGruCell(
    NumericArray gates,
    NumericArray gatesBias,
    NumericArray input,
    NumericArray inputBias,
    NumericArray hidden,
    NumericArray hiddenBias,
    Activation activation) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => hidden.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, units) = (states[0], hidden.Width);
        var g = (NumericArray.Concatenate(x, h).Dot(gates) + gatesBias).Sigmoid(); // (b, 2u)
        var (r, u) = (g.Columns(0, units), g.Columns(units, units)); // (b, u)
        var c = activation.TensorFlow(x.Dot(input) + inputBias + (r * (h.Dot(hidden) + hiddenBias)));
        var next = ((1 - u) * c) + (u * h);
        return new StepResult(next, [next]);
    }
}
