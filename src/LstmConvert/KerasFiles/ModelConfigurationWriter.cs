using System.Text;
using System.Text.Json;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.KerasFiles;

/// <summary>Writes the configuration of a Keras model in Keras 2's functional form (<see cref="ModelConfiguration"/> shows it).</summary>
internal static class ModelConfigurationWriter
{
    /// <summary>The JSON of a model.</summary>
    /// <param name="model">The model: calls of Keras layers and of nested models.</param>
    /// <param name="name">The model's name.</param>
    /// <exception cref="ArgumentException">It calls something else.</exception>
    public static string Write(Model model, string name = "model")
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            WriteModel(writer, model, name, ModelClasses.Functional);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteModel(Utf8JsonWriter writer, Model model, string name, string className)
    {
        writer.WriteStartObject();
        writer.WriteString("class_name", className == ModelClasses.Sequential ? ModelClasses.Functional : className);
        writer.WriteStartObject("config");
        writer.WriteString("name", name);
        writer.WriteStartArray("layers");
        foreach (var input in model.Inputs)
        {
            WriteInput(writer, input);
        }

        var places = model.Layers.SelectMany(layer => layer.Calls.Select((call, k) => (call.Name, Place: (layer, k))))
            .ToDictionary(pair => pair.Name, pair => pair.Place, StringComparer.Ordinal);
        foreach (var layer in model.Layers)
        {
            WriteLayer(writer, layer, places);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("input_layers");
        foreach (var input in model.Inputs)
        {
            WriteReference(writer, new Port(input.Name), places, isCall: false);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("output_layers");
        foreach (var port in model.Outputs)
        {
            WriteReference(writer, port, places, isCall: false);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteInput(Utf8JsonWriter writer, ModelInput input)
    {
        writer.WriteStartObject();
        writer.WriteString("class_name", InputLayer.ClassName);
        writer.WriteString("name", input.Name);
        writer.WriteStartObject("config");
        writer.WriteString("name", input.Name);
        writer.WriteStartArray(InputLayer.ShapeKeys[0]);
        writer.WriteNullValue();
        if (input.HasTime)
        {
            writer.WriteNullValue();
        }

        if (input.Width is { } width)
        {
            writer.WriteNumberValue(width);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartArray("inbound_nodes");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteLayer(Utf8JsonWriter writer, CalledLayer layer, Dictionary<string, (CalledLayer Layer, int Call)> places)
    {
        if (layer.Callee is NestedModel nested)
        {
            // The members of a nested model are those of a model, and the calls beside them.
            var text = Nested(nested, layer.Name);
            writer.WriteStartObject();
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = ModelConfiguration.MaximumDepth });
            foreach (var member in document.RootElement.EnumerateObject())
            {
                member.WriteTo(writer);
            }

            writer.WriteString("name", layer.Name);
        }
        else
        {
            var use = layer.Callee as KerasUse
                ?? throw new ArgumentException($"{layer.Name} is {layer.Callee.ClassName}, which is no Keras layer.");
            writer.WriteStartObject();
            WriteUse(writer, use, layer.Name);
            writer.WriteString("name", layer.Name);
        }

        writer.WriteStartArray("inbound_nodes");
        foreach (var call in layer.Calls)
        {
            writer.WriteStartArray();
            foreach (var port in call.Reads)
            {
                WriteReference(writer, port, places, isCall: true);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string Nested(NestedModel nested, string name)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            WriteModel(writer, nested.Model, name, nested.ClassName);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>The members <c>class_name</c> and <c>config</c>.</summary>
    private static void WriteUse(Utf8JsonWriter writer, KerasUse use, string name)
    {
        writer.WriteString("class_name", use.ClassName);
        writer.WritePropertyName("config");
        if (use.UnknownConfiguration is { } raw)
        {
            writer.WriteRawValue(raw);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("name", name);
        foreach (var argument in use.Layer.Arguments.Where(
            argument => use[argument.Name] is var value && value != argument.LeftOutIf && !(value.IsNone && argument.Default.IsNone)))
        {
            writer.WritePropertyName(argument.Name);
            WriteValue(writer, use[argument.Name]);
        }

        foreach (var inner in use.Layer.Inner(use))
        {
            writer.WritePropertyName(inner.Key);
            if (inner.IsList)
            {
                writer.WriteStartArray();
            }

            foreach (var one in inner.Layers)
            {
                writer.WriteStartObject();
                WriteUse(writer, one, one.Name.Length > 0 ? one.Name : one.Layer.SnakeName);
                writer.WriteEndObject();
            }

            if (inner.IsList)
            {
                writer.WriteEndArray();
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, FactValue value)
    {
        if (value.Number is { } number)
        {
            if (double.IsInteger(number) && Math.Abs(number) <= int.MaxValue)
            {
                writer.WriteNumberValue((long)number);
            }
            else
            {
                writer.WriteNumberValue(number);
            }
        }
        else if (value.Truth is { } truth)
        {
            writer.WriteBooleanValue(truth);
        }
        else if (value.Text is { } text)
        {
            writer.WriteStringValue(text);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static void WriteReference(
        Utf8JsonWriter writer, Port port, Dictionary<string, (CalledLayer Layer, int Call)> places, bool isCall)
    {
        var isInput = !places.TryGetValue(port.From, out var place);
        writer.WriteStartArray();
        writer.WriteStringValue(isInput ? port.From : place.Layer.Name);
        writer.WriteNumberValue(isInput ? 0 : place.Call);
        writer.WriteNumberValue(port.State is { } state ? place.Layer.Callee.OutputCount + state : port.Output);
        if (isCall)
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
