using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>What scales one product of a gate, from the output of the hyper cell (rnn.py:391-416, hyper_norm).</summary>
/// <param name="Embedding"><c>(k, e)</c> and <c>(e,)</c>: zw.</param>
/// <param name="Scale"><c>(e, u)</c>: alpha.</param>
/// <param name="Shift"><c>(k, e)</c> and <c>(e, u)</c>: zb and beta; null where nothing is added.</param>
internal sealed record HyperNorm(
    (NumericArray Kernel, NumericArray Bias) Embedding,
    NumericArray Scale,
    (NumericArray Embedding, NumericArray Kernel)? Shift)
{
    /// <summary>Scales a product, and shifts it.</summary>
    /// <param name="product"><c>(b, u)</c>.</param>
    /// <param name="hyper">The output of the hyper cell, <c>(b, k)</c>.</param>
    public NumericArray Of(NumericArray product, NumericArray hyper)
    {
        var scaled = (hyper.Dot(Embedding.Kernel) + Embedding.Bias).Dot(Scale) * product;
        return Shift is { } shift ? scaled + hyper.Dot(shift.Embedding).Dot(shift.Kernel) : scaled;
    }
}

/// <summary>
/// HyperLSTMCell of sketch-rnn (magenta/magenta 2.1.4 models/sketch_rnn/rnn.py:307-480; Ha et al. 2016), gates i j f o. States: h, those of
/// the hyper cell n, then c and d.
/// <code>
/// n', d' = hyper([x;h], n, d)
/// z = norm(x @ W_xh) + norm(h @ W_hh) + bias, each gate scaled by what n' says; where there is a gain each gate is normalised
/// c' = sigmoid(f + forget_bias) * c + sigmoid(i) * tanh(j)      h' = sigmoid(o) * tanh(norm(c'))
/// </code>
/// </summary>
/// <param name="hyper">The hyper cell on <c>(b, x+u)</c>, of k units.</param>
/// <param name="inputKernel"><c>(x, 4u)</c>.</param>
/// <param name="stateKernel"><c>(u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="forgetBias">Added to the forget gate.</param>
internal sealed class SketchRnnHyperLstmCell(
    SketchRnnLayerNormLstmCell hyper,
    NumericArray inputKernel,
    NumericArray stateKernel,
    NumericArray bias,
    double forgetBias) : IStepEquations
{
    /// <summary>Of the products with the input, gate by gate.</summary>
    public required IReadOnlyList<HyperNorm> Inputs { get; init; }

    /// <summary>Of the products with the state, gate by gate.</summary>
    public required IReadOnlyList<HyperNorm> States { get; init; }

    /// <summary>Of the cell state.</summary>
    public required LayerNorm State { get; init; }

    /// <summary>Of each gate, gamma and beta <c>(4u,)</c>, or null.</summary>
    public LayerNorm? Gates { get; init; }

    /// <inheritdoc />
    public int OutputWidth => inputKernel.Width / 4;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c, u) = (states[0], states[2], OutputWidth);
        var inner = hyper.Step(NumericArray.Concatenate(x, h), [states[1], states[3]]);
        var (fromInput, fromState) = (x.Dot(inputKernel), h.Dot(stateKernel)); // (b, 4u)
        NumericArray Gate(int k)
        {
            var z =
                Inputs[k].Of(fromInput.Columns(k * u, u), inner.Output)
                + States[k].Of(fromState.Columns(k * u, u), inner.Output)
                + bias.Columns(k * u, u); // (b, u)
            return Gates is { } norm
                ? new LayerNorm(norm.Gamma.Columns(k * u, u), norm.Beta.Columns(k * u, u), norm.Epsilon).Of(z)
                : z;
        }

        var next = ((Gate(2) + forgetBias).Sigmoid() * c) + (Gate(0).Sigmoid() * Gate(1).Tanh());
        var output = Gate(3).Sigmoid() * State.Of(next).Tanh();
        return new StepResult(output, [output, inner.States[0], next, inner.States[1]]);
    }
}
