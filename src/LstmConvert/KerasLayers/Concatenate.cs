using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's Concatenate on the last axis.</summary>
internal static class Concatenate
{
    private static readonly ArgumentDefinition Axis =
        new("axis", FactValue.Of(-1)) { LeftOutIf = FactValue.Of(-1), Honours = value => value.Number is -1 };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("Concatenate")
    {
        Arguments = [Axis],
        Width = (_, inputs) => Merging.SumOfWidths(inputs),
        Run = (_, inputs) => Merging.Beside(inputs.Inputs),
    };

    /// <summary>The layer.</summary>
    public static KerasUse Layer() => Merging.Layer(Definition);
}
