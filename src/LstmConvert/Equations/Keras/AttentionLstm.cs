using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>Our AttentionLSTMCell (KerasLayers/Python/AttentionLSTMCell.py): the equations are there. States: attention, past outputs, c,
/// h.</summary>
/// <param name="weights">The layer's weights in order.</param>
internal sealed class AttentionLstm(IReadOnlyList<NumericArray> weights) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => weights[9].Count;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (u, size) = (weights[3].Count / 4, OutputWidth);
        NumericArray Dense(int kernel, params ReadOnlySpan<NumericArray> parts) =>
            NumericArray.Concatenate(parts).Dot(weights[kernel]) + weights[kernel + 1];
        var z = Dense(2, Dense(0, x, states[0]), states[3]); // (b, 4u)
        var c = (z.Columns(2 * u, u).Sigmoid() * states[2]) + (z.Columns(0, u).Sigmoid() * z.Columns(u, u).Tanh());
        var h = z.Columns(3 * u, u).Sigmoid() * c.Tanh();
        var asked = Dense(6, c, h); // (b, v)
        var count = states[1].Width / size;
        NumericArray Past(int k) => states[1].Columns(k * size, size);
        var powers = new NumericArray[count];
        for (var k = 0; k < count; k++)
        {
            powers[k] = ((Past(k).Dot(weights[4]) + asked).Tanh() * weights[5]).Sum(); // (b, 1)
        }

        var all = NumericArray.Concatenate(powers);
        var attention = NumericArray.Zeros(x.Precision, x.RowCount, size);
        var most = all.Largest();
        var total = (all - most).Exp().Sum();
        for (var k = 0; k < count; k++)
        {
            attention += Past(k) * ((powers[k] - most).Exp() / total);
        }

        var output = Dense(8, h, attention);
        return new StepResult(
            output,
            [attention, count == 1 ? output : NumericArray.Concatenate(states[1].Columns(size, (count - 1) * size), output), c, h]);
    }
}
