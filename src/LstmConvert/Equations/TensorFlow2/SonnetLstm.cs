using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow2;

/// <summary>
/// LSTM and UnrolledLSTM of Sonnet 2 (sonnet v2 src/recurrent.py, LSTM.__call__), gates i f g o. States: h, c.
/// <code>
/// [i|f|g|o] = x @ w_i + h @ w_h + b
/// c' = sigmoid(f)*c + sigmoid(i)*tanh(g);  h' = sigmoid(o)*tanh(c'),  @ projection
/// </code>
/// </summary>
/// <param name="input"><c>(x, 4u)</c>.</param>
/// <param name="hidden"><c>(p, 4u)</c>, p = u without projection.</param>
/// <param name="bias"><c>(4u,)</c>; the forget bias stands in it.</param>
internal sealed class SonnetLstm(NumericArray input, NumericArray hidden, NumericArray bias) : IStepEquations
{
    /// <summary>Added to the forget gate at run time; the layer itself adds nothing.</summary>
    public double ForgetBias { get; init; }

    /// <summary>The activation of candidate and output; the layer itself has tanh.</summary>
    public Activation Activation { get; init; } = Activations.Tanh;

    /// <summary><c>(u, p)</c>, or null.</summary>
    public NumericArray? Projection { get; init; }

    /// <inheritdoc />
    public int OutputWidth => Projection?.Width ?? (input.Width / 4);

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c, u) = (states[0], states[1], input.Width / 4);
        var z = x.Dot(input) + h.Dot(hidden) + bias; // (b, 4u)
        var (i, f, g, o) = (z.Columns(0, u), z.Columns(u, u), z.Columns(2 * u, u), z.Columns(3 * u, u)); // (b, u)
        var next = ((f + ForgetBias).Sigmoid() * c) + (i.Sigmoid() * Activation.TensorFlow(g));
        var output = o.Sigmoid() * Activation.TensorFlow(next);
        output = Projection is null ? output : output.Dot(Projection); // (b, p)
        return new StepResult(output, [output, next]);
    }
}
