using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's TimeDistributed around a layer that works on the last axis: the same numbers as that layer alone.</summary>
internal static class TimeDistributed
{
    private const string Layer = "layer";

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("TimeDistributed")
    {
        Weights = use => use.Inner is [var inner] ? [.. inner.WeightDefinitions] : [],
        InnerKeys = [Layer],
        Inner = use => [new(Layer, use.Inner)],
        WithInner = (use, inner) => use with { Inner = inner[Layer] },
        Parts = use => use.Inner is [var inner] ? [.. LayerPart.Below(new PartStep(Layer), inner)] : [],
        Width = (use, inputs) => use.Inner is [var inner] ? inner.WidthFor(inputs) : null,
        Run = (use, inputs) => use.Inner is [{ IsRecurrent: false } inner]
            ? OnEachStep(inner with { Weights = use.Weights }, inputs)
            : throw new UnsupportedModelException(
                $"{use.ClassName} around {string.Join(", ", use.Inner.Select(one => one.ClassName))} is not known to compute."),
        IsNamed = true,
    };

    /// <summary>The layer.</summary>
    /// <param name="inner">A layer that works on the last axis.</param>
    public static KerasUse Of(KerasUse inner) =>
        new(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal))
        {
            Inner = [inner.Name.Length > 0 ? inner : inner with { Name = inner.Layer.SnakeName }],
            Weights = inner.Weights,
        };

    /// <summary>The steps of all rows are samples of the inner layer.</summary>
    private static CallResult OnEachStep(KerasUse inner, CallInputs inputs)
    {
        var (x, mask) = (inputs.Inputs[0].Data, inputs.Inputs[0].Mask);
        var (batch, steps) = (x.Dimensions[0], x.Dimensions[1]);
        var result = inner.Run(inputs with { Inputs = [new Value(x.Reshape([batch * steps, .. x.Dimensions.Skip(2)]))] }).Output.Data;
        return CallResult.Of(new Value(result.Reshape([batch, steps, .. result.Dimensions.Skip(1)]), mask));
    }
}
