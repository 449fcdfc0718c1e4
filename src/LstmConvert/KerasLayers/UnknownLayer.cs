using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>A layer whose class is not in the catalog: it has its place in a model, and is refused by name where it would have to
/// compute.</summary>
internal static class UnknownLayer
{
    /// <summary>The layer.</summary>
    /// <param name="className">The class's name, as the configuration has it.</param>
    /// <param name="configuration">Its configuration, as JSON.</param>
    public static KerasUse Of(string className, string configuration) =>
        new(new KerasLayer(className) { Width = (_, _) => null, IsNamed = true }, new Dictionary<string, FactValue>(StringComparer.Ordinal))
        {
            UnknownConfiguration = configuration,
        };
}
