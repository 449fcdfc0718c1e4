using LstmConvert.Arrays;

namespace LstmConvert.Equations.Returnn;

/// <summary>
/// NativeLstm and NativeLstm2 of RETURNN (rwth-i6/returnn@b46ff5f returnn/native_op.py), gates j i f o; no forget bias. States: c, h.
/// <code>
/// [j|i|f|o] = x @ W + h @ R + b        c' = sigmoid(f)*c + sigmoid(i)*tanh(j)        h' = sigmoid(o)*tanh(c')
/// </code>
/// </summary>
/// <param name="input">W, <c>(x, 4u)</c>.</param>
/// <param name="recurrent">R, <c>(u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
internal sealed class NativeLstm(NumericArray input, NumericArray recurrent, NumericArray bias) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => recurrent.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h, u) = (states[0], states[1], recurrent.RowCount);
        var z = x.Dot(input) + h.Dot(recurrent) + bias; // (b, 4u)
        var next = (z.Columns(2 * u, u).Sigmoid() * c) + (z.Columns(u, u).Sigmoid() * z.Columns(0, u).Tanh()); // (b, u)
        var output = z.Columns(3 * u, u).Sigmoid() * next.Tanh();
        return new StepResult(output, [next, output]);
    }
}
