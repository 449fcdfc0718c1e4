using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;

namespace LstmConvert.KerasFiles;

/// <summary>What a layer is called with beside its inputs, as arguments of the layer: <c>use_causal_mask=True</c>.</summary>
internal static class CallArguments
{
    /// <summary>A layer with the arguments of its calls.</summary>
    /// <param name="layer">The layer of a configuration.</param>
    /// <exception cref="UnsupportedModelException">It is called with something that is not known, or each time with other
    /// arguments.</exception>
    public static ConfiguredLayer Of(ConfiguredLayer layer)
    {
        if (layer.Callee is not KerasUse { UnknownConfiguration: null } use)
        {
            return layer;
        }

        var given = layer.Nodes.Select(node => Given(layer.Name, use, node)).ToArray();
        if (given.Any(one => !one.SequenceEqual(given[0])))
        {
            throw new UnsupportedModelException(
                $"{layer.Name} ({use.ClassName}) is called several times, each time with other arguments. No layer of Keras has both.");
        }

        foreach (var (name, value) in given.FirstOrDefault() ?? [])
        {
            use = use.With(name, value);
        }

        return layer with { Callee = use };
    }

    private static (string Name, FactValue Value)[] Given(string name, KerasUse use, InboundNode node) =>
        [
            .. node.Literals.Select(literal =>
                use.Layer.Arguments.Any(argument => argument.IsOfCall && argument.Name == literal.Name)
                && literal.Value.ValueKind == System.Text.Json.JsonValueKind.True
                    ? (literal.Name!, FactValue.Of(true))
                    : throw new UnsupportedModelException(
                        $"{name} ({use.ClassName}) is called with {(literal.Name is { } key ? $"{key}=" : "")}{literal.Value.GetRawText()}, which is not known to compute. Its weights convert; the code around them must be written again.",
                        [new OnlyRecurrentRemedy()])),
        ];
}
