using System.Text.Json;
using LstmConvert.Equations;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.KerasFiles;

/// <summary>
/// Keras's JSON of a model (keras 1.2.2, 2.2.4 keras/engine/{sequential,network}.py; 3.15.1 src/models/{sequential,functional}.py), read
/// into
/// a <see cref="Model"/>; <see cref="ModelConfigurationWriter"/> writes one.
/// <code>
/// {"class_name": "Sequential", "config": [layer, …]}                                         Keras 1 to 2.2.2
/// {"class_name": "Sequential", "config": {"name", "layers": [layer, …]}}                      since then
/// {"class_name": "Model" | "Functional", "config": {"layers", "input_layers", "output_layers"}}
/// layer: {"class_name", "name", "config", "inbound_nodes": one entry for each call}
/// entry: [[layer, node, tensor, {…}], …]  or, Keras 3, {"args": [{"class_name": "__keras_tensor__", …}], "kwargs": {…}}
/// </code>
/// </summary>
internal sealed class ModelConfiguration
{
    /// <summary>The deepest nesting of the JSON that is read; it bounds every recursion below.</summary>
    public const int MaximumDepth = 128;

    /// <summary>The most layers that are read, nested ones included.</summary>
    public const int MaximumLayers = 20_000;

    private const int MaximumAxes = 64;

    private readonly KerasGeneration generation;
    private readonly LayerConfiguration layers;
    private int count;

    private ModelConfiguration(KerasGeneration generation) => (this.generation, layers) = (generation, new LayerConfiguration(generation));

    /// <summary>Reads a configuration.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="generation">The Keras that wrote it.</param>
    /// <exception cref="UnreadableInputException">It is no JSON, or no configuration of a model.</exception>
    /// <exception cref="UnsupportedModelException">What it describes is no model that can be read.</exception>
    public static Model Read(string json, KerasGeneration generation)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaximumDepth });
            return new ModelConfiguration(generation).ReadModel(document.RootElement);
        }
        catch (Exception e) when (
            e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new UnreadableInputException(
                $"The model's configuration cannot be read ({e.Message.TrimEnd('.')}). The file is damaged, or its Keras writes another form.",
                e);
        }
    }

    private static bool IsModel(string className, JsonElement config) =>
        className == ModelClasses.Sequential || ModelClasses.IsFunctional(className)
            || (config.ValueKind == JsonValueKind.Object && config.TryGetProperty("input_layers", out _));

    private Model ReadModel(JsonElement element)
    {
        var (className, config) = (element.Text("class_name"), element.Member("config"));
        return className == ModelClasses.Sequential ? ReadSequential(config)
            : IsModel(className, config) ? ReadFunctional(config)
            : throw new UnsupportedModelException($"The file's model is of the class {className}, whose configuration says no layers.");
    }

    private Model ReadSequential(JsonElement config)
    {
        var list = (config.ValueKind == JsonValueKind.Array ? config : config.Member("layers")).Items(MaximumLayers);
        var (input, calls) = ((ModelInput?)null, new List<Call>());
        foreach (var element in list)
        {
            var (className, name) = (element.Text("class_name"), NameOf(element));
            if (className == InputLayer.ClassName)
            {
                input ??= ReadInput(element, name);
                continue;
            }

            var callee = ReadCallee(element);
            input ??= callee is NestedModel { Model.Inputs: [var inner] } ? inner with { Name = $"{name}_input" }
                : ReadInput(element, $"{name}_input");
            calls.Add(new Call(name, callee, [new Port(calls.Count == 0 ? input.Name : calls[^1].Name)]));
        }

        if (input is null)
        {
            throw new UnsupportedModelException("The file's model has no layers.");
        }

        var last = calls.Count == 0 ? input.Name : calls[^1].Name;
        var outputs = calls.Count == 0 ? 1 : calls[^1].Callee.OutputCount;
        return ModelOrder.Of([input], calls, [.. Enumerable.Range(0, outputs).Select(k => new Port(last) { Output = k })]) with
        {
            Name = ModelName(config),
            IsSequential = true,
        };
    }

    private Model ReadFunctional(JsonElement config)
    {
        var (inputs, reader) = (new Dictionary<string, ModelInput>(StringComparer.Ordinal), new InboundNodes(generation));
        var configured = new List<ConfiguredLayer>();
        foreach (var element in config.Member("layers").Items(MaximumLayers))
        {
            var name = NameOf(element);
            if (element.Text("class_name") == InputLayer.ClassName)
            {
                inputs[name] = ReadInput(element, name);
                continue;
            }

            var callee = ReadCallee(element);
            configured.Add(new(name, callee, [.. element.Member("inbound_nodes").Items(MaximumLayers).Select(InboundNodes.Read)]));
        }

        var outputs = InboundNodes.ReadOutputs(config.Member("output_layers"));
        var pending = RecordedMasks.LeftOut(configured, outputs).Select(CallArguments.Of).ToArray();
        foreach (var layer in pending)
        {
            reader.Add(layer.Name, layer.Callee, layer.Nodes.Count);
        }

        reader.Number(pending.SelectMany(layer => layer.Nodes).SelectMany(node => node.Reads), outputs);
        var calls = pending.SelectMany(layer => layer.Nodes.Select((node, k) => reader.Call(layer.Name, layer.Callee, node, k))).ToList();
        var order = InboundNodes
            .ReadReferences(config.Member("input_layers"))
            .Select(reference =>
                inputs.TryGetValue(reference.Layer, out var input)
                    ? input
                    : throw new UnsupportedModelException(
                        $"The file's model names the input {reference.Layer}, and has no layer of that name."));
        return ModelOrder.Of([.. order], calls, [.. outputs.Select(reader.OutputPort)]) with { Name = ModelName(config) };
    }

    private ICallable ReadCallee(JsonElement element)
    {
        if (++count > MaximumLayers)
        {
            throw new UnsupportedModelException($"The file's model has more than {MaximumLayers} layers.");
        }

        var (className, config) = (element.Text("class_name"), element.Member("config"));
        if (className == TimeDistributed.Definition.ClassName
            && config.Find(TimeDistributed.Layer) is { ValueKind: JsonValueKind.Object } inner
            && IsModel(inner.Text("class_name"), inner.Member("config")))
        {
            return new NestedModel(className, ReadModel(inner)) { IsOnEachStep = true };
        }

        return IsModel(className, config) ? new NestedModel(className, ReadModel(element)) : layers.Read(element);
    }

    private ModelInput ReadInput(JsonElement element, string name)
    {
        var config = element.Member("config");
        var dtype =
            config.Find("dtype") is { ValueKind: JsonValueKind.String } text ? text.GetString()!
            : config.Find("dtype")?.Find("config")?.Find("name") is { ValueKind: JsonValueKind.String } policy ? policy.GetString()!
            : "float32";
        var shape = InputLayer
            .ShapeKeys.Select(key => config.Find(key))
            .Select(found => found?.Find("items") ?? found)
            .FirstOrDefault(found => found?.ValueKind == JsonValueKind.Array);
        if (shape is null)
        {
            // Keras 1 may give the number of features alone.
            var width = generation.Major == 1 ? config.Find("input_dim") : null;
            return new ModelInput(name, width is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : null) { DType = dtype };
        }

        var axes = shape
            .Value.Items(MaximumAxes)
            .Select(axis => axis.ValueKind == JsonValueKind.Number ? (int?)axis.GetInt32() : null)
            .ToArray();
        return new ModelInput(name, axes is [_, .., var last] ? last : null)
        {
            HasTime = axes.Length > 2,
            Shape = axes is [] or [_, null, _] or [_, _] ? null : axes[1..],
            Batch = axes.Length > 0 ? axes[0] : null,
            DType = dtype,
        };
    }

    private static string ModelName(JsonElement config) =>
        config.Find("name") is { ValueKind: JsonValueKind.String } name ? name.GetString()! : "model";

    private static string NameOf(JsonElement element) =>
        element.Find("name") is { ValueKind: JsonValueKind.String } name ? name.GetString()!
            : element.Member("config").ValueKind == JsonValueKind.Object
            ? element.Member("config").Text("name") : element.Text("class_name");
}
