using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// The operation BlockLSTMV2 (tensorflow v1.15.5 core/kernels/rnn/lstm_ops.cc:1020-1026), gates i f ci o. States: cs, h.
/// <code>
/// [i|f|ci|o] = [x;h] @ w + b
/// cs' = sigmoid(i + wci*cs) * tanh(ci) + sigmoid(f + wcf*cs) * cs        clipped to ±cell_clip if that is above 0
/// h' = sigmoid(o + wco*cs') * tanh(cs')
/// </code>
/// </summary>
/// <param name="kernel"><c>(x+u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
internal sealed class BlockLstmV2(NumericArray kernel, NumericArray bias) : IStepEquations
{
    /// <summary>Added to the forget gate by what stands around the operation, which itself adds nothing.</summary>
    public double ForgetBias { get; init; }

    /// <summary>Null without peepholes.</summary>
    public LstmPeepholes? Peepholes { get; init; }

    /// <summary>The limit of the cell state; 0 and below do not clip.</summary>
    public double CellClip { get; init; }

    /// <inheritdoc />
    public int OutputWidth => kernel.Width / 4;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h, u) = (states[0], states[1], kernel.Width / 4);
        var z = NumericArray.Concatenate(x, h).Dot(kernel) + bias; // (b, 4u)
        var (i, f, j, o) = (z.Columns(0, u), z.Columns(u, u) + ForgetBias, z.Columns(2 * u, u), z.Columns(3 * u, u)); // (b, u)
        if (Peepholes is not null)
        {
            (i, f) = (i + (Peepholes.Input * c), f + (Peepholes.Forget * c));
        }

        var next = (i.Sigmoid() * j.Tanh()) + (f.Sigmoid() * c); // (b, u)
        next = CellClip > 0 ? next.Clip(CellClip) : next;
        o = Peepholes is null ? o : o + (Peepholes.Output * next);
        var output = o.Sigmoid() * next.Tanh();
        return new StepResult(output, [next, output]);
    }
}
