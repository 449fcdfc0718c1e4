using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>Keras's SimpleRNN: <c>h' = act(x @ W + b + h @ R)</c> (keras 2.2.4 keras/layers/recurrent.py, 3.15.1
/// src/layers/rnn/simple_rnn.py). States: h.</summary>
/// <param name="kernel"><c>(x, u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, u)</c>.</param>
/// <param name="bias"><c>(u,)</c>, or null with <c>use_bias=False</c>.</param>
/// <param name="activation">The activation.</param>
internal sealed class SimpleRnn(NumericArray kernel, NumericArray recurrentKernel, NumericArray? bias, Activation activation)
    : IStepEquations
{
    private readonly Gates gates = new(kernel, recurrentKernel, bias, null, 1);

    /// <inheritdoc />
    public int OutputWidth => recurrentKernel.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var next = activation.Keras(gates.Input(0, x) + gates.Recurrent(0, states[0])); // (b, u)
        return new StepResult(next, [next]);
    }
}
