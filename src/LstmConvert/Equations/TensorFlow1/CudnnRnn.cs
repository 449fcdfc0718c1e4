using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>One layer and direction of CudnnRNNTanh and CudnnRNNRelu: <c>h' = act(W x + R h + bW + bR)</c> (cuDNN developer guide,
/// CUDNN_RNN_TANH, CUDNN_RNN_RELU). States: h.</summary>
/// <param name="pieces">W and R.</param>
/// <param name="activation">tanh or relu.</param>
internal sealed class CudnnRnn(CudnnPieces pieces, Activation activation) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => pieces.Units;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var next = activation.TensorFlow(pieces.Input(0, x) + pieces.Recurrent(0, states[0])); // (b, u)
        return new StepResult(next, [next]);
    }
}
