using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow2;

/// <summary>
/// GRU of Sonnet 2 (sonnet v2 src/recurrent.py:1574-1586), gates z r a; z takes the new state, the other way round than Keras. States: h.
/// <code>
/// [xz|xr|xa] = x @ w_i + b;  z = sigmoid(xz + h @ w_h[z]);  r = sigmoid(xr + h @ w_h[r])
/// a = tanh(xa + (r*h) @ w_h[a]);  h' = (1-z)*h + z*a
/// </code>
/// </summary>
/// <param name="input"><c>(x, 3u)</c>.</param>
/// <param name="hidden"><c>(u, 3u)</c>.</param>
/// <param name="bias"><c>(3u,)</c>.</param>
internal sealed class SonnetGru(NumericArray input, NumericArray hidden, NumericArray bias) : IStepEquations
{
    private readonly NumericArray hiddenGates = hidden.Columns(0, 2 * hidden.RowCount);
    private readonly NumericArray hiddenCandidate = hidden.Columns(2 * hidden.RowCount, hidden.RowCount);

    /// <summary>The activation of the candidate; the layer itself has tanh.</summary>
    public Activation Activation { get; init; } = Activations.Tanh;

    /// <inheritdoc />
    public int OutputWidth => hidden.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, u) = (states[0], hidden.RowCount);
        var gates = x.Dot(input) + bias; // (b, 3u)
        var zr = (gates.Columns(0, 2 * u) + h.Dot(hiddenGates)).Sigmoid(); // (b, 2u)
        var (z, r) = (zr.Columns(0, u), zr.Columns(u, u)); // (b, u)
        var a = Activation.TensorFlow(gates.Columns(2 * u, u) + (r * h).Dot(hiddenCandidate));
        var next = ((1 - z) * h) + (z * a);
        return new StepResult(next, [next]);
    }
}
