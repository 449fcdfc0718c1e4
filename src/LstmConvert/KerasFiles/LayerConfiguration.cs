using System.Text.Json;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;

namespace LstmConvert.KerasFiles;

/// <summary>Reads the configuration of one layer, in the spelling of the Keras that wrote it.</summary>
/// <param name="generation">The Keras that wrote it.</param>
internal sealed partial class LayerConfiguration(KerasGeneration generation)
{
    private const int MaximumInner = 1_024;
    private const string Tuple = "__tuple__";

    /// <summary>
    /// Keys that no Keras needs again: where the name and the input's shape stand otherwise, and how to compute, not what. An unrolled
    /// layer is one
    /// of those in Keras 2; in Keras 3 (3.15.1, its rnn of every backend but TensorFlow's) it repeats outputs at masked steps where a loop
    /// puts zeros.
    /// </summary>
    private static readonly HashSet<string> Spent = new(StringComparer.Ordinal)
    {
        "name",
        "batch_input_shape",
        "batch_shape",
        "input_shape",
        "input_dtype",
        "input_length",
        "ragged",
        "autocast",
        "implementation",
        "unroll",
        "build_config",
        "shared_object_id",
    };

    /// <summary>Reads a layer; one whose class is not known keeps its place and its configuration.</summary>
    /// <param name="element"><c>{"class_name", "config"}</c>.</param>
    public KerasUse Read(JsonElement element)
    {
        var (className, config) = (element.Text("class_name"), element.Member("config"));
        if (Owner(element, className) is { } owner)
        {
            return UnknownLayer.Of(owner, config.GetRawText());
        }

        if (
            KerasLayerCatalog.Find(className) is not { } layer
            || config.ValueKind != JsonValueKind.Object
            || (layer.Needs is { } key && Value(config, layer.Arguments.First(argument => argument.Name == key)) is null))
        {
            return UnknownLayer.Of(className, config.GetRawText());
        }

        var arguments = new Dictionary<string, FactValue>(StringComparer.Ordinal);
        foreach (var argument in layer.Arguments)
        {
            if (Value(config, argument) is { } value)
            {
                arguments[argument.Name] = value;
            }
        }

        var name = config.Find("name") is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
        var use = new KerasUse(layer, arguments)
        {
            Name = name,
            Further = generation.Major == 1 ? new Dictionary<string, string>(StringComparer.Ordinal) : Further(config, layer),
        };
        if (layer.InnerKeys.Count > 0)
        {
            var inner = layer.InnerKeys.Select(key => (Key: key, Value: config.Find(key)))
                .Where(pair => pair.Value is { ValueKind: JsonValueKind.Object or JsonValueKind.Array })
                .ToDictionary(pair => pair.Key, pair => ReadInner(pair.Value!.Value), StringComparer.Ordinal);
            use = inner.TryGetValue(layer.InnerKeys[0], out var first) && first.Count > 0 ? layer.WithInner(use, inner)
                : throw new UnreadableInputException(
                    $"The model's configuration has a {className} without {layer.InnerKeys[0]}. The file is damaged.");
        }

        if (generation.Major < 3 && layer == TimeDistributed.Definition && use.Inner is [var each] && each.Layer.MakesMask(each))
        {
            throw new UnsupportedModelException(
                $"{name} is {className} around {each.ClassName}, which masks steps inside of steps: Keras 3 drops such masks. Its weights convert; the code around them must be written again.",
                [new OnlyRecurrentRemedy()]);
        }

        var successor = layer.Successor(generation.RepeatsMasked ? Bidirectional.RepeatingMasked(use) : use);
        return generation.Major < 3 && !generation.IsOurs ? Merging.WithoutMasks(successor) : successor;
    }

    /// <summary>
    /// What a configuration says beside the arguments that are known: it is kept as it is. What a weight began with and what held it
    /// while it was trained changes nothing in a model that has weights, and each Keras spells it in its own way.
    /// </summary>
    private static Dictionary<string, string> Further(JsonElement config, KerasLayer layer)
    {
        var further = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in config.EnumerateObject())
        {
            if (
                !Spent.Contains(member.Name)
                && !OfTraining().IsMatch(member.Name)
                && !layer.InnerKeys.Contains(member.Name)
                && !layer.Arguments.Any(argument =>
                    argument.Name == member.Name || argument.NamesInKeras1.Any(way => way.Contains(member.Name))))
            {
                further[member.Name] = Plain(member.Value);
            }
        }

        return further;
    }

    /// <summary>A value in the form that every Keras takes: a policy as the name of its type, a tuple as a list, a list of one axis as the
    /// axis.</summary>
    private static string Plain(JsonElement value) =>
        value switch
        {
            { ValueKind: JsonValueKind.Object }
                when value.Find("class_name") is { ValueKind: JsonValueKind.String } name
                    && name.GetString() == Tuple
                    && value.Find("items") is { } items => items.GetRawText(),
            { ValueKind: JsonValueKind.Object }
                when value.Find("class_name") is { ValueKind: JsonValueKind.String }
                    && value.Find("config") is { ValueKind: JsonValueKind.Object } config
                    && config.Find("name") is { ValueKind: JsonValueKind.String } policy
                    && config.EnumerateObject().Count() <= 2 => policy.GetRawText(),
            _ => value.GetRawText(),
        };

    [System.Text.RegularExpressions.GeneratedRegex(
        "_(initializer|regularizer|constraint)$",
        System.Text.RegularExpressions.RegexOptions.ExplicitCapture)]
    private static partial System.Text.RegularExpressions.Regex OfTraining();

    /// <summary>The full name of a class of the user's own; null for Keras's. A class's name alone is no proof.</summary>
    private static string? Owner(JsonElement element, string className) =>
        element.Find("registered_name") is { ValueKind: JsonValueKind.String } registered && registered.GetString() is { } full
            && full != className ? (full == KerasLayerCatalog.Find(className)?.RegisteredName ? null : full)
        : element.Find("module") is { ValueKind: JsonValueKind.String } module
            && module.GetString()!.Split('.')[0] is not ("keras" or "tensorflow" or "tf_keras") ? $"{module.GetString()}.{className}"
        : null;

    private IReadOnlyList<KerasUse> ReadInner(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.Items(MaximumInner).Select(Read)] : [Read(element)];

    /// <summary>The value of an argument, by its name or by the one that it had in Keras 1; null where the configuration says nothing of
    /// it.</summary>
    private FactValue? Value(JsonElement config, ArgumentDefinition argument)
    {
        if (config.Find(argument.Name) is { } value)
        {
            return argument.IsActivation ? ReadActivation(value) : argument.IsOneOfList ? ReadValue(One(value)) : ReadValue(value);
        }

        foreach (var way in argument.NamesInKeras1)
        {
            var found = way.Select(name => config.Find(name)).OfType<JsonElement>().ToArray();
            if (found.Length == way.Count)
            {
                return found is not [var one] ? FactValue.OfJson($"[{string.Join(',', found.Select(element => element.GetRawText()))}]")
                    : argument.IsActivation ? ReadActivation(one)
                    : ReadValue(one) is { Text: { } text } && argument.WordsInKeras1?.TryGetValue(text, out var word) == true
                        ? FactValue.Of(word)
                    : argument.IsOneOfList ? ReadValue(One(one))
                    : ReadValue(one);
            }
        }

        return null;
    }

    /// <summary>An activation by the name that this program has for it: one name may mean two functions in two Kerases.</summary>
    private FactValue ReadActivation(JsonElement element)
    {
        if (element.Find("class_name") is { ValueKind: JsonValueKind.String } className
            && element.Find("config") is { ValueKind: JsonValueKind.Object })
        {
            return FactValue.Of(ActivationOf(className.GetString()!, element));
        }

        var value = ReadValue(element);
        return value.Text is not { } name ? value : FactValue.Of(Activations.ByKeras(name, generation.Major)?.Name ?? name);
    }

    /// <summary>A layer in place of an activation's name: the name that this program has for its function, or, where none is known, a name
    /// that no activation has.</summary>
    private string ActivationOf(string className, JsonElement element)
    {
        var use = Owner(element, className) is null && KerasLayerCatalog.Find(className)?.AsActivation is not null ? Read(element) : null;
        return use?.Layer.AsActivation!(use)?.Name ?? (Activations.Find(className) is null ? className : $"{className} with settings");
    }

    /// <summary>The element of a list of one: TensorFlow writes the axis of a normalization so.</summary>
    private static JsonElement One(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1 ? value[0] : value;

    private static FactValue ReadValue(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => FactValue.Of(element.GetDouble()),
        JsonValueKind.True => FactValue.Of(true),
        JsonValueKind.False => FactValue.Of(false),
        JsonValueKind.String => FactValue.Of(element.GetString()!),
        JsonValueKind.Null or JsonValueKind.Undefined => FactValue.None,

        JsonValueKind.Object
            when element.Find("class_name") is { ValueKind: JsonValueKind.String } name
                && name.GetString() == Tuple
                && element.Find("items") is { } items => ReadValue(items),

        // A function in place of a name: {"class_name": "function", "config": "tanh"}.
        JsonValueKind.Object when element.Find("config") is { ValueKind: JsonValueKind.String } name => FactValue.Of(name.GetString()!),
        JsonValueKind.Object when element.Find("class_name") is { ValueKind: JsonValueKind.String } name => FactValue.Of(name.GetString()!),
        _ => FactValue.OfJson(Plain(element)),
    };
}
