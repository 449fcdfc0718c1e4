using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>Layer normalisation of the rows of a batch (tensorflow v1.15.5 contrib/layers/python/layers/layers.py:2315-2329 with
/// nn.batch_normalization).</summary>
/// <param name="Gamma"><c>(w,)</c>.</param>
/// <param name="Beta"><c>(w,)</c>.</param>
/// <param name="Epsilon">Added to the variance.</param>
internal sealed record LayerNorm(NumericArray Gamma, NumericArray Beta, double Epsilon)
{
    /// <summary>Normalises.</summary>
    /// <param name="v"><c>(b, w)</c>.</param>
    public NumericArray Of(NumericArray v)
    {
        var mean = v.Mean(); // (b, 1)
        var difference = v - mean;
        var factor = Gamma / ((difference * difference).Mean() + Epsilon).Sqrt(); // (b, w)
        return (v * factor) + (Beta - (mean * factor));
    }
}

/// <summary>The normalisations of contrib's LSTMs, of each gate and of the new cell state.</summary>
/// <param name="Input">Of the input gate; null where it is coupled to the forget gate.</param>
/// <param name="Transform">Of the candidate.</param>
/// <param name="Forget">Of the forget gate.</param>
/// <param name="Output">Of the output gate.</param>
/// <param name="State">Of the cell state, which is kept normalised.</param>
internal sealed record LstmNorms(LayerNorm? Input, LayerNorm Transform, LayerNorm Forget, LayerNorm Output, LayerNorm State);
