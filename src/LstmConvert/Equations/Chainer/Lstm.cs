using LstmConvert.Arrays;

namespace LstmConvert.Equations.Chainer;

/// <summary>
/// chainer.links.LSTM and StatefulPeepholeLSTM (chainer v7.8.1 functions/rnn/lstm.py, _extract_gates; links/rnn/peephole.py): the rows of
/// both matrices are a i f o of the first unit, then
/// of the second … States: c, h.
/// <code>
/// z = x W^T + b + h L^T        c' = tanh(a)*sigmoid(i) + sigmoid(f)*c        h' = sigmoid(o)*tanh(c')
/// with peepholes i + c P_i^T, f + c P_f^T and o + c' P_o^T
/// </code>
/// </summary>
/// <param name="upward">W, <c>(4u, x)</c>.</param>
/// <param name="bias">b, <c>(4u,)</c>, or null.</param>
/// <param name="lateral">L, <c>(4u, u)</c>.</param>
internal sealed class Lstm(NumericArray upward, NumericArray? bias, NumericArray lateral) : IStepEquations
{
    private readonly (NumericArray Upward, NumericArray Lateral) matrices = (upward.Transpose(), lateral.Transpose());

    /// <summary>P_i, P_f and P_o, <c>(u, u)</c> each, or null.</summary>
    public (NumericArray Input, NumericArray Forget, NumericArray Output)? Peepholes { get; init; }

    /// <inheritdoc />
    public int OutputWidth => lateral.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h, u) = (states[0], states[1], lateral.Width);
        var z = x.Dot(matrices.Upward) + h.Dot(matrices.Lateral); // (b, 4u)
        z = bias is null ? z : z + bias;

        // As (b*u, 4): a row for each unit.
        var units = z.Reshape(x.RowCount * u, 4);
        NumericArray Gate(int k) => units.Columns(k, 1).Reshape(x.RowCount, u);
        var (i, f, o) = (Gate(1), Gate(2), Gate(3));
        if (Peepholes is { } old)
        {
            (i, f) = (i + c.Dot(old.Input.Transpose()), f + c.Dot(old.Forget.Transpose()));
        }

        var next = (Gate(0).Tanh() * i.Sigmoid()) + (f.Sigmoid() * c);
        o = Peepholes is { } now ? o + next.Dot(now.Output.Transpose()) : o;
        var output = o.Sigmoid() * next.Tanh();
        return new StepResult(output, [next, output]);
    }
}
