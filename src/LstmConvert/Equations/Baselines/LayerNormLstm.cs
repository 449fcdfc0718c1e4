using LstmConvert.Arrays;
using LstmConvert.Equations.TensorFlow1;

namespace LstmConvert.Equations.Baselines;

/// <summary>
/// The lnlstm of OpenAI baselines (openai/baselines a2c/utils.py:110-140), gates i f o u. States: c, h.
/// <code>
/// [i|f|o|u] = norm(x @ wx) + norm(h @ wh) + b
/// c' = sigmoid(f) * c + sigmoid(i) * tanh(u)      h' = sigmoid(o) * tanh(norm(c'))
/// </code>
/// </summary>
/// <param name="inputKernel"><c>(x, 4u)</c>.</param>
/// <param name="stateKernel"><c>(u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
internal sealed class LayerNormLstm(NumericArray inputKernel, NumericArray stateKernel, NumericArray bias) : IStepEquations
{
    /// <summary>The normalisation of the product with the input.</summary>
    public required LayerNorm Input { get; init; }

    /// <summary>That of the product with the state.</summary>
    public required LayerNorm State { get; init; }

    /// <summary>That of the cell state.</summary>
    public required LayerNorm Cell { get; init; }

    /// <inheritdoc />
    public int OutputWidth => inputKernel.Width / 4;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h, u) = (states[0], states[1], OutputWidth);
        var z = Input.Of(x.Dot(inputKernel)) + State.Of(h.Dot(stateKernel)) + bias; // (b, 4u)
        var (i, f, o, g) = (
            z.Columns(0, u).Sigmoid(),
            z.Columns(u, u).Sigmoid(),
            z.Columns(2 * u, u).Sigmoid(),
            z.Columns(3 * u, u).Tanh());
        var next = (f * c) + (i * g); // (b, u)
        var output = o * Cell.Of(next).Tanh();
        return new StepResult(output, [next, output]);
    }
}
