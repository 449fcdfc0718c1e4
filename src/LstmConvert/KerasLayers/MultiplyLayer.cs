using LstmConvert.Arrays;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's Multiply: the product of its inputs, number by number.</summary>
internal static class MultiplyLayer
{
    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } =
        Merging.ByMask("Multiply", (a, b) => a * b, x => NumericArray.Zeros(x.Precision, [.. x.Dimensions]));
}
