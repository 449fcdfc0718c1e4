using LstmConvert.Arrays;

namespace LstmConvert.Equations.Flax;

/// <summary>A dense layer of a cell, its bias perhaps.</summary>
/// <param name="Kernel"><c>(x, u)</c>, or <c>(u, u)</c>.</param>
/// <param name="Bias"><c>(u,)</c>, or null.</param>
internal sealed record FlaxDense(NumericArray Kernel, NumericArray? Bias)
{
    /// <summary>The product, <c>(b, u)</c>.</summary>
    public NumericArray Of(NumericArray x) => Bias is null ? x.Dot(Kernel) : x.Dot(Kernel) + Bias;
}

/// <summary>
/// LSTMCell and OptimizedLSTMCell of Flax (google/flax flax/linen/recurrent.py). States: c, h.
/// <code>
/// i = sigmoid(ii(x) + hi(h))   f, o likewise   g = tanh(ig(x) + hg(h))        c' = f*c + i*g        h' = o*tanh(c')
/// </code>
/// </summary>
/// <param name="gates">i, f, g, o: what reads the input, and what reads the state.</param>
internal sealed class Lstm(IReadOnlyList<(FlaxDense Input, FlaxDense State)> gates) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => gates[0].State.Kernel.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h) = (states[0], states[1]);
        NumericArray Gate(int k) => gates[k].Input.Of(x) + gates[k].State.Of(h);
        var next = (Gate(1).Sigmoid() * c) + (Gate(0).Sigmoid() * Gate(2).Tanh());
        var output = Gate(3).Sigmoid() * next.Tanh();
        return new StepResult(output, [next, output]);
    }
}

/// <summary>
/// GRUCell of Flax. States: h.
/// <code>
/// r = sigmoid(ir(x) + hr(h))   z likewise   n = tanh(in(x) + r*hn(h))        h' = (1-z)*n + z*h
/// </code>
/// </summary>
/// <param name="gates">r, z, n.</param>
internal sealed class Gru(IReadOnlyList<(FlaxDense Input, FlaxDense State)> gates) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => gates[0].State.Kernel.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var h = states[0];
        var (r, z) = ((gates[0].Input.Of(x) + gates[0].State.Of(h)).Sigmoid(), (gates[1].Input.Of(x) + gates[1].State.Of(h)).Sigmoid());
        var next = ((1 - z) * (gates[2].Input.Of(x) + (r * gates[2].State.Of(h))).Tanh()) + (z * h);
        return new StepResult(next, [next]);
    }
}

/// <summary>SimpleCell of Flax: <c>h' = act(i(x) + h(h))</c>. States: h.</summary>
/// <param name="input">i.</param>
/// <param name="state">h.</param>
/// <param name="activation">The activation.</param>
internal sealed class Simple(FlaxDense input, FlaxDense state, Activation activation) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => state.Kernel.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var next = activation.TensorFlow(input.Of(x) + state.Of(states[0]));
        return new StepResult(next, [next]);
    }
}
