using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// One layer and direction of cuDNN's GRU (tensorflow v1.15.5 contrib/cudnn_rnn/python/ops/cudnn_rnn_ops.py:94-103), pieces r u h. States:
/// h.
/// <code>
/// r = sigmoid(W_r x + R_r h + bW_r + bR_r), u alike;  h~ = tanh(W_h x + bW_h + r * (R_h h + bR_h))
/// h' = (1-u)*h~ + u*h
/// </code>
/// </summary>
/// <param name="pieces">W then R of r u h.</param>
internal sealed class CudnnGru(CudnnPieces pieces) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => pieces.Units;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var h = states[0];
        var r = (pieces.Input(0, x) + pieces.Recurrent(0, h)).Sigmoid(); // (b, u)
        var u = (pieces.Input(1, x) + pieces.Recurrent(1, h)).Sigmoid();
        var candidate = (pieces.Input(2, x) + (r * pieces.Recurrent(2, h))).Tanh();
        var next = ((1 - u) * candidate) + (u * h);
        return new StepResult(next, [next]);
    }
}
