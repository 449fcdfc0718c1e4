using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// AttentionCellWrapper around an LSTM (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1109-1340). States: c, h, the attention, the
/// past outputs beside each other, the oldest first.
/// <code>
/// c', h' = lstm([x;attention] @ W_in + b_in, c, h)      y = [c';h'] @ W_q + b_q      a = softmax over past outputs p of sum(v * tanh(p @ W_m + y))
/// attention' = sum(a * p)      output = [h';attention'] @ W_out + b_out      the oldest past output goes, this one comes
/// </code>
/// </summary>
internal sealed class AttentionCellWrapper : IStepEquations
{
    /// <summary><c>(x+a, i)</c> and <c>(i,)</c>.</summary>
    public required (NumericArray Kernel, NumericArray Bias) Input { get; init; }

    /// <summary><c>(i+u, 4u)</c>, columns i j f o, and <c>(4u,)</c>.</summary>
    public required (NumericArray Kernel, NumericArray Bias) Lstm { get; init; }

    /// <summary><c>(a, v)</c>.</summary>
    public required NumericArray Memory { get; init; }

    /// <summary><c>(v,)</c>.</summary>
    public required NumericArray Scores { get; init; }

    /// <summary><c>(2u, v)</c> and <c>(v,)</c>.</summary>
    public required (NumericArray Kernel, NumericArray Bias) Query { get; init; }

    /// <summary><c>(u+a, a)</c> and <c>(a,)</c>.</summary>
    public required (NumericArray Kernel, NumericArray Bias) Output { get; init; }

    /// <summary>Added to the forget gate at run time.</summary>
    public required double ForgetBias { get; init; }

    /// <inheritdoc />
    public int OutputWidth => Output.Bias.Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, h, attention, past) = (states[0], states[1], states[2], states[3]);
        var (u, a) = (Lstm.Bias.Count / 4, OutputWidth);
        var z =
            NumericArray.Concatenate(NumericArray.Concatenate(x, attention).Dot(Input.Kernel) + Input.Bias, h).Dot(Lstm.Kernel) + Lstm.Bias; // (b, 4u)
        c = ((z.Columns(2 * u, u) + ForgetBias).Sigmoid() * c) + (z.Columns(0, u).Sigmoid() * z.Columns(u, u).Tanh());
        h = c.Tanh() * z.Columns(3 * u, u).Sigmoid();
        var query = NumericArray.Concatenate(c, h).Dot(Query.Kernel) + Query.Bias; // (b, v)
        NumericArray[] before = [.. Enumerable.Range(0, past.Width / a).Select(k => past.Columns(k * a, a))];
        var scores = NumericArray.Concatenate([.. before.Select(one => (Scores * (one.Dot(Memory) + query).Tanh()).Sum())]); // (b, l)
        var weights = (scores - scores.Largest()).Exp();
        weights /= weights.Sum();
        attention = before.Select((one, k) => one * weights.Columns(k, 1)).Aggregate((sum, one) => sum + one); // (b, a)
        var output = NumericArray.Concatenate(h, attention).Dot(Output.Kernel) + Output.Bias;
        return new StepResult(output, [c, h, attention, NumericArray.Concatenate([.. before.Skip(1), output])]);
    }
}
