using LstmConvert.Arrays;

namespace LstmConvert.Equations.Lasagne;

/// <summary>A gate: <c>x @ W_in + h @ W_hid + b</c>.</summary>
/// <param name="Input"><c>(x, u)</c>.</param>
/// <param name="Hidden"><c>(u, u)</c>.</param>
/// <param name="Bias"><c>(u,)</c>.</param>
internal sealed record LasagneGate(NumericArray Input, NumericArray Hidden, NumericArray Bias)
{
    /// <summary>What it gives, <c>(b, u)</c>.</summary>
    public NumericArray Of(NumericArray x, NumericArray h) => x.Dot(Input) + h.Dot(Hidden) + Bias;
}

/// <summary>
/// LSTMLayer of Lasagne (lasagne 0.1 layers/recurrent.py:986-1035). States: c, h. The output's peephole is added behind the logistic
/// function.
/// <code>
/// i = sigmoid(… + c*p_i)   f = sigmoid(… + c*p_f)   c' = f*c + i*tanh(…)        h' = (sigmoid(…) + c'*p_o)*tanh(c')
/// </code>
/// </summary>
/// <param name="gates">i, f, c, o.</param>
internal sealed class Lstm(IReadOnlyList<LasagneGate> gates) : IStepEquations
{
    /// <summary>p of i, f and o, <c>(u,)</c> each, or null.</summary>
    public (NumericArray Input, NumericArray Forget, NumericArray Output)? Peepholes { get; init; }

    /// <summary>True if the output's peephole is added inside the logistic function (lasagne 0.2.dev1).</summary>
    public bool SeesInside { get; init; }

    /// <inheritdoc />
    public int OutputWidth => gates[0].Bias.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h) = (states[0], states[1]);
        NumericArray Gate(int k, NumericArray? peephole) =>
            (peephole is null ? gates[k].Of(x, h) : gates[k].Of(x, h) + (c * peephole)).Sigmoid();
        var next = (Gate(1, Peepholes?.Forget) * c) + (Gate(0, Peepholes?.Input) * gates[2].Of(x, h).Tanh());
        var (o, seen) = (gates[3].Of(x, h), Peepholes is { } peepholes ? next * peepholes.Output : null);
        var gate = seen is null ? o.Sigmoid() : SeesInside ? (o + seen).Sigmoid() : o.Sigmoid() + seen;
        var output = gate * next.Tanh();
        return new StepResult(output, [next, output]);
    }
}

/// <summary>
/// GRULayer of Lasagne (lasagne 0.1 layers/recurrent.py:1375-1434). States: h.
/// <code>
/// u = sigmoid(…)   r = sigmoid(…)   a = tanh(x @ W_in + r*(h @ W_hid) + b)        h' = (1-u)*h + u*a
/// </code>
/// </summary>
/// <param name="update">u.</param>
/// <param name="reset">r.</param>
/// <param name="candidate">a.</param>
internal sealed class Gru(LasagneGate update, LasagneGate reset, LasagneGate candidate) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => update.Bias.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var h = states[0];
        var (u, r) = (update.Of(x, h).Sigmoid(), reset.Of(x, h).Sigmoid());
        var a = (x.Dot(candidate.Input) + (r * h.Dot(candidate.Hidden)) + candidate.Bias).Tanh();
        var next = ((1 - u) * h) + (u * a);
        return new StepResult(next, [next]);
    }
}

/// <summary>RecurrentLayer of Lasagne: <c>h' = act(x @ W_in + b + h @ W_hid)</c>. States: h.</summary>
/// <param name="gate">Its matrices and its bias.</param>
/// <param name="activation">The activation.</param>
internal sealed class Recurrent(LasagneGate gate, Activation activation) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => gate.Bias.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var next = activation.TensorFlow(gate.Of(x, states[0]));
        return new StepResult(next, [next]);
    }
}
