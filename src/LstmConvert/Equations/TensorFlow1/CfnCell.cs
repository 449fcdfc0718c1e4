using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// CFNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3880-4006; Laurent and von Brecht 2016). State: h.
/// <code>
/// [V_theta|V_eta|W] = kernel      [theta|eta] = sigmoid(x @ [V_theta|V_eta] + h @ recurrent_kernel + bias)
/// h' = theta * act(h) + (1 - eta) * act(x @ W)
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, 3u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, 2u)</c>.</param>
/// <param name="bias"><c>(2u,)</c>.</param>
/// <param name="activation">act.</param>
internal sealed class CfnCell(NumericArray kernel, NumericArray recurrentKernel, NumericArray bias, Activation activation) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => kernel.Width / 3;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, u) = (states[0], OutputWidth);
        var gates = (x.Dot(kernel.Columns(0, 2 * u)) + h.Dot(recurrentKernel) + bias).Sigmoid(); // (b, 2u)
        var output =
            (gates.Columns(0, u) * activation.TensorFlow(h))
            + ((1 - gates.Columns(u, u)) * activation.TensorFlow(x.Dot(kernel.Columns(2 * u, u))));
        return new StepResult(output, [output]);
    }
}
