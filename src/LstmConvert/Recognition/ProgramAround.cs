using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>What a program computes before and behind its recurrent layers, as far as Keras's own layers compute the same.</summary>
/// <param name="Before">For inputs of the source's model, by name: what the program makes them of.</param>
/// <param name="Outputs">What it computes of the layers' outputs; empty where nothing is known.</param>
/// <param name="Notes">What is not in it, as sentences.</param>
internal sealed record ProgramAround(
    IReadOnlyDictionary<string, AroundValue> Before,
    IReadOnlyList<AroundValue> Outputs,
    IReadOnlyList<string> Notes)
{
    /// <summary>A program of which the layers alone are known.</summary>
    public static ProgramAround None { get; } = new(new Dictionary<string, AroundValue>(StringComparer.Ordinal), [], []);

    /// <summary>The node of the graph that computes each output.</summary>
    public IReadOnlyList<string> OutputNodes { get; init; } = [];

    /// <summary>The node of the graph that an input of this name is, or null.</summary>
    /// <param name="name">The input's name.</param>
    public string? NodeOf(string name) =>
        Before
            .Values.Concat(Outputs)
            .SelectMany(value => value.All)
            .OfType<AroundValue.Given>()
            .FirstOrDefault(given => given.Name == name)
            ?.Tensor;

    /// <summary>True if it adds nothing.</summary>
    public bool IsEmpty => Before.Count == 0 && Outputs.Count == 0;
}

/// <summary>A Keras layer that stands around recurrent ones, its weights moved as they are.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Use">The layer.</param>
/// <param name="Variables">The variables of its weights, in the weights' order.</param>
internal sealed record AddedLayer(string Name, KerasUse Use, IReadOnlyList<Tensor> Variables)
{
    /// <summary>True if the first weight has the rows and columns of its variable exchanged.</summary>
    public bool IsTransposed { get; init; }
}

/// <summary>A value around recurrent layers. Values are compared by their identity: what is one value is one object.</summary>
internal abstract class AroundValue
{
    private AroundValue()
    {
    }

    /// <summary>The number of its features; null for numbers of rows.</summary>
    public int? Width { get; private init; }

    /// <summary>True if there is a time axis.</summary>
    public bool HasTime { get; private init; }

    /// <summary>It and all that it is computed from.</summary>
    public IEnumerable<AroundValue> All => this is Applied applied ? applied.From.SelectMany(one => one.All).Append(this) : [this];

    /// <summary>A value of the source's model.</summary>
    public sealed class OfSource : AroundValue
    {
        public OfSource(Port port, int width, bool hasTime) => (Port, Width, HasTime) = (port, width, hasTime);

        /// <summary>The port.</summary>
        public Port Port { get; }
    }

    /// <summary>What the program is given.</summary>
    public sealed class Given : AroundValue
    {
        public Given(string name, int? width, string tensor) => (Name, Width, HasTime, Tensor) = (name, width, true, tensor);

        /// <summary>The name of the input.</summary>
        public string Name { get; }

        /// <summary>The node of the graph.</summary>
        public string Tensor { get; }
    }

    /// <summary>What a layer makes of values.</summary>
    public sealed class Applied : AroundValue
    {
        public Applied(AddedLayer layer, IReadOnlyList<AroundValue> from, int? width) =>
            (Layer, From, Width, HasTime) = (layer, from, width, from[0].HasTime);

        /// <summary>The layer.</summary>
        public AddedLayer Layer { get; }

        /// <summary>The values.</summary>
        public IReadOnlyList<AroundValue> From { get; }
    }
}
