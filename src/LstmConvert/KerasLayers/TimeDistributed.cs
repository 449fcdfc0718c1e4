using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's TimeDistributed around a layer that works on the last axis: the same numbers as that layer alone.</summary>
internal static class TimeDistributed
{
    /// <summary>The attribute, and the key of a configuration, that holds the layer inside.</summary>
    public const string Layer = "layer";

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("TimeDistributed")
    {
        Weights = use => use.Inner is [var inner] ? [.. inner.WeightDefinitions] : [],
        InnerKeys = [Layer],
        Inner = use => [new(Layer, use.Inner)],
        WithInner = (use, inner) => use with { Inner = inner[Layer] },
        Parts = use => use.Inner is [var inner] ? [.. LayerPart.Below(new PartStep(Layer), inner)] : [],
        Width = (use, inputs) => use.Inner is [var inner] ? inner.WidthFor(inputs) : null,
        Run = (use, inputs) => OnEachStep(use.Inner[0] with { Weights = use.Weights }, inputs),
        KeepsMask = true,
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

    /// <summary>Refuses a layer or model that begins where its last call ended: from each step to the next one, in Keras.</summary>
    /// <param name="inner">What is called with each step.</param>
    /// <exception cref="UnsupportedModelException">It, or a layer inside, is stateful.</exception>
    public static void RefuseCarried(ICallable inner)
    {
        if (inner.CarriesStates)
        {
            throw new UnsupportedModelException(
                $"TimeDistributed around {inner.ClassName} with stateful=True carries states from each step to the next one, which is not known to compute.");
        }
    }

    /// <summary>The steps of all rows are samples of the inner layer.</summary>
    private static CallResult OnEachStep(KerasUse inner, CallInputs inputs)
    {
        if (inner.IsRecurrent && inputs.Inputs[0].Mask is not null)
        {
            throw new UnsupportedModelException(
                $"TimeDistributed around {inner.ClassName} gets masked steps, for which the Kerases compute different things.");
        }

        RefuseCarried(inner);
        var result = inner.Run(inputs with { Inputs = [.. inputs.Inputs.Select(Steps.AsRows)] }).Output;
        return CallResult.Of(Steps.FromRows(result, inputs.Inputs[0]));
    }
}
