using LstmConvert.Arrays;

namespace LstmConvert.Equations.Sonnet1;

/// <summary>
/// GRU of Sonnet 1 (deepmind/sonnet v1.36 sonnet/python/modules/gated_rnn.py:1544-1589). States: h.
/// <code>
/// z = sigmoid(x @ W_z + h @ U_z + b_z)   r likewise   a = tanh(x @ W_h + (r*h) @ U_h + b_h)        h' = (1-z)*h + z*a
/// </code>
/// </summary>
/// <param name="update">W, U and b of z: <c>(x, u)</c>, <c>(u, u)</c>, <c>(u,)</c>.</param>
/// <param name="reset">Those of r.</param>
/// <param name="candidate">Those of a.</param>
internal sealed class Gru(GruGate update, GruGate reset, GruGate candidate) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => update.Bias.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var h = states[0];
        var (z, r) = (update.Of(x, h).Sigmoid(), reset.Of(x, h).Sigmoid()); // (b, u)
        var a = candidate.Of(x, r * h).Tanh();
        var next = ((1 - z) * h) + (z * a);
        return new StepResult(next, [next]);
    }
}
