using LstmConvert.Arrays;

namespace LstmConvert.Equations.Onnx;

/// <summary>
/// One direction of ONNX's LSTM (onnx/onnx docs/Operators.md, "LSTM"), gates i o f c below each other. States: h, c. clip holds the input
/// of every activation of the gates.
/// <code>
/// i = f(x W_i^T + h R_i^T + P_i*c + Wb_i + Rb_i)   f = f(… P_f*c …), or 1 - i with input_forget   g = g(x W_c^T + h R_c^T + Wb_c + Rb_c)
/// c' = f*c + i*g   o = f(x W_o^T + h R_o^T + P_o*c' + Wb_o + Rb_o)   h' = o*h(c')
/// </code>
/// </summary>
/// <param name="input">W, <c>(4u, x)</c>.</param>
/// <param name="hidden">R, <c>(4u, u)</c>.</param>
/// <param name="gate">f.</param>
/// <param name="activation">g, and h where it is no other.</param>
internal sealed class Lstm(NumericArray input, NumericArray hidden, Activation gate, Activation activation) : IStepEquations
{
    private readonly (NumericArray Input, NumericArray Hidden) matrices = (input.Transpose(), hidden.Transpose());

    /// <summary>Wb and Rb, <c>(4u,)</c> each, or null.</summary>
    public (NumericArray Input, NumericArray Hidden)? Biases { get; init; }

    /// <summary>P of i, o and f, <c>(u,)</c> each, or null.</summary>
    public (NumericArray Input, NumericArray Output, NumericArray Forget)? Peepholes { get; init; }

    /// <summary>The limit of what the activations of the gates see, or null.</summary>
    public double? Clip { get; init; }

    /// <summary>h, or null where it is g.</summary>
    public Activation? OutputActivation { get; init; }

    /// <summary>True if the forget gate is what the input gate leaves.</summary>
    public bool CouplesGates { get; init; }

    /// <inheritdoc />
    public int OutputWidth => hidden.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c, u) = (states[0], states[1], hidden.Width);
        var z = x.Dot(matrices.Input) + h.Dot(matrices.Hidden); // (b, 4u)
        z = Biases is { } biases ? z + biases.Input + biases.Hidden : z;
        NumericArray Seen(int block, NumericArray? peephole, NumericArray state) =>
            Limited(z.Columns(block * u, u) is var own && peephole is null ? own : own + (peephole * state));
        var i = gate.TensorFlow(Seen(0, Peepholes?.Input, c)); // (b, u)
        var f = CouplesGates ? 1 - i : gate.TensorFlow(Seen(2, Peepholes?.Forget, c));
        var next = (f * c) + (i * activation.TensorFlow(Seen(3, null, c)));
        var output = gate.TensorFlow(Seen(1, Peepholes?.Output, next)) * (OutputActivation ?? activation).TensorFlow(next);
        return new StepResult(output, [output, next]);
    }

    private NumericArray Limited(NumericArray value) => Clip is { } limit ? value.Clip(limit) : value;
}
