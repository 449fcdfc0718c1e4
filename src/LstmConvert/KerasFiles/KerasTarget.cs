using LstmConvert.KerasLayers;

namespace LstmConvert.KerasFiles;

/// <summary>A format that models are written in.</summary>
/// <param name="Name">What it is called on the command line: <c>keras-weights</c>.</param>
/// <param name="Extension">The end of its files' names.</param>
public abstract record KerasTarget(string Name, string Extension)
{
    /// <summary>Every one.</summary>
    public static IReadOnlyList<KerasTarget> All { get; } = [new LegacyWeightsTarget(), new LegacyModelTarget(), new Keras3WeightsTarget(), new KerasArchiveTarget(), new NpzTarget()];

    /// <summary>The weights file that every Keras loads into layers of the same names.</summary>
    public static KerasTarget Default => All[0];

    /// <summary>True if it holds a model that <c>load_model</c> loads, not weights alone.</summary>
    public abstract bool IsWholeModel { get; }

    /// <summary>Why a file cannot have a name, as a sentence; null if it can. Kerases choose the loader by the name.</summary>
    /// <param name="path">The file.</param>
    public virtual string? Misnamed(string path) => path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? null
        : $"{path}: a file of this kind ({Name}) ends in {Extension}, by which Keras chooses its loader.";

    /// <summary>The format of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static KerasTarget Find(string name) => All.FirstOrDefault(target => target.Name == name)
        ?? throw new UsageException($"'{name}' is no format that is written. Known are {string.Join(", ", All.Select(target => target.Name))}.");

    /// <summary>The format that a file's name asks for.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UsageException">No format has that ending.</exception>
    public static KerasTarget ByName(string path) =>
        All.Where(target => path.EndsWith(target.Extension, StringComparison.OrdinalIgnoreCase)).MaxBy(target => target.Extension.Length)
            ?? throw new UsageException($"{path}: its ending names no format. Known are {string.Join(", ", All.Select(target => $"{target.Extension} ({target.Name})"))}.");

    /// <summary>Writes a file; nothing may lie there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The model.</param>
    /// <param name="stream">Passes the weights on.</param>
    internal abstract void Write(string path, WrittenModel model, WeightStream stream);

    /// <summary>The code that makes a model of a file of this kind.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file.</param>
    /// <param name="module">The module with the layers of ours; null where there are none.</param>
    internal virtual string KerasCode(Models.Model model, string path, LayerModule? module) =>
        IsWholeModel ? Models.KerasCode.Load(model, path, module) : Models.KerasCode.Write(model, path, module);

    /// <summary>Opens a file of this kind.</summary>
    /// <param name="path">The file.</param>
    internal virtual KerasFile Open(string path) => KerasFile.Open(path);
}
