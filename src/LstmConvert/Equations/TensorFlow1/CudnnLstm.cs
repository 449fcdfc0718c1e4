using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// One layer and direction of cuDNN's LSTM (cuDNN developer guide, cudnnRNNMode_t CUDNN_LSTM; order of the pieces: tensorflow v1.15.5
/// contrib/cudnn_rnn/python/layers/cudnn_rnn.py:455-484), pieces i f c o. States: h, c.
/// <code>
/// i = sigmoid(W_i x + R_i h + bW_i + bR_i), f and o alike;  c~ = tanh(W_c x + R_c h + bW_c + bR_c)
/// c' = f*c + i*c~;  h' = o*tanh(c')
/// </code>
/// </summary>
/// <param name="pieces">W then R of i f c o.</param>
internal sealed class CudnnLstm(CudnnPieces pieces) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => pieces.Units;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c) = (states[0], states[1]);
        var i = (pieces.Input(0, x) + pieces.Recurrent(0, h)).Sigmoid(); // (b, u)
        var f = (pieces.Input(1, x) + pieces.Recurrent(1, h)).Sigmoid();
        var candidate = (pieces.Input(2, x) + pieces.Recurrent(2, h)).Tanh();
        var o = (pieces.Input(3, x) + pieces.Recurrent(3, h)).Sigmoid();
        var next = (f * c) + (i * candidate);
        var output = o * next.Tanh();
        return new StepResult(output, [output, next]);
    }
}
