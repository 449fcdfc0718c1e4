using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Merge of Keras 1 (keras 1.2.2 keras/engine/topology.py): one class for what Keras 2 has a class each for.</summary>
internal static class Merge
{
    private static readonly Dictionary<string, KerasLayer> Modes = new(StringComparer.Ordinal)
    {
        ["sum"] = AddLayer.Definition,
        ["mul"] = MultiplyLayer.Definition,
        ["ave"] = AverageLayer.Definition,
        ["max"] = FurtherMerges.Maximum,
        ["concat"] = Concatenate.Definition,
    };

    private static readonly ArgumentDefinition Mode = new("mode", FactValue.Of("sum"));

    private static readonly ArgumentDefinition Axis = new("concat_axis", FactValue.Of(-1));

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new(nameof(Merge))
    {
        Arguments = [Mode, Axis],
        Successor = use =>
            use[Axis.Name].Number is -1 && Modes.TryGetValue(use[Mode.Name].Text ?? "", out var layer) ? Merging.Layer(layer) : use,
    };
}
