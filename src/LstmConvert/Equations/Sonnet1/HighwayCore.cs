using LstmConvert.Arrays;

namespace LstmConvert.Equations.Sonnet1;

/// <summary>
/// HighwayCore of Sonnet 1, a recurrent highway network (deepmind/sonnet v1.36 sonnet/python/modules/basic_rnn.py, HighwayCore._build;
/// Zilly et al. 2017). State: h, which passes all layers in every step; the first one reads the input.
/// <code>
/// t = sigmoid(h @ wt{k} + bt{k} + [x @ wt if k = 0])      g = tanh(h @ wh{k} + bh{k} + [x @ wh if k = 0])
/// h := h*(1 - t) + g*t                                    for k = 0, 1 … in turn
/// </code>
/// </summary>
/// <param name="inputs">wt and wh, <c>(x, u)</c> each.</param>
/// <param name="layers">wt{k}, bt{k}, wh{k}, bh{k}: <c>(u, u)</c> and <c>(u,)</c>.</param>
internal sealed class HighwayCore(
    (NumericArray Transform, NumericArray Hidden) inputs,
    IReadOnlyList<(NumericArray Transform, NumericArray TransformBias, NumericArray Hidden, NumericArray HiddenBias)> layers)
    : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => inputs.Hidden.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var h = states[0];
        foreach (var (k, layer) in layers.Index())
        {
            var transform = h.Dot(layer.Transform) + layer.TransformBias; // (b, u)
            var hidden = h.Dot(layer.Hidden) + layer.HiddenBias; // (b, u)
            if (k == 0)
            {
                transform += x.Dot(inputs.Transform);
                hidden += x.Dot(inputs.Hidden);
            }

            var gate = transform.Sigmoid();
            h = (h * (1 - gate)) + (hidden.Tanh() * gate);
        }

        return new StepResult(h, [h]);
    }
}
