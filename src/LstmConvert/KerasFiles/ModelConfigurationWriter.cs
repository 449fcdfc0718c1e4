using System.Text.Json;
using System.Text.Json.Nodes;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.KerasFiles;

/// <summary>
/// Writes the configuration of a Keras model (<see cref="ModelConfiguration"/> shows it). Calls stand in Keras 2's form, which Keras 3
/// reads too; a
/// call with initial states or with tensors by name has only Keras 3's form.
/// </summary>
internal sealed class ModelConfigurationWriter
{
    private const string ModuleOfLayers = "keras.layers";

    /// <summary>Settings that old Kerases do not know, with the value at which they say what every Keras does.</summary>
    private static readonly Dictionary<string, string> Neutral = new(StringComparer.Ordinal)
    {
        ["groups"] = "1",
        ["keepdims"] = "false",
        ["time_major"] = "false",
        ["seed"] = "null",
        ["noise_shape"] = "null",
        ["sparse"] = "false",
        ["causal"] = "false",
        ["cropping"] = "null",
        ["synchronized"] = "false",
        ["renorm"] = "false",
        ["fused"] = "null",
        ["virtual_batch_size"] = "null",
        ["lora_rank"] = "null",
        ["quantization_config"] = "null",
        ["optional"] = "false",
        ["value_range"] = "null",
    };

    private readonly KerasSpelling spelling;

    private readonly IReadOnlyDictionary<Call, MaskOrigin> masks;

    private ModelConfigurationWriter(KerasSpelling spelling, Model model) => (this.spelling, masks) =
        (spelling, spelling == KerasSpelling.Ours || spelling == KerasSpelling.Browser
            ? new Dictionary<Call, MaskOrigin>() : NamedMasks.Of(model));

    /// <summary>The JSON of a model as our own files hold it: every model is a graph of layers there.</summary>
    /// <param name="model">The model: calls of Keras layers and of nested models.</param>
    /// <param name="name">The model's name.</param>
    /// <exception cref="ArgumentException">It calls something else.</exception>
    public static string Write(Model model, string name = "model") =>
        Write(model with { Name = name, IsSequential = false }, KerasSpelling.Ours);

    /// <summary>The JSON of a model.</summary>
    /// <param name="model">The model: calls of Keras layers and of nested models.</param>
    /// <param name="spelling">The form.</param>
    /// <exception cref="ArgumentException">It calls something else.</exception>
    public static string Write(Model model, KerasSpelling spelling) => new ModelConfigurationWriter(spelling, model).OfModel(model).ToJsonString();

    /// <summary>True if only Keras 3 has a form for a model: states that one layer hands to another, tensors by name, models in models, its
    /// own activations.</summary>
    /// <param name="model">The model.</param>
    public static bool NeedsKeras3(Model model) =>
        model.Calls.Any(call => HasArguments(call) || call.Callee is NestedModel)
        || StoredWeights.Leaves(model).Any(leaf => NeedsKeras3(leaf.Use));

    private static bool NeedsKeras3(KerasUse use) => use.Inner.Any(NeedsKeras3) || use.Layer.Arguments.Any(argument =>
        argument.IsActivation && use[argument.Name].Text is { } name && Activations.Find(name) is { Keras2: null });

    private JsonObject OfModel(Model model)
    {
        var written = new JsonObject
        {
            ["class_name"] =
                model.IsSequential ? ModelClasses.Sequential
                : spelling == KerasSpelling.Ours ? ModelClasses.Functional
                : ModelClasses.Model,
        };
        written["config"] = model.IsSequential ? Sequential(model) : Functional(model);
        if (spelling.HasModules)
        {
            written["module"] = "keras";
            written["registered_name"] = null;
        }

        return written;
    }

    private JsonObject Sequential(Model model) => new()
    {
        ["name"] = model.Name,
        ["layers"] = new JsonArray(
            [Input(model.Inputs[0]), .. model.Calls.Select(call => (JsonNode)WithOneOutput(Layer(call.Callee, call.Name)))]),
    };

    /// <summary>A nested graph that is called by something that takes one tensor: Keras 3 gives it a list of one where the configuration
    /// has a list of one, and reads the reference alone.</summary>
    private JsonObject WithOneOutput(JsonObject written)
    {
        if (written["config"] is JsonObject config
            && spelling != KerasSpelling.Ours
            && spelling != KerasSpelling.Browser
            && config["output_layers"] is JsonArray { Count: 1 } outputs)
        {
            config["output_layers"] = outputs[0]!.DeepClone();
        }

        return written;
    }

    private JsonObject Functional(Model model)
    {
        var places = model.Layers.SelectMany(layer => layer.Calls.Select((call, k) => (call.Name, Place: (layer, k))))
            .ToDictionary(pair => pair.Name, pair => pair.Place, StringComparer.Ordinal);
        var layers = new JsonArray();
        foreach (var input in model.Inputs)
        {
            var written = Input(input);
            written["name"] = input.Name;
            written["inbound_nodes"] = new JsonArray();
            layers.Add((JsonNode)written);
        }

        foreach (var layer in model.Layers)
        {
            var written = Layer(layer.Callee, layer.Name);
            written["name"] = layer.Name;
            written["inbound_nodes"] = new JsonArray([.. layer.Calls.Select(call => (JsonNode)Node(call, places))]);
            foreach (var call in layer.Calls.Where(masks.ContainsKey))
            {
                NamedMasks.Operations(masks[call], MaskName(call), port => Tensor(port, places)).ToList().ForEach(layers.Add);
            }

            layers.Add((JsonNode)written);
        }

        return new JsonObject
        {
            ["name"] = model.Name,
            ["layers"] = layers,
            ["input_layers"] = new JsonArray([.. model.Inputs.Select(input => (JsonNode)Reference(new Port(input.Name), places))]),
            ["output_layers"] = new JsonArray([.. model.Outputs.Select(port => (JsonNode)OutputReference(port, places))]),
        };
    }

    /// <summary>An input as Keras 2 and 3 read it. The shape has a row for each sample first.</summary>
    private JsonObject Input(ModelInput input)
    {
        var config = new JsonObject
        {
            ["name"] = input.Name,
            [InputLayer.ShapeKeys[0]] = new JsonArray([(JsonNode?)input.Batch, .. input.Axes.Select(length => (JsonNode?)length)]),
            ["dtype"] =
                spelling != KerasSpelling.Browser ? input.DType
                : input.DType.StartsWith("int", StringComparison.Ordinal) ? "int32"
                : "float32",
        };
        return With(InputLayer.ClassName, config, isInner: false);
    }

    private JsonObject Layer(ICallable callee, string name)
    {
        if (callee is NestedModel { IsOnEachStep: true } distributed)
        {
            var inner = WithOneOutput(Layer(distributed with { IsOnEachStep = false }, distributed.Model.Name));
            return With(
                TimeDistributed.Definition.ClassName,
                new JsonObject { ["name"] = name, [TimeDistributed.Layer] = inner },
                isInner: false);
        }

        if (callee is NestedModel nested)
        {
            var written = OfModel(nested.Model with { Name = name });
            if (spelling == KerasSpelling.Browser)
            {
                return written;
            }

            if (!nested.Model.IsSequential && spelling != KerasSpelling.Ours)
            {
                // Below another model only this name is found, by Keras 3.
                written["class_name"] = ModelClasses.Functional;
                written["module"] = ModelClasses.FunctionalModule;
                written["registered_name"] = null;
            }
            else if (spelling != KerasSpelling.Ours)
            {
                written["module"] = "keras";
                written["registered_name"] = null;
            }

            return written;
        }

        var use = callee as KerasUse ?? throw new ArgumentException($"{name} is {callee.ClassName}, which is no Keras layer.");
        return Use(use, name, isInner: false);
    }

    private JsonObject Use(KerasUse use, string name, bool isInner)
    {
        if (use.UnknownConfiguration is { } raw)
        {
            return With(use.ClassName, JsonNode.Parse(raw)?.AsObject() ?? [], isInner);
        }

        var config = new JsonObject { ["name"] = name };
        foreach (
            var (key, value) in use.Further.Where(pair =>
                !(Neutral.TryGetValue(pair.Key, out var neutral) && neutral == pair.Value)
                && (spelling != KerasSpelling.Browser || pair.Key != "dtype")))
        {
            config[key] = JsonNode.Parse(value, documentOptions: new JsonDocumentOptions { MaxDepth = ModelConfiguration.MaximumDepth });
        }

        foreach (
            var argument in use.Layer.Arguments.Where(argument =>
                (!argument.IsNeverWritten || spelling == KerasSpelling.Ours)
                && !argument.IsOfCall
                && use[argument.Name] is var value
                && value != argument.LeftOutIf
                && !(value.IsNone && argument.Default.IsNone)))
        {
            config[spelling == KerasSpelling.Browser && argument.NameInBrowser is { } other ? other : argument.Name] = Value(
                argument,
                use[argument.Name],
                use);
        }

        foreach (var inner in use.Layer.Inner(use))
        {
            var layers = inner
                .Layers.Select(one => (JsonNode)Use(one, one.Name.Length > 0 ? one.Name : one.Layer.SnakeName, isInner: true))
                .ToArray();
            config[inner.Key] = inner.IsList ? new JsonArray(layers) : layers.Single();
        }

        return With(use.ClassName, config, isInner);
    }

    /// <summary>Keras finds a layer of ours under its registered name, once its module was imported.</summary>
    private JsonObject With(string className, JsonObject config, bool isInner)
    {
        var registered = KerasLayerCatalog.Find(className)?.RegisteredName;
        var written = new JsonObject { ["class_name"] = className, ["config"] = config };
        if (spelling.HasModules || ((isInner || LosesAxis(config)) && spelling != KerasSpelling.Ours && spelling != KerasSpelling.Browser))
        {
            written["module"] = registered is null ? ModuleOfLayers : null;
            written["registered_name"] = registered;
        }

        return written;
    }

    /// <summary>True for several axes, which Keras 3 drops from a layer without a module (keras 3.15.1
    /// src/legacy/saving/saving_utils.py <c>model_from_config</c>).</summary>
    private static bool LosesAxis(JsonObject config) => config["axis"] is JsonArray { Count: > 1 };

    private JsonNode? Value(ArgumentDefinition argument, FactValue value, KerasUse use)
    {
        if (argument.IsActivation && value.Text is { } name && Activations.Find(name) is { } activation)
        {
            return spelling.NameOf(activation) is { } own ? own
                : spelling != KerasSpelling.Browser && ActivationLayers.Of(name) is { } layer
                    ? Use(layer, layer.Layer.SnakeName, isInner: true)
                : throw new UnsupportedModelException(
                    $"{use.ClassName} has {argument.Name}={activation.Name}, for which no Keras has a name. Convert the weights alone, and give the layer the function in code."
                );
        }

        return value.Number is { } number
            ? double.IsInteger(number) && Math.Abs(number) <= int.MaxValue ? JsonValue.Create((long)number) : JsonValue.Create(number)
            : value.IsJson ? JsonNode.Parse(value.Text!) : value.ToJson();
    }

    private JsonNode Node(Call call, Dictionary<string, (CalledLayer Layer, int Call)> places)
    {
        if (spelling == KerasSpelling.Browser || !HasArguments(call))
        {
            return new JsonArray([.. call.Inputs.Concat(call.InitialStates ?? []).Select(port =>
            {
                var reference = Reference(port, places);
                reference.Add((JsonNode)new JsonObject());
                return (JsonNode)reference;
            })]);
        }

        var keywords = new JsonObject(
            call.Keywords.Select(keyword => KeyValuePair.Create<string, JsonNode?>(keyword.Name, Tensor(keyword.Port, places))));
        if (call.InitialStates is { } states)
        {
            keywords["initial_state"] = new JsonArray([.. states.Select(port => (JsonNode)Tensor(port, places))]);
        }

        if (masks.ContainsKey(call))
        {
            keywords[RecordedMasks.Mask] = Tensor(new Port(MaskName(call)), places);
        }

        foreach (var argument in OfCall(call).Where(argument => ((KerasUse)call.Callee).Is(argument.Name)))
        {
            keywords[argument.Name] = true;
        }

        // Inputs are a list, unless the layer takes each as an argument of its own.
        var inputs = call.Inputs.Select(port => (JsonNode)Tensor(port, places)).ToArray();
        return new JsonObject
        {
            ["args"] = inputs.Length > 1 && call.Callee is KerasUse { Layer.InputNames: null, IsRecurrent: false }
                ? new JsonArray((JsonNode)new JsonArray(inputs))
                : new JsonArray(inputs),
            ["kwargs"] = keywords,
        };
    }

    private static string MaskName(Call call) => $"mask_of_{call.Name}";

    /// <summary>True if a call has more than a list of inputs: only Keras 3 has one form for all of that.</summary>
    private static bool HasArguments(Call call) =>
        call.InitialStates is not null
        || call.Keywords.Count > 0
        || (call.Callee is KerasUse use && (use.Layer.InputNames is not null || OfCall(call).Any(argument => use.Is(argument.Name))));

    private static IEnumerable<ArgumentDefinition> OfCall(Call call) =>
        call.Callee is KerasUse use ? use.Layer.Arguments.Where(argument => argument.IsOfCall) : [];

    /// <summary>A tensor as Keras 3 writes it; the shape is not read.</summary>
    private JsonObject Tensor(Port port, Dictionary<string, (CalledLayer Layer, int Call)> places) =>
        new()
        {
            ["class_name"] = "__keras_tensor__",
            ["config"] = new JsonObject
            {
                ["shape"] = new JsonArray(null, null, null),
                ["dtype"] = "float32",
                ["keras_history"] = Reference(port, places),
            },
        };

    /// <summary>Keras 3 takes one from the number of a nested graph's call among the outputs, and nowhere else: Keras 2 counts the call by
    /// which it was made.</summary>
    private JsonArray OutputReference(Port port, Dictionary<string, (CalledLayer Layer, int Call)> places)
    {
        var reference = Reference(port, places);
        if (
            spelling != KerasSpelling.Ours
            && spelling != KerasSpelling.Browser
            && places.TryGetValue(port.From, out var place)
            && place.Layer.Callee is NestedModel { Model.IsSequential: false })
        {
            reference[1] = place.Call + 1;
        }

        return reference;
    }

    private JsonArray Reference(Port port, Dictionary<string, (CalledLayer Layer, int Call)> places)
    {
        var isInput = !places.TryGetValue(port.From, out var place);
        var tensor = port.State is { } state ? place.Layer.Callee.OutputCount + state : port.Output;

        // TensorFlow.js counts the call by which a nested model was made, wherever it is read.
        var first = spelling == KerasSpelling.Browser && !isInput && place.Layer.Callee is NestedModel ? 1 : 0;
        return new JsonArray(isInput ? port.From : place.Layer.Name, isInput ? 0 : place.Call + first, tensor);
    }
}
