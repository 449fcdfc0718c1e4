using LstmConvert.Equations;
using LstmConvert.Files;
using LstmConvert.KerasLayers;

namespace LstmConvert.KerasFiles;

/// <summary>A format that models are written in.</summary>
/// <param name="Name">What it is called on the command line: <c>keras-weights</c>.</param>
/// <param name="Extension">The end of its files' names.</param>
public abstract record KerasTarget(string Name, string Extension)
{
    /// <summary>Every one.</summary>
    public static IReadOnlyList<KerasTarget> All { get; } =
    [
        new LegacyWeightsTarget(),
        new LegacyModelTarget(),
        new Keras3WeightsTarget(),
        new KerasArchiveTarget(),
        new NpzTarget(),
        new BrowserTarget(),
    ];

    /// <summary>The weights file that every Keras loads into layers of the same names.</summary>
    public static KerasTarget Default => All[0];

    /// <summary>True if it holds a model that <c>load_model</c> loads, not weights alone.</summary>
    public abstract bool IsWholeModel { get; }

    /// <summary>True if a folder is written.</summary>
    public virtual bool IsFolder => false;

    /// <summary>What loads it, by name.</summary>
    public virtual string Loader => "Keras";

    /// <summary>Words for messages: empty for Keras.</summary>
    internal string ForWhom => Loader == Default.Loader ? "" : $" for {Loader}";

    /// <summary>True if both directions repeat the last output at masked steps, as no Keras since TensorFlow 2 does.</summary>
    internal virtual bool RepeatsMasked => false;

    /// <summary>What a name means by the activation that changed from Keras 2 to Keras 3.</summary>
    internal virtual Activation HardSigmoid => Activations.HardSigmoid3;

    /// <summary>Why a file cannot have a name, as a sentence; null if it can. Kerases choose the loader by the name.</summary>
    /// <param name="path">The file.</param>
    public virtual string? Misnamed(string path) => path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? null
        : $"{path}: a file of this kind ({Name}) ends in {Extension}, by which Keras chooses its loader.";

    /// <summary>The format of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static KerasTarget Find(string name) =>
        All.FirstOrDefault(target => target.Name == name)
        ?? throw new UsageException(
            $"'{name}' is no format that is written. Known are {string.Join(", ", All.Select(target => target.Name))}.");

    /// <summary>The format that a file's name asks for.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UsageException">No format has that ending.</exception>
    public static KerasTarget ByName(string path) =>
        All.Where(target => !target.IsFolder && path.EndsWith(target.Extension, StringComparison.OrdinalIgnoreCase))
            .MaxBy(target => target.Extension.Length)
        ?? throw new UsageException(
            $"{path}: its ending names no format. Known are {string.Join(", ", All.Where(target => !target.IsFolder).Select(target => $"{target.Extension} ({target.Name})"))}."
        );

    /// <summary>The name of a result whose name was not given.</summary>
    /// <param name="source">The source's name.</param>
    public virtual string DefaultName(string source) => source + Extension;

    /// <summary>Refuses a target that exists, before any work is done.</summary>
    /// <param name="path">The target.</param>
    /// <param name="overwrite">True allows an earlier result.</param>
    /// <exception cref="OutputException">It exists, or is nothing that may be replaced.</exception>
    public virtual void CheckPlace(string path, bool overwrite) => OutputFile.Check(path, overwrite);

    /// <summary>The files that would be replaced: none of them may be one that is read.</summary>
    /// <param name="path">The target.</param>
    public virtual IReadOnlyList<string> FilesAt(string path) => [path];

    /// <summary>Why a model cannot be written, as phrases; empty if it can.</summary>
    /// <param name="model">The model.</param>
    internal virtual IReadOnlyList<string> Obstacles(Models.Model model) => IsWholeModel ? TodaysKeras.Obstacles(model) : [];

    /// <summary>Gives what is written its name when it is complete.</summary>
    /// <typeparam name="T">What writing gives.</typeparam>
    /// <param name="path">The target.</param>
    /// <param name="overwrite">True replaces an earlier result.</param>
    /// <param name="write">Writes and checks what lies at this path.</param>
    internal virtual T Place<T>(string path, bool overwrite, Func<string, T> write) => OutputFile.Write(path, overwrite, write);

    /// <summary>The size of what was written, in bytes.</summary>
    /// <param name="path">Where it lies.</param>
    internal virtual long Length(string path) => new FileInfo(path).Length;

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
