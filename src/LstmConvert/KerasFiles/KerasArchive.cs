using System.IO.Compression;
using System.Text;
using System.Text.Json;
using LstmConvert.Files;
using LstmConvert.Formats.Hdf5;
using LstmConvert.Formats.Numpy;
using LstmConvert.Models;

namespace LstmConvert.KerasFiles;

/// <summary>
/// Keras's <c>.keras</c>, a zip archive (keras 3.15.1 src/saving/saving_lib.py; TensorFlow 2.12 and later too). Nothing is ever unpacked to
/// a file.
/// <code>
/// metadata.json        {"keras_version": "3.15.1", …}
/// config.json          the model's configuration
/// model.weights.h5     its weights, as Keras3Tree shows them
/// </code>
/// </summary>
internal sealed class KerasArchive : KerasFile
{
    /// <summary>The member with the versions.</summary>
    public const string MetadataMember = "metadata.json";

    /// <summary>The member with the configuration.</summary>
    public const string ConfigurationMember = "config.json";

    /// <summary>The member with the weights.</summary>
    public const string WeightsMember = "model.weights.h5";

    /// <summary>The largest configuration that is read, in bytes; one of a thousand layers has less than two million.</summary>
    private const long MaximumText = 64L << 20;

    private readonly ZipArchive zip;
    private readonly Hdf5File weights;
    private readonly List<string> taken = [];
    private readonly string configuration;
    private readonly JsonElement? metadata;
    private readonly Lazy<IReadOnlyList<KerasFileLayer>> layers;

    private KerasArchive(string path, ZipArchive zip)
        : base(path)
    {
        this.zip = zip;
        RefuseNames(path, zip);
        configuration = Text(ConfigurationMember)
            ?? throw new UnreadableInputException(
                $"{path} is a zip archive without {ConfigurationMember}: no Keras model. Name the .keras file that Keras wrote.");
        metadata = Metadata();
        var entry = zip.GetEntry(WeightsMember)
            ?? throw new UnreadableInputException(
                $"{path} has no {WeightsMember}{(zip.GetEntry("model.weights.npz") is null ? "" : ", but model.weights.npz, which is not read")}. Save the model again, with its weights as HDF5."
            );
        weights = Hdf5File.Open(new ZipEntryBytes(path, entry));
        layers = new(ReadLayers);
    }

    /// <inheritdoc/>
    public override string Format => "Keras whole model (.keras)";

    /// <inheritdoc/>
    public override IReadOnlyList<KerasFileLayer> Layers => layers.Value;

    /// <inheritdoc/>
    public override string? KerasVersion =>
        metadata?.Find("keras_version") is { ValueKind: JsonValueKind.String } version ? version.GetString() : null;

    /// <inheritdoc/>
    public override bool HasModel => true;

    /// <summary>True if a file is a zip archive with a configuration of Keras.</summary>
    /// <param name="path">The path.</param>
    public static new bool Matches(string path)
    {
        if (!IsZip(path))
        {
            return false;
        }

        // What is left of a broken zip archive says not what it was, and its name does.
        using var zip = ZipInput.TryOpen(path);
        return zip is null
            ? path.EndsWith(".keras", StringComparison.OrdinalIgnoreCase)
            : zip.GetEntry(ConfigurationMember) is not null || zip.GetEntry(WeightsMember) is not null;
    }

    /// <summary>True if a file begins like a zip archive.</summary>
    /// <param name="path">The path.</param>
    internal static bool IsZip(string path) =>
        !Directory.Exists(path) && InputFile.Head(path, 4).AsSpan().SequenceEqual<byte>([(byte)'P', (byte)'K', 3, 4]);

    /// <summary>Opens an archive.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="UnreadableInputException">It is no zip archive, is broken, or lacks a member.</exception>
    public static new KerasArchive Open(string path)
    {
        ZipArchive? zip = null;
        try
        {
            zip = ZipFile.OpenRead(path);
            return new KerasArchive(path, zip);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            zip?.Dispose();
            throw new UnreadableInputException($"{path} cannot be read as a zip archive: {e.Message} Copy or save it again.", e);
        }
        catch
        {
            zip?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override string? Provenance(string name) =>
        metadata?.Find(KerasWeightsFile.ProvenancePrefix + name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <inheritdoc/>
    public override Model? ReadModel() => Keras3Tree.Attach(Configured(configuration, Generation()), weights.Root, Path, taken);

    /// <inheritdoc/>
    public override IReadOnlyList<string> LeftOver => Keras3Tree.LeftOver(weights.Root, taken);

    /// <inheritdoc/>
    public override void Dispose()
    {
        weights.Dispose();
        zip.Dispose();
    }

    /// <summary>The archive's own version; without one, what only TensorFlow's Keras writes tells it.</summary>
    private KerasGeneration Generation() => KerasGeneration.Of(KerasVersion
        ?? (configuration.Contains("\"time_major\"", StringComparison.Ordinal) ? "2.15.0" : "3.0.0"));

    /// <summary>Refuses an archive that no Keras writes: with a name twice, of which readers take different ones, or with one that leads
    /// out of it.</summary>
    private static void RefuseNames(string path, ZipArchive zip)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in zip.Entries.Select(entry => entry.FullName))
        {
            if (name.StartsWith('/') || name.Contains('\\', StringComparison.Ordinal) || name.Split('/').Contains(".."))
            {
                throw new UnreadableInputException(
                    $"{path} has an entry {PythonText.Quoted(name)}, which leads out of the archive. No Keras writes that; save the model again.");
            }

            if (!names.Add(name))
            {
                throw new UnreadableInputException(
                    $"{path} has two entries {PythonText.Quoted(name)}, of which readers take different ones. No Keras writes that; save the model again."
                );
            }
        }
    }

    private KerasFileLayer[] ReadLayers()
    {
        var noted = Keras3WeightsFile.ReadLayers(weights.Root).ToLookup(layer => layer.Name, StringComparer.Ordinal);
        return [.. StoredWeights.Leaves(ReadModel()!).Where(leaf => leaf.Use.Stored.Count > 0).Select(leaf => new KerasFileLayer(
            string.Join('/', leaf.Path),
            leaf.Use.Stored,
            noted[leaf.Path[^1]].FirstOrDefault()?.Provenance ?? new Dictionary<string, string>(StringComparer.Ordinal)))];
    }

    private JsonElement? Metadata()
    {
        try
        {
            return Text(MetadataMember) is { } text
                ? JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = ModelConfiguration.MaximumDepth }).RootElement.Clone()
                : null;
        }
        catch (JsonException e)
        {
            throw new UnreadableInputException(
                $"{Path}: {MetadataMember} is no JSON ({e.Message.TrimEnd('.')}). The file is damaged; save it again.",
                e);
        }
    }

    private string? Text(string member)
    {
        if (zip.GetEntry(member) is not { } entry)
        {
            return null;
        }

        if (entry.Length > MaximumText)
        {
            throw new UnreadableInputException($"{Path}: {member} has {entry.Length} bytes; {MaximumText} is the most that is read.");
        }

        var bytes = new byte[entry.Length];
        new ZipEntryBytes(Path, entry).Read(0, bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
