using LstmConvert.Equations;

namespace LstmConvert.KerasLayers;

/// <summary>Layers that do something while a model is trained, and nothing when it predicts.</summary>
internal static class InactiveLayers
{
    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<KerasLayer> Definitions { get; } =
        [.. new[] { "Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise", "AlphaDropout", "ActivityRegularization" }.Select(
            name => new KerasLayer(name)
        {
            Run = (_, inputs) => CallResult.Of(inputs.Inputs[0]),
        })];
}
