using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// Our RecurrentHighwayCell (KerasLayers/Python/RecurrentHighwayCell.py). State: h.
/// <code>
/// z = h @ recurrent_kernel_k + bias_k, of the first layer + x @ kernel      [c|t] = z
/// h = sigmoid(t) * tanh(c) + (1 - sigmoid(t)) * h
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, 2u)</c>.</param>
/// <param name="layers">Recurrent kernel <c>(u, 2u)</c> and bias <c>(2u,)</c> of each layer.</param>
internal sealed class RecurrentHighway(NumericArray kernel, IReadOnlyList<(NumericArray Kernel, NumericArray Bias)> layers)
    : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => kernel.Width / 2;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, u) = (states[0], OutputWidth);
        NumericArray? read = x.Dot(kernel); // (b, 2u)
        foreach (var layer in layers)
        {
            var z = h.Dot(layer.Kernel) + layer.Bias; // (b, 2u)
            z = read is null ? z : z + read;
            read = null;
            var t = z.Columns(u, u).Sigmoid();
            h = (t * z.Columns(0, u).Tanh()) + ((1 - t) * h);
        }

        return new StepResult(h, [h]);
    }
}
