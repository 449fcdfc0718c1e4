using LstmConvert.Arrays;

namespace LstmConvert.Equations.PyTorch;

/// <summary>
/// One layer and direction of torch.nn.LSTM (pytorch torch/nn/modules/rnn.py; Sak et al. 2014 with a projection), gates i f g o below each
/// other. States: h, c.
/// <code>
/// z = W_ih x + b_ih + W_hh h + b_hh        c' = sigmoid(f)*c + sigmoid(i)*tanh(g)        h' = sigmoid(o)*tanh(c'),  W_hr h'
/// </code>
/// </summary>
/// <param name="input">W_ih, <c>(4u, x)</c>.</param>
/// <param name="hidden">W_hh, <c>(4u, p)</c>, p = u without projection.</param>
internal sealed class Lstm(NumericArray input, NumericArray hidden) : IStepEquations
{
    private readonly (NumericArray Input, NumericArray Hidden) matrices = (input.Transpose(), hidden.Transpose());

    /// <summary>b_ih and b_hh, <c>(4u,)</c> each, or null.</summary>
    public (NumericArray Input, NumericArray Hidden)? Biases { get; init; }

    /// <summary>W_hr, <c>(p, u)</c>, or null.</summary>
    public NumericArray? Projection { get; init; }

    /// <inheritdoc />
    public int OutputWidth => hidden.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c, u) = (states[0], states[1], input.RowCount / 4);
        var z = x.Dot(matrices.Input) + h.Dot(matrices.Hidden); // (b, 4u)
        z = Biases is { } biases ? z + biases.Input + biases.Hidden : z;
        var (i, f, g, o) = (
            z.Columns(0, u).Sigmoid(),
            z.Columns(u, u).Sigmoid(),
            z.Columns(2 * u, u).Tanh(),
            z.Columns(3 * u, u).Sigmoid()); // (b, u)
        var next = (f * c) + (i * g);
        var output = o * next.Tanh();
        output = Projection is null ? output : output.Dot(Projection.Transpose()); // (b, p)
        return new StepResult(output, [output, next]);
    }
}
