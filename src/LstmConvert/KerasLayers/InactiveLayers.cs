using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Layers that do something while a model is trained, and nothing when it predicts.</summary>
internal static class InactiveLayers
{
    private static readonly ArgumentDefinition Rate = new("rate", FactValue.Of(0.5)) { NameInKeras1 = "p" };
    private static readonly ArgumentDefinition Deviation = new("stddev", FactValue.Of(0.1)) { NameInKeras1 = "sigma" };

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<KerasLayer> Definitions { get; } =
    [
        .. new[] { "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout", "AlphaDropout" }.Select(name =>
            Of(name, Rate)),
        Of("GaussianNoise", Deviation),
        Of("ActivityRegularization"),
        Of(Activations.Linear.Operation!), // Keras calls the layer as TensorFlow calls the operation.
    ];

    private static KerasLayer Of(string className, params ArgumentDefinition[] arguments) => new(className)
    {
        Arguments = arguments,
        PassesThrough = true,
        Run = (_, inputs) => CallResult.Of(inputs.Inputs[0]),
    };
}
