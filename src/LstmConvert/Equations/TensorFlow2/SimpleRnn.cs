using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow2;

/// <summary>SimpleRNN as TensorFlow 2's Keras computes it: <c>h' = act(x @ kernel + bias + h @ recurrent_kernel)</c> (keras 2.15
/// src/layers/rnn/simple_rnn.py). States: h.</summary>
/// <param name="kernel"><c>(x, u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, u)</c>.</param>
/// <param name="bias"><c>(u,)</c>, or null with <c>use_bias=False</c>.</param>
/// <param name="activation">The activation.</param>
internal sealed class SimpleRnn(NumericArray kernel, NumericArray recurrentKernel, NumericArray? bias, Activation activation)
    : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => kernel.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var input = x.Dot(kernel); // (b, u)
        input = bias is null ? input : input + bias;
        var next = activation.TensorFlow(input + states[0].Dot(recurrentKernel));
        return new StepResult(next, [next]);
    }
}
