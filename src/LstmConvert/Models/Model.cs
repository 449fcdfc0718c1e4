using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.Models;

/// <summary>Where a value comes from: an input of the model, or something that a call gives.</summary>
/// <param name="From">The name of the input or of the call.</param>
/// <param name="State">The number of a final state; null for an output.</param>
internal sealed record Port(string From, int? State = null)
{
    /// <summary>The number of the output, where a call has several.</summary>
    public int Output { get; init; }
}

/// <summary>An input of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Width">The number of features; null where that is not known.</param>
internal sealed record ModelInput(string Name, int? Width)
{
    /// <summary>True if there is a time axis.</summary>
    public bool HasTime { get; init; } = true;

    /// <summary>True if rows have lengths of their own.</summary>
    public bool HasLengths { get; init; }

    /// <summary>The lengths of its axes after the batch, null for any length; null where there are none but time (of any length) and
    /// features.</summary>
    public IReadOnlyList<int?>? Shape { get; init; }

    /// <summary>The number of rows, where the model is made for one number only.</summary>
    public int? Batch { get; init; }

    /// <summary>The type of its numbers, in Keras's words.</summary>
    public string DType { get; init; } = "float32";

    /// <summary>The lengths of its axes after the batch; null for any length.</summary>
    public IReadOnlyList<int?> Axes => Shape ?? (HasTime ? [null, Width] : [Width]);

    /// <summary>The tensor of the graph that this is, where one was found.</summary>
    public string? GraphTensor { get; init; }
}

/// <summary>One call of a model.</summary>
/// <param name="Name">Its name: the cell's scope, or the Keras layer's name. A later call of a layer that was called before has a name of
/// its own.</param>
/// <param name="Callee">What is called. Two calls of one object share its weights.</param>
/// <param name="Inputs">What it is called with, in order.</param>
internal sealed record Call(string Name, ICallable Callee, IReadOnlyList<Port> Inputs)
{
    /// <summary>What its states start from, in their order; null for zeros (or for what a sample gives).</summary>
    public IReadOnlyList<Port>? InitialStates { get; init; }

    /// <summary>What it is called with by name: an attention layer's <c>value</c>.</summary>
    public IReadOnlyList<(string Name, Port Port)> Keywords { get; init; } = [];

    /// <summary>True where a loop walks every step though what it reads has a mask, which goes on with the output: Keras 3 looks for the
    /// mask of a call that is given one tensor, and initial states are further ones (keras 3.15.1 src/layers/layer.py
    /// <c>__call__</c>).</summary>
    public bool IgnoresMask { get; init; }

    /// <summary>What says that it is fed so.</summary>
    public Evidence? Evidence { get; init; }

    /// <summary>The tensor of the graph that its output is, where one was found.</summary>
    public string? GraphTensor { get; init; }

    /// <summary>Every port that it reads, in the order in which Keras walks over what a call is given.</summary>
    public IEnumerable<Port> Reads => Inputs
        .Concat(InitialStates ?? [])
        .Concat(Keywords.OrderBy(keyword => keyword.Name, StringComparer.Ordinal).Select(keyword => keyword.Port));
}

/// <summary>Something that is called once or several times with the same weights.</summary>
/// <param name="Name">The name of its first call, which is the layer's.</param>
/// <param name="Callee">What is called.</param>
/// <param name="Calls">Its calls in order.</param>
internal sealed record CalledLayer(string Name, ICallable Callee, IReadOnlyList<Call> Calls);

/// <summary>A directed graph of calls without cycles: the program of the source, or a Keras model.</summary>
/// <param name="Inputs">Its inputs.</param>
/// <param name="Calls">The calls, each after what feeds it.</param>
/// <param name="Outputs">What it gives, in order.</param>
internal sealed record Model(IReadOnlyList<ModelInput> Inputs, IReadOnlyList<Call> Calls, IReadOnlyList<Port> Outputs)
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "model";

    /// <summary>True if it is a Sequential in Keras: one input, and each layer reads the one before it.</summary>
    public bool IsSequential { get; init; }

    /// <summary>What is called, in the order of the first calls.</summary>
    public IReadOnlyList<CalledLayer> Layers =>
        [.. Calls.GroupBy(call => call.Callee, ReferenceEqualityComparer.Instance)
            .Select(group => new CalledLayer(group.First().Name, group.First().Callee, [.. group]))];

    /// <summary>The call of this name.</summary>
    /// <param name="name">The name.</param>
    public Call? Find(string name) => Calls.FirstOrDefault(call => call.Name == name);

    /// <summary>The same model with other names of calls.</summary>
    /// <param name="name">The new name of each.</param>
    public Model Renamed(Func<string, string> name)
    {
        Port Changed(Port port) => port with { From = name(port.From) };
        return this with
        {
            Calls =
            [
                .. Calls.Select(call => call with
                {
                    Name = name(call.Name),
                    Inputs = [.. call.Inputs.Select(Changed)],
                    InitialStates = call.InitialStates is { } states ? [.. states.Select(Changed)] : null,
                    Keywords = [.. call.Keywords.Select(keyword => (keyword.Name, Changed(keyword.Port)))],
                }),
            ],
            Outputs = [.. Outputs.Select(Changed)],
        };
    }

    /// <summary>The calls that a port's value goes into.</summary>
    /// <param name="name">The name of the input or of the call.</param>
    public IEnumerable<Call> Readers(string name) => Calls.Where(call => call.Inputs.Any(port => port.From == name));

    /// <summary>The same model with other callees; two calls of one object stay calls of one.</summary>
    /// <param name="change">Gives the callee in place of one.</param>
    public Model With(Func<CalledLayer, ICallable> change)
    {
        var changed = new Dictionary<ICallable, ICallable>(ReferenceEqualityComparer.Instance);
        foreach (var layer in Layers)
        {
            changed[layer.Callee] = change(layer);
        }

        return this with { Calls = [.. Calls.Select(call => call with { Callee = changed[call.Callee] })] };
    }
}
