namespace LstmConvert.Tensors;

/// <summary>A variable that is not converted, and why.</summary>
/// <param name="Name">The variable's name.</param>
/// <param name="Reason">Why it is left out, as a phrase: <c>optimizer slot (Adam)</c>.</param>
public sealed record LeftOut(string Name, string Reason);

/// <summary>The variables of one source: names, dtypes and shapes; bytes on demand.</summary>
/// <param name="path">The source as the user typed it.</param>
/// <param name="format">What kind of source it is, as a noun: <c>V2 checkpoint</c>, <c>folder of .npy files</c>.</param>
/// <param name="tensors">The variables, in the source's own order.</param>
/// <param name="leftOut">Entries that hold no tensor that can be read (strings, iterators), each with its reason.</param>
/// <param name="files">The open files, closed with this set.</param>
public sealed class TensorSet(
    string path,
    string format,
    IReadOnlyList<Tensor> tensors,
    IReadOnlyList<LeftOut>? leftOut = null,
    IReadOnlyList<IDisposable>? files = null) : IDisposable
{
    private readonly Dictionary<string, Tensor> byName = ByName(tensors);
    private readonly Lazy<ObjectTree?> objects = new(() => null);

    /// <summary>The source as the user typed it.</summary>
    public string Path { get; } = path;

    /// <summary>What kind of source it is, as a noun.</summary>
    public string Format { get; } = format;

    /// <summary>The variables, in the source's own order.</summary>
    public IReadOnlyList<Tensor> Tensors { get; } = tensors;

    /// <summary>Entries that are no readable tensor, each with its reason.</summary>
    public IReadOnlyList<LeftOut> LeftOut { get; } = leftOut ?? [];

    /// <summary>Entries that hold no numbers (text, iterators); they are never converted, and checked like the others.</summary>
    public IReadOnlyList<Tensor> WithoutNumbers { get; init; } = [];

    /// <summary>What the file says of itself, as people read it: <c>2 shards, little-endian, version 1</c>; empty where there is
    /// nothing.</summary>
    public string Details { get; init; } = "";

    /// <summary>What a user should know about how the source was found: a stale path, a step that was chosen.</summary>
    public IReadOnlyList<string> Notes { get; internal set; } = [];

    /// <summary>The graph that lies beside the variables, or null.</summary>
    public string? GraphPath { get; init; }

    /// <summary>True for a graph whose variables are in no file that is there: it has a graph and no tensors.</summary>
    public bool IsGraphAlone => GraphPath is not null && Tensors.Count == 0 && WithoutNumbers.Count == 0 && LeftOut.Count == 0;

    /// <summary>Why values cannot be read, a sentence for each file that is missing or cut off; names and shapes are known all the
    /// same.</summary>
    public IReadOnlyList<string> MissingValues { get; init; } = [];

    /// <summary>The names that variables had in their program, by the names they have in the file, where a file keeps both (object-based
    /// checkpoints).</summary>
    public IReadOnlyDictionary<string, string> ProgramNames { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Configurations of Keras layers that the file holds, as JSON, by the path of the object.</summary>
    public IReadOnlyDictionary<string, string> LayerConfigurations { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What the file says of its cells, and what feeds each; empty where it says nothing.</summary>
    internal IReadOnlyList<StatedCell> StatedCells { get; init; } = [];

    /// <summary>
    /// The objects of the program that wrote the source, with their variables and what Keras says of them; null where none are stored.
    /// Read when it is first asked for.
    /// </summary>
    /// <exception cref="UnreadableInputException">What is stored is broken.</exception>
    internal ObjectTree? Objects => objects.Value;

    /// <summary>Reads <see cref="Objects"/>.</summary>
    internal Func<ObjectTree?> ObjectsFrom
    {
        init => objects = new Lazy<ObjectTree?>(value);
    }

    /// <summary>The variable of this name, or null.</summary>
    /// <param name="name">The name, without <c>:0</c>.</param>
    public Tensor? Find(string name) => byName.GetValueOrDefault(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in files ?? [])
        {
            file.Dispose();
        }
    }

    private static Dictionary<string, Tensor> ByName(IReadOnlyList<Tensor> tensors)
    {
        var result = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            result.TryAdd(tensor.Name, tensor);
        }

        return result;
    }
}
