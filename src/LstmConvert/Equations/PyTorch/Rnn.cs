using LstmConvert.Arrays;

namespace LstmConvert.Equations.PyTorch;

/// <summary>
/// One layer and direction of torch.nn.RNN (pytorch torch/nn/modules/rnn.py). States: h.
/// <code>
/// h' = act(W_ih x + b_ih + W_hh h + b_hh)
/// </code>
/// </summary>
/// <param name="input">W_ih, <c>(u, x)</c>.</param>
/// <param name="hidden">W_hh, <c>(u, u)</c>.</param>
/// <param name="activation">tanh or relu.</param>
internal sealed class Rnn(NumericArray input, NumericArray hidden, Activation activation) : IStepEquations
{
    private readonly (NumericArray Input, NumericArray Hidden) matrices = (input.Transpose(), hidden.Transpose());

    /// <summary>b_ih and b_hh, <c>(u,)</c> each, or null.</summary>
    public (NumericArray Input, NumericArray Hidden)? Biases { get; init; }

    /// <inheritdoc />
    public int OutputWidth => hidden.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var z = x.Dot(matrices.Input) + states[0].Dot(matrices.Hidden); // (b, u)
        var next = activation.TensorFlow(Biases is { } biases ? z + biases.Input + biases.Hidden : z);
        return new StepResult(next, [next]);
    }
}
