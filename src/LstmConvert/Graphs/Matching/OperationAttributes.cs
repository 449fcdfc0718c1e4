using System.Globalization;
using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>Reads the attributes of a fused operation; one that is not written has the operation's default.</summary>
internal static class OperationAttributes
{
    /// <summary>The bindings with the facts that the attributes are; null where one has not the value that it must have.</summary>
    public static Bindings? Read(OperationTerm operation, GraphNode node, Bindings bound)
    {
        foreach (var attribute in operation.Attributes)
        {
            var written = node.Attribute(attribute.Name);
            var text = written is null ? attribute.Default : written.S?.ToStringUtf8() is { Length: > 0 } word ? word : attribute.Default;
            double? number = written is null
                ? (double.TryParse(attribute.Default, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : null)
                : written.ValueCase switch
                {
                    TensorFlow.Protos.AttrValue.ValueOneofCase.F => written.F,
                    TensorFlow.Protos.AttrValue.ValueOneofCase.I => written.I,
                    _ => null,
                };
            if (attribute.Required is { } required)
            {
                if (text != required)
                {
                    return null;
                }
            }
            else if (number is { } value)
            {
                bound = bound.With(
                    $"fact {attribute.Name}",
                    new FoundNumber(attribute.NoneUpTo is { } limit && value <= limit ? null : value, node.Name));
            }
            else
            {
                bound = bound.With($"fact {attribute.Name}", new FoundWord(text, node.Name));
            }
        }

        return bound;
    }
}
