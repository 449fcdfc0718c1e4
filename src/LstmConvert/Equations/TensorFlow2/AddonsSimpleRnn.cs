using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow2;

/// <summary>
/// ESNCell and LayerNormSimpleRNNCell of TensorFlow Addons (tfa/rnn/esn_cell.py, layer_norm_simple_rnn_cell.py). State: h.
/// <code>
/// ESNCell:                 h' = (1 - leaky)*h + leaky*act([x;h] @ [kernel;recurrent_kernel] + bias)
/// LayerNormSimpleRNNCell:  h' = act(norm(x @ kernel + h @ recurrent_kernel) + bias), the norm without a beta
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, u)</c>.</param>
/// <param name="bias"><c>(u,)</c>, or null.</param>
/// <param name="activation">act.</param>
internal sealed class AddonsSimpleRnn(NumericArray kernel, NumericArray recurrentKernel, NumericArray? bias, Activation activation)
    : IStepEquations
{
    private readonly NumericArray both = NumericArray.Stack(kernel, recurrentKernel); // (x+u, u)

    /// <summary>The share of the new value; null for all of it.</summary>
    public double? Leaky { get; init; }

    /// <summary>The normalisation, or null; its beta is zero.</summary>
    public AddonsNorm? Norm { get; init; }

    /// <inheritdoc />
    public int OutputWidth => recurrentKernel.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var h = states[0];
        var z = NumericArray.Concatenate(x, h).Dot(both); // (b, u)
        z = Norm?.Of(z) ?? z;
        var next = activation.Keras(bias is null ? z : z + bias);
        next = Leaky is { } share ? ((1 - share) * h) + (share * next) : next;
        return new StepResult(next, [next]);
    }
}
