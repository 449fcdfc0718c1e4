using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// TfLiteRNNCell (tensorflow v1.15.5 lite/experimental/examples/lstm/rnn_cell.py): matrices as out x in. States: h.
/// <code>
/// h' = act(x @ W.T + h @ R.T + b)
/// </code>
/// </summary>
/// <param name="input">W, <c>(u, x)</c>.</param>
/// <param name="recurrent">R, <c>(u, u)</c>.</param>
/// <param name="bias"><c>(u,)</c>.</param>
/// <param name="activation">The activation.</param>
internal sealed class TfLiteRnnCell(NumericArray input, NumericArray recurrent, NumericArray bias, Activation activation) : IStepEquations
{
    private readonly (NumericArray Input, NumericArray Recurrent) matrices = (input.Transpose(), recurrent.Transpose());

    /// <inheritdoc />
    public int OutputWidth => bias.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var next = activation.TensorFlow(x.Dot(matrices.Input) + states[0].Dot(matrices.Recurrent) + bias); // (b, u)
        return new StepResult(next, [next]);
    }
}
