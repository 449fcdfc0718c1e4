using LstmConvert.Arrays;

namespace LstmConvert.Equations.Onnx;

/// <summary>
/// One direction of ONNX's GRU (onnx/onnx docs/Operators.md, "GRU"), gates z r h below each other. States: h.
/// <code>
/// z = f(x W_z^T + h R_z^T + Wb_z + Rb_z)   r likewise   h' = (1-z)*g + z*h
/// g = g(x W_h^T + (r*h) R_h^T + Rb_h + Wb_h), or with linear_before_reset g(x W_h^T + r*(h R_h^T + Rb_h) + Wb_h)
/// </code>
/// </summary>
/// <param name="input">W, <c>(3u, x)</c>.</param>
/// <param name="hidden">R, <c>(3u, u)</c>.</param>
/// <param name="gate">f.</param>
/// <param name="activation">g.</param>
internal sealed class Gru(NumericArray input, NumericArray hidden, Activation gate, Activation activation) : IStepEquations
{
    private readonly int u = hidden.Width;
    private readonly (NumericArray Input, NumericArray Hidden) matrices = (input.Transpose(), hidden.Transpose());

    /// <summary>Wb and Rb, <c>(3u,)</c> each, or null.</summary>
    public (NumericArray Input, NumericArray Hidden)? Biases { get; init; }

    /// <summary>True for linear_before_reset.</summary>
    public bool ResetsAfter { get; init; }

    /// <inheritdoc />
    public int OutputWidth => u;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var h = states[0];
        var a = Biases is { } biases ? x.Dot(matrices.Input) + biases.Input : x.Dot(matrices.Input); // (b, 3u)
        var b = Recurrent(h);
        var z = gate.TensorFlow(a.Columns(0, u) + b.Columns(0, u)); // (b, u)
        var r = gate.TensorFlow(a.Columns(u, u) + b.Columns(u, u));
        var seen = ResetsAfter ? r * b.Columns(2 * u, u) : Recurrent(r * h).Columns(2 * u, u);
        var next = ((1 - z) * activation.TensorFlow(a.Columns(2 * u, u) + seen)) + (z * h);
        return new StepResult(next, [next]);
    }

    private NumericArray Recurrent(NumericArray h) =>
        Biases is { } biases ? h.Dot(matrices.Hidden) + biases.Hidden : h.Dot(matrices.Hidden);
}
