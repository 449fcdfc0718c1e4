namespace LstmConvert.KerasLayers;

/// <summary>Keras's Average: the mean of its inputs, number by number.</summary>
internal static class AverageLayer
{
    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = Merging.ByNumber("Average", (a, b) => a + b, (sum, count) => sum / count);
}
