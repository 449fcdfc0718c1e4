using LstmConvert.Formats;
using LstmConvert.Models;

namespace LstmConvert.KerasFiles;

/// <summary>A file that Keras, or this program, wrote: layers with weights, and the model where the file describes one.</summary>
/// <param name="path">The path as the user typed it.</param>
internal abstract class KerasFile(string path) : IDisposable
{
    /// <summary>The path as the user typed it.</summary>
    public string Path { get; } = path;

    /// <summary>What kind of file it is, as a noun.</summary>
    public abstract string Format { get; }

    /// <summary>The layers with weights and provenance, in the file's order.</summary>
    public abstract IReadOnlyList<KerasFileLayer> Layers { get; }

    /// <summary>The version of Keras that the file names, or null: Keras 1 names none.</summary>
    public abstract string? KerasVersion { get; }

    /// <summary>True if the file describes a model, which can be run.</summary>
    public abstract bool HasModel { get; }

    /// <summary>The datasets that no layer has, by their paths, known when the model was read: Keras leaves them alone where it loads the
    /// file.</summary>
    public virtual IReadOnlyList<string> LeftOver => [];

    /// <summary>What reading the model changed of its numbers, a sentence for each layer; known when it was read.</summary>
    public virtual IReadOnlyList<string> Changes => [];

    /// <summary>A text that the file itself carries under the prefix of lstmconvert: <c>source</c>; null if it has none.</summary>
    /// <param name="name">The name without the prefix.</param>
    public abstract string? Provenance(string name);

    /// <summary>The model that the file describes, its weights attached and read when they are asked for; null for weights alone.</summary>
    /// <exception cref="UnreadableInputException">The configuration is broken, or does not fit the weights.</exception>
    /// <exception cref="UnsupportedModelException">The configuration is of no model that can be read.</exception>
    public abstract Model? ReadModel();

    /// <summary>The same model with its weights read, in float64; null for weights alone.</summary>
    /// <exception cref="UnreadableInputException">The configuration is broken, or does not fit the weights.</exception>
    /// <exception cref="UnsupportedModelException">The configuration is of no model that can be read, or weights are no floating-point
    /// numbers.</exception>
    public Model? ReadWithValues() => ReadModel() is { } model ? StoredWeights.Loaded(model, Path) : null;

    /// <summary>Opens a file, whose kind is found by content.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="UnreadableInputException">It is of no kind that is known, or is broken.</exception>
    public static KerasFile Open(string path) => BrowserModel.Matches(path) ? BrowserModel.Open(path)
        : KerasArchive.Matches(path) ? KerasArchive.Open(path)
        : KerasArchive.IsZip(path) ? NpzWeightsFile.Open(path)
        : Keras3WeightsFile.Matches(path) ? Keras3WeightsFile.Open(path)
        : KerasWeightsFile.Matches(path) ? LegacyWeightsFile.Open(path)
        : SourceCatalog.KindOf(path) is { } kind
            ? throw new UnreadableInputException(
                $"{path} is a {kind}, and a Keras file is expected here. 'lstmconvert tf2keras {path}' converts it to one.")
        : LegacyWeightsFile.Open(path);

    /// <summary>True if a path is of one of these kinds.</summary>
    /// <param name="path">The path.</param>
    public static bool Matches(string path) => BrowserModel.Matches(path) || KerasArchive.Matches(path) || KerasWeightsFile.Matches(path);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>The model of a configuration; what is wrong with it is said of this file.</summary>
    /// <param name="json">The configuration.</param>
    /// <param name="generation">The Keras that wrote it.</param>
    private protected Model Configured(string json, KerasGeneration generation)
    {
        try
        {
            return ModelConfiguration.Read(json, generation);
        }
        catch (UnreadableInputException e) when (!e.Message.Contains(Path, StringComparison.Ordinal))
        {
            throw new UnreadableInputException(Said(e), e, e.Remedies);
        }
        catch (UnsupportedModelException e) when (!e.Message.Contains(Path, StringComparison.Ordinal))
        {
            throw new UnsupportedModelException(Said(e), e.Remedies, e);
        }
    }

    /// <summary>What the file holds that no layer has, as a sentence; null for nothing.</summary>
    internal string? LeftOverText
    {
        get
        {
            const int Most = 4;
            var left = LeftOver;
            var more = left.Count > Most ? FormattableString.Invariant($" and {left.Count - Most} more") : "";
            return left.Count == 0
                ? null
                : $"{Path} holds numbers that no layer of it has, and no Keras reads: {string.Join(", ", left.Take(Most))}{more}.";
        }
    }

    private string Said(LstmConvertException e) =>
        $"{Path}: {(e.Message.StartsWith("The ", StringComparison.Ordinal) ? "the" + e.Message[3..] : e.Message)}";
}

/// <summary>What kind of Keras file a path is.</summary>
public static class KerasFileKind
{
    /// <summary>True if a file is one that Keras wrote, or this program for it.</summary>
    /// <param name="path">The path.</param>
    public static bool Matches(string path) => KerasFile.Matches(path) && !Formats.Hdf5.Hdf5Variables.Are(path);
}
