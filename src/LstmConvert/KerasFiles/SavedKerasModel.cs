using System.Text.Json;
using System.Text.Json.Nodes;
using LstmConvert.Equations;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary>
/// The Keras model in a SavedModel of TensorFlow 2.0 to 2.15 (<c>model.save("folder")</c>): its configuration is what Keras says of the
/// root object, its
/// weights are the variables of the objects that hold them (keras 2.15 src/saving/legacy/saved_model/load.py).
/// <code>
/// root            {"class_name": "Sequential" | "Functional" | "Model", "config": …, "model_config": …}
/// root/layer-N    {"name", "class_name", "config"}: a layer; N counts an InputLayer or not, by release, so the name tells which
/// …/cell/kernel   a variable; wrappers lead on: forward_layer, backward_layer, layer, cells/N
/// </code>
/// </summary>
internal static class SavedKerasModel
{
    private const string LayerPrefix = "layer-";

    /// <summary>Reads the model, its weights attached; null where nothing of Keras stands in the source.</summary>
    /// <param name="source">The source.</param>
    /// <exception cref="UnreadableInputException">What is stored is broken, or a variable is missing.</exception>
    /// <exception cref="UnsupportedModelException">What is stored describes no layers: a model that is a class of its own.</exception>
    public static Model? Read(TensorSet source)
    {
        if (source.Objects is not { } objects || objects.Root.Metadata is not { } metadata || Parse(metadata, source.Path) is not { } root)
        {
            return null;
        }

        if (Configuration(root) is not { } configuration)
        {
            throw new UnsupportedModelException(
                $"{source.Path}: the model is {Name(root)}, a class of its own, and nothing says of which layers it is made. Its recurrent layers convert as weights; the code around them must be written again.",
                [new OnlyRecurrentRemedy()]);
        }

        return Attach(ModelConfiguration.Read(configuration, new KerasGeneration(2, RepeatsMasked: false)), objects.Root, source);
    }

    /// <summary>What Keras says of an object; null where that is nothing of Keras.</summary>
    /// <param name="node">The object.</param>
    /// <param name="path">The file, for messages.</param>
    public static JsonObject? Metadata(ObjectNode node, string path) => node.Metadata is { } text ? Parse(text, path) : null;

    private static JsonObject? Parse(string text, string path)
    {
        if (!text.StartsWith('{'))
        {
            return null;
        }

        try
        {
            return
                JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = ModelConfiguration.MaximumDepth })?.AsObject()
                    is { } read
                && read.ContainsKey("class_name")
                ? read
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new UnreadableInputException(
                $"{path}: what Keras says of an object is no JSON ({e.Message.TrimEnd('.')}). The SavedModel is damaged; copy it again.",
                e);
        }
    }

    private static string Name(JsonObject root) =>
        root["class_name"] is JsonValue name && name.TryGetValue<string>(out var text) ? text : "unnamed";

    /// <summary>The configuration with its layers, where one of both places has it.</summary>
    private static string? Configuration(JsonObject root)
    {
        var config =
            HasLayers(root["config"]) ? root["config"]
            : root["model_config"] is JsonObject whole && HasLayers(whole["config"]) ? whole["config"]
            : null;
        var className = Name(root) == ModelClasses.Sequential ? ModelClasses.Sequential : ModelClasses.Functional;
        return config is null ? null : new JsonObject { ["class_name"] = className, ["config"] = config.DeepClone() }.ToJsonString();
    }

    private static bool HasLayers(JsonNode? config) => config is JsonObject known && known["layers"] is JsonArray;

    private static Model Attach(Model model, ObjectNode at, TensorSet source)
    {
        var nodes = new Dictionary<string, ObjectNode>(StringComparer.Ordinal);
        foreach (var node in at.Numbered(LayerPrefix))
        {
            if (Metadata(node, source.Path)?["name"] is JsonValue value && value.TryGetValue<string>(out var name))
            {
                nodes.TryAdd(name, node);
            }
        }

        return model.With(layer =>
            layer.Callee switch
            {
                NestedModel nested => nested with
                {
                    Model = Attach(
                        nested.Model,
                        nested.IsOnEachStep ? Node(layer).Child(TimeDistributed.Layer) ?? Node(layer) : Node(layer),
                        source),
                },
                KerasUse use when StoredWeights.Count(use) > 0 => StoredWeights.Attach(
                    use,
                    layer.Name,
                    Weights(use, layer.Name, Node(layer), source),
                    source.Path),
                KerasUse { UnknownConfiguration: not null } use when nodes.TryGetValue(layer.Name, out var node) => use with
                {
                    Stored = [.. All(node, source)],
                },
                var other => other,
            });

        ObjectNode Node(CalledLayer layer) =>
            nodes.GetValueOrDefault(layer.Name)
            ?? throw new UnreadableInputException(
                $"{source.Path}: the configuration has a layer {layer.Name} ({layer.Callee.ClassName}), and no object of the SavedModel is called so. The configuration is of another model; copy the SavedModel again."
            );
    }

    private static List<Tensor> Weights(KerasUse use, string name, ObjectNode node, TensorSet source)
    {
        var weights = new List<Tensor>();
        foreach (var part in use.Layer.Parts(use))
        {
            var at = node;
            foreach (var step in part.Path)
            {
                at = (at.Child(step.Attribute) ?? at.Child($"_{step.Attribute}")) is not { } next ? at
                    : step.Index is not { } index ? next
                    : next.Child(index.ToString(System.Globalization.CultureInfo.InvariantCulture)) ?? next;
            }

            foreach (var variable in part.Variables)
            {
                weights.Add(
                    (at.Child(variable) ?? at.Child($"_{variable}"))?.Variable is { } stored && source.Find(stored) is { } tensor
                        ? new RenamedTensor(tensor, stored)
                        : throw new UnreadableInputException(
                            $"{source.Path}: {name} ({use.ClassName}) has a weight {variable}, and no variable of the SavedModel is it. The SavedModel is incomplete; save it again."
                        ));
            }
        }

        return weights;
    }

    private static IEnumerable<Tensor> All(ObjectNode node, TensorSet source) =>
        node.Variables.Select(variable => source.Find(variable.Value)).OfType<Tensor>();
}
