using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>Our DepthLSTMCell (KerasLayers/Python/DepthLSTMCell.py): the equations are there. States: c0, h0, and with a dimension of time
/// c1, h1.</summary>
/// <param name="input"><c>(x, 2u)</c>: m beside c.</param>
/// <param name="depth"><c>(2u, 4u)</c>, alone <c>(u, 4u)</c>, and <c>(4u,)</c>.</param>
/// <param name="time"><c>(2u, 4u)</c> and <c>(4u,)</c>, or null.</param>
internal sealed class DepthLstm(
    NumericArray input,
    (NumericArray Kernel, NumericArray Bias) depth,
    (NumericArray Kernel, NumericArray Bias)? time) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => input.Width / 2;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var both = x.Dot(input);
        var (m, c) = (both.Columns(0, OutputWidth), both.Columns(OutputWidth, OutputWidth));
        NumericArray[] walked = time is { } along ? Step(along, NumericArray.Concatenate(m, states[3]), states[2]) : [];
        var deep = Step(depth, walked.Length == 0 ? m : NumericArray.Concatenate(m, walked[1]), c);
        return new StepResult(deep[1], [.. deep, .. walked]);
    }

    private NumericArray[] Step((NumericArray Kernel, NumericArray Bias) of, NumericArray read, NumericArray c)
    {
        var (z, u) = (read.Dot(of.Kernel) + of.Bias, OutputWidth);
        var next = (z.Columns(2 * u, u).Sigmoid() * c) + (z.Columns(0, u).Sigmoid() * z.Columns(u, u).Tanh());
        return [next, z.Columns(3 * u, u).Sigmoid() * next.Tanh()];
    }
}
