namespace LstmConvert.KerasLayers;

/// <summary>Keras's Add: the sum of its inputs, in their order.</summary>
internal static class AddLayer
{
    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = Merging.ByNumber("Add", (a, b) => a + b);

    /// <summary>The layer.</summary>
    public static KerasUse Layer() => Merging.Layer(Definition);
}
