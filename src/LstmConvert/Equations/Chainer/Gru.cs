using LstmConvert.Arrays;

namespace LstmConvert.Equations.Chainer;

/// <summary>
/// chainer.links.StatelessGRU, and GRU where a state is given (chainer v7.8.1 links/rnn/gru.py). States: h.
/// <code>
/// r = sigmoid(W_r(x) + U_r(h))   z likewise   a = tanh(W(x) + U(r*h))        h' = (1-z)*h + z*a        each of them a product with a bias
/// </code>
/// </summary>
/// <param name="reset">W_r and U_r.</param>
/// <param name="update">W_z and U_z.</param>
/// <param name="candidate">W and U.</param>
internal sealed class Gru(NStepGate reset, NStepGate update, NStepGate candidate) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => reset.InputBias.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var h = states[0];
        var (r, z) = (reset.Of(x, h).Sigmoid(), update.Of(x, h).Sigmoid());
        var next = ((1 - z) * h) + (z * candidate.Of(x, r * h).Tanh());
        return new StepResult(next, [next]);
    }
}
