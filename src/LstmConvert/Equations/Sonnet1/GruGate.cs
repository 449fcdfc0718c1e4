using LstmConvert.Arrays;

namespace LstmConvert.Equations.Sonnet1;

/// <summary>The matrices of one gate.</summary>
/// <param name="Input">W, <c>(x, u)</c>.</param>
/// <param name="Hidden">U, <c>(u, u)</c>.</param>
/// <param name="Bias"><c>(u,)</c>.</param>
internal sealed record GruGate(NumericArray Input, NumericArray Hidden, NumericArray Bias)
{
    /// <summary>Its pre-activation.</summary>
    public NumericArray Of(NumericArray x, NumericArray h) => x.Dot(Input) + h.Dot(Hidden) + Bias;
}
