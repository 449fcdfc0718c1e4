using LstmConvert.Arrays;

namespace LstmConvert.Equations.PyTorch;

/// <summary>
/// One layer and direction of torch.nn.GRU (pytorch torch/nn/modules/rnn.py), gates r z n below each other. States: h.
/// <code>
/// r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)   z likewise        n = tanh(W_in x + b_in + r*(W_hn h + b_hn))        h' = (1-z)*n + z*h
/// </code>
/// </summary>
/// <param name="input">W_ih, <c>(3u, x)</c>.</param>
/// <param name="hidden">W_hh, <c>(3u, u)</c>.</param>
internal sealed class Gru(NumericArray input, NumericArray hidden) : IStepEquations
{
    private readonly (NumericArray Input, NumericArray Hidden) matrices = (input.Transpose(), hidden.Transpose());

    /// <summary>b_ih and b_hh, <c>(3u,)</c> each, or null.</summary>
    public (NumericArray Input, NumericArray Hidden)? Biases { get; init; }

    /// <inheritdoc />
    public int OutputWidth => hidden.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, u) = (states[0], hidden.Width);
        var (a, b) = (x.Dot(matrices.Input), h.Dot(matrices.Hidden)); // (b, 3u)
        (a, b) = Biases is { } biases ? (a + biases.Input, b + biases.Hidden) : (a, b);
        var r = (a.Columns(0, u) + b.Columns(0, u)).Sigmoid(); // (b, u)
        var z = (a.Columns(u, u) + b.Columns(u, u)).Sigmoid();
        var n = (a.Columns(2 * u, u) + (r * b.Columns(2 * u, u))).Tanh();
        var next = ((1 - z) * n) + (z * h);
        return new StepResult(next, [next]);
    }
}
