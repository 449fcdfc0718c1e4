using LstmConvert.Arrays;

namespace LstmConvert.Equations.Chainer;

/// <summary>A gate of an n-step link: <c>x W^T + b + h R^T + d</c>.</summary>
/// <param name="Input">W, <c>(u, x)</c>.</param>
/// <param name="InputBias">b, <c>(u,)</c>.</param>
/// <param name="Hidden">R, <c>(u, u)</c>.</param>
/// <param name="HiddenBias">d, <c>(u,)</c>.</param>
internal sealed record NStepGate(NumericArray Input, NumericArray InputBias, NumericArray Hidden, NumericArray HiddenBias)
{
    private readonly (NumericArray Input, NumericArray Hidden) matrices = (Input.Transpose(), Hidden.Transpose());

    /// <summary>What the input gives, <c>(b, u)</c>.</summary>
    public NumericArray OfInput(NumericArray x) => x.Dot(matrices.Input) + InputBias;

    /// <summary>What the state gives, <c>(b, u)</c>.</summary>
    public NumericArray OfState(NumericArray h) => h.Dot(matrices.Hidden) + HiddenBias;

    /// <summary>Both.</summary>
    public NumericArray Of(NumericArray x, NumericArray h) => OfInput(x) + OfState(h);
}

/// <summary>
/// One layer and direction of chainer.links.NStepLSTM (chainer v7.8.1 functions/rnn/n_step_lstm.py:540-544). States: h, c.
/// <code>
/// c' = sigmoid(f)*c + sigmoid(i)*tanh(a)        h' = sigmoid(o)*tanh(c')
/// </code>
/// </summary>
/// <param name="gates">i, f, a, o.</param>
internal sealed class NStepLstm(IReadOnlyList<NStepGate> gates) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => gates[0].InputBias.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c) = (states[0], states[1]);
        var next = (gates[1].Of(x, h).Sigmoid() * c) + (gates[0].Of(x, h).Sigmoid() * gates[2].Of(x, h).Tanh());
        var output = gates[3].Of(x, h).Sigmoid() * next.Tanh();
        return new StepResult(output, [output, next]);
    }
}

/// <summary>
/// One layer and direction of chainer.links.NStepGRU (chainer v7.8.1 functions/rnn/n_step_gru.py). States: h.
/// <code>
/// n = tanh(x W_n^T + b_n + r*(h R_n^T + d_n))        h' = (1-z)*n + z*h
/// </code>
/// </summary>
/// <param name="gates">r, z, n.</param>
internal sealed class NStepGru(IReadOnlyList<NStepGate> gates) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => gates[0].InputBias.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var h = states[0];
        var (r, z) = (gates[0].Of(x, h).Sigmoid(), gates[1].Of(x, h).Sigmoid());
        var n = (gates[2].OfInput(x) + (r * gates[2].OfState(h))).Tanh();
        var next = ((1 - z) * n) + (z * h);
        return new StepResult(next, [next]);
    }
}
