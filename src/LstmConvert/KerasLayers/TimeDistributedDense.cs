namespace LstmConvert.KerasLayers;

/// <summary>TimeDistributedDense of Keras 1 (keras 1.2.2 keras/layers/core.py): a Dense for each step, which Kerases since have as
/// TimeDistributed(Dense), with the same weights.</summary>
internal static class TimeDistributedDense
{
    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = Dense.Definition with
    {
        ClassName = nameof(TimeDistributedDense),
        Successor = use => TimeDistributed.Of(use with { Layer = Dense.Definition, Name = Dense.Definition.SnakeName }) with
        {
            Name = use.Name,
        },
    };
}
