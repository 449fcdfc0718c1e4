using System.Text.Json;
using LstmConvert.Equations;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.KerasFiles;

/// <summary>A tensor of a configuration: which output of which call of which layer.</summary>
/// <param name="Layer">The layer's name.</param>
/// <param name="Node">The number of the call.</param>
/// <param name="Tensor">The number of the tensor: the outputs, then the final states.</param>
internal sealed record TensorReference(string Layer, int Node, int Tensor);

/// <summary>One call of a configuration.</summary>
/// <param name="Inputs">What it is called with.</param>
/// <param name="InitialStates">Initial states that are named as such.</param>
internal sealed record InboundNode(IReadOnlyList<TensorReference> Inputs, IReadOnlyList<TensorReference>? InitialStates)
{
    /// <summary>True if it is called with a mask by name.</summary>
    public bool HasMask { get; init; }

    /// <summary>Tensors that are given by other names.</summary>
    public IReadOnlyList<(string Name, TensorReference Tensor)> Keywords { get; init; } = [];

    /// <summary>What else it is called with, as JSON: by name, or by place where no name is given.</summary>
    public IReadOnlyList<(string? Name, JsonElement Value)> Literals { get; init; } = [];

    /// <summary>Every tensor that is read.</summary>
    public IEnumerable<TensorReference> Reads => Inputs.Concat(InitialStates ?? []).Concat(Keywords.Select(keyword => keyword.Tensor));
}

/// <summary>The calls of a functional configuration, and how their references become ports.</summary>
/// <param name="generation">The Keras that wrote it.</param>
internal sealed class InboundNodes(KerasGeneration generation)
{
    private const string KerasTensor = "__keras_tensor__";
    private const string InitialState = "initial_state";
    private const int MaximumReferences = 4_096;

    /// <summary>The number of a nested model's first call, between layers and among the outputs: of Keras 3, of Keras 2, of Keras 3 with a
    /// graph.</summary>
    private static readonly (int Between, int Last)[] FirstNumbers = [(0, 0), (1, 1), (0, 1)];

    private readonly Dictionary<string, (ICallable Callee, int Calls)> layers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> firstNode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> firstOutput = new(StringComparer.Ordinal);
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Layer, int Call), string> callNames = [];

    /// <summary>Reads one entry of <c>inbound_nodes</c>.</summary>
    /// <param name="entry">The entry.</param>
    public static InboundNode Read(JsonElement entry)
    {
        if (entry.ValueKind == JsonValueKind.Object)
        {
            var inputs = new List<TensorReference>();
            Collect(entry.Member("args"), inputs);
            var given = entry.Find("kwargs");
            var keywordsOfKeras3 = given is { } all ? Keywords(all) : [];
            return new InboundNode(inputs, given is { } arguments ? Named(arguments) : null)
            {
                HasMask = keywordsOfKeras3.Exists(keyword => keyword.Name == RecordedMasks.Mask),
                Keywords = keywordsOfKeras3,
                Literals = [.. LiteralsByPlace(entry.Member("args")), .. given is { } named ? LiteralsByName(named) : []],
            };
        }

        var references = entry.Items(MaximumReferences);
        var keywords = references
            .Where(one => one.ValueKind == JsonValueKind.Array && one.GetArrayLength() > 3)
            .Select(one => Named(one[3]))
            .FirstOrDefault(states => states is not null);
        var further = references.FirstOrDefault(one => one.ValueKind == JsonValueKind.Array && one.GetArrayLength() > 3);
        return new InboundNode(ReadReferences(entry), keywords)
        {
            Keywords = further.ValueKind == JsonValueKind.Array ? Keywords(further[3]) : [],
            Literals = further.ValueKind == JsonValueKind.Array ? [.. LiteralsByName(further[3])] : [],
        };
    }

    /// <summary>Reads a list of references, or one reference alone.</summary>
    /// <param name="element">The list.</param>
    public static IReadOnlyList<TensorReference> ReadReferences(JsonElement element)
    {
        var items = element.Items(MaximumReferences);
        return items is [{ ValueKind: JsonValueKind.String }, ..] ? [ReadReference(element)] : [.. items.Select(ReadReference)];
    }

    /// <summary>The outputs of a model.</summary>
    /// <param name="element">The list of references, or one reference alone.</param>
    /// <exception cref="UnsupportedModelException">They are given by name.</exception>
    public static IReadOnlyList<TensorReference> ReadOutputs(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object
            ? throw new UnsupportedModelException(
                $"The file's model gives its outputs by name ({string.Join(", ", element.EnumerateObject().Select(member => member.Name))}), and whole models with a list of outputs are written. Its weights convert.",
                [new OnlyRecurrentRemedy()])
            : ReadReferences(element);

    /// <summary>Takes a layer with the number of its calls.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="callee">The layer.</param>
    /// <param name="calls">The number of its calls.</param>
    public void Add(string name, ICallable callee, int calls)
    {
        if (!layers.TryAdd(name, (callee, calls)))
        {
            throw new UnsupportedModelException($"Two layers of the file's model are called {name}.");
        }

        names.Add(name);
    }

    /// <summary>Finds the number of each layer's first call: for a nested model Keras 2 counts the call by which it was made, Keras 3 does
    /// not, except among the outputs of the model around a nested graph. Every call is read by something, which tells them apart.</summary>
    /// <param name="references">Every reference between layers.</param>
    /// <param name="outputs">The model's outputs.</param>
    public void Number(IEnumerable<TensorReference> references, IReadOnlyList<TensorReference> outputs)
    {
        var between = references.ToLookup(reference => reference.Layer, reference => reference.Node, StringComparer.Ordinal);
        var last = outputs.ToLookup(reference => reference.Layer, reference => reference.Node, StringComparer.Ordinal);
        foreach (var (name, layer) in layers.Where(pair => pair.Value.Callee is NestedModel { IsOnEachStep: false }))
        {
            IEnumerable<int> Calls((int Between, int Last) first) =>
                between[name].Select(node => node - first.Between).Concat(last[name].Select(node => node - first.Last));
            var fitting = FirstNumbers.Where(first => Calls(first).All(call => call >= 0 && call < layer.Calls)).ToArray();
            (firstNode[name], firstOutput[name]) =
                fitting.Where(first => Calls(first).Distinct().Count() == layer.Calls).Concat(fitting).FirstOrDefault();
        }

        foreach (var (name, layer) in layers)
        {
            callNames[(name, 0)] = name;
            for (var call = 1; call < layer.Calls; call++)
            {
                var own = $"{name}:{call}";
                while (!names.Add(own))
                {
                    own += "'";
                }

                callNames[(name, call)] = own;
            }
        }
    }

    /// <summary>The call of an entry.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="callee">The layer.</param>
    /// <param name="node">The entry.</param>
    /// <param name="number">Its place among the layer's calls.</param>
    public Call Call(string name, ICallable callee, InboundNode node, int number)
    {
        // Keras 2 gives initial states as further inputs of a recurrent layer.
        var inputs = node.Inputs.Select(Port).ToArray();
        var states = node.InitialStates?.Select(Port).ToArray();
        if (callee is KerasUse { IsRecurrent: true } && states is null && inputs.Length > 1)
        {
            (inputs, states) = (inputs[..1], inputs[1..]);
        }

        return new Call(callNames[(name, number)], callee, inputs)
        {
            InitialStates = states,
            IgnoresMask = generation.Major >= 3 && node.InitialStates is not null && !node.HasMask,
            Keywords = [.. node.Keywords.Select(keyword => (keyword.Name, Port(keyword.Tensor)))],
        };
    }

    /// <summary>The port of a reference between layers.</summary>
    /// <param name="reference">The reference.</param>
    public Port Port(TensorReference reference) => Port(reference, firstNode);

    /// <summary>The port of an output of the model.</summary>
    /// <param name="reference">The reference.</param>
    public Port OutputPort(TensorReference reference) => Port(reference, firstOutput);

    private Port Port(TensorReference reference, Dictionary<string, int> first)
    {
        if (!layers.TryGetValue(reference.Layer, out var layer))
        {
            return new Port(reference.Layer) { Output = reference.Tensor };
        }

        var call = reference.Node - first.GetValueOrDefault(reference.Layer);
        var name = callNames.TryGetValue((reference.Layer, call), out var found) ? found
            : throw new UnsupportedModelException(
                $"The file's model reads call {reference.Node} of {reference.Layer}, which is called {layer.Calls} times.");
        return reference.Tensor < layer.Callee.OutputCount || layer.Callee is KerasUse { UnknownConfiguration: not null }
            ? new Port(name) { Output = reference.Tensor }
            : new Port(name, reference.Tensor - layer.Callee.OutputCount);
    }

    private static List<TensorReference>? Named(JsonElement arguments)
    {
        if (arguments.Find(InitialState) is not { ValueKind: JsonValueKind.Array or JsonValueKind.Object } states)
        {
            return null;
        }

        if (states.ValueKind == JsonValueKind.Array && states.EnumerateArray()
            .All(state => state.ValueKind == JsonValueKind.Array || state.ValueKind == JsonValueKind.String))
        {
            return [.. ReadReferences(states)];
        }

        var found = new List<TensorReference>();
        Collect(states, found);
        return found;
    }

    private static IEnumerable<(string? Name, JsonElement Value)> LiteralsByPlace(JsonElement arguments) =>
        arguments.ValueKind != JsonValueKind.Array ? []
            : arguments.EnumerateArray()
                .Where(one => one.ValueKind is not (JsonValueKind.Null or JsonValueKind.Array) && !IsTensor(one))
                .Select(one => ((string?)null, one));

    /// <summary>What no tensor is; nothing and <c>false</c> are what every argument of a call is without it.</summary>
    private static IEnumerable<(string? Name, JsonElement Value)> LiteralsByName(JsonElement arguments) =>
        arguments.ValueKind != JsonValueKind.Object ? []
            : arguments.EnumerateObject()
                .Where(member =>
                    member.Name != InitialState
                    && member.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)
                    && !IsTensor(member.Value))
                .Select(member => ((string?)member.Name, member.Value));

    private static bool IsTensor(JsonElement value) =>
        IsReference(value) || (value.Find("class_name") is { ValueKind: JsonValueKind.String } name && name.GetString() == KerasTensor);

    private static bool IsReference(JsonElement value) =>
        value is { ValueKind: JsonValueKind.Array } list
        && list.GetArrayLength() is 3 or 4
        && list[0].ValueKind == JsonValueKind.String
        && list[1].ValueKind == JsonValueKind.Number
        && list[1].TryGetInt32(out var node)
        && node >= 0;

    /// <summary>Tensors that are given by name: <c>[layer, node, tensor]</c> in Keras 2, an object in Keras 3.</summary>
    private static List<(string Name, TensorReference Tensor)> Keywords(JsonElement arguments)
    {
        var found = new List<(string, TensorReference)>();
        foreach (
            var member in arguments.ValueKind == JsonValueKind.Object
                ? arguments.EnumerateObject().Where(member => member.Name != InitialState)
                : [])
        {
            if (IsReference(member.Value))
            {
                found.Add((member.Name, ReadReference(member.Value)));
            }
            else if (IsTensor(member.Value))
            {
                found.Add((member.Name, ReadReference(member.Value.Member("config").Member("keras_history"))));
            }
        }

        return found;
    }

    /// <summary>The tensors of Keras 3 in arguments that may be lists of lists; the depth of the JSON bounds it.</summary>
    private static void Collect(JsonElement element, List<TensorReference> found)
    {
        if (found.Count > MaximumReferences)
        {
            throw new UnsupportedModelException($"A layer of the file's model has more than {MaximumReferences} inputs.");
        }

        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in element.EnumerateArray())
            {
                Collect(one, found);
            }
        }
        else if (element.Find("class_name") is { ValueKind: JsonValueKind.String } className && className.GetString() == KerasTensor)
        {
            found.Add(ReadReference(element.Member("config").Member("keras_history")));
        }
    }

    private static TensorReference ReadReference(JsonElement element)
    {
        var parts = element.Items(MaximumReferences);
        return parts is [
        { ValueKind: JsonValueKind.String } layer, { ValueKind: JsonValueKind.Number } node, { ValueKind: JsonValueKind.Number } tensor,
            ..]
            ? new TensorReference(layer.GetString()!, node.GetInt32(), tensor.GetInt32())
            : throw new UnsupportedModelException("The file's model calls a layer with something that no layer gives.");
    }
}
