using System.Text;
using System.Text.Json;
using LstmConvert.Files;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary>
/// A TensorFlow.js layers model (@tensorflow/tfjs-layers 4.22 dist/models.js, tfjs-core dist/io): a folder, or its <c>model.json</c>.
/// <code>
/// model.json              {"format": "layers-model", "modelTopology": …, "weightsManifest": [{"paths": […], "weights": [{"name", "shape", "dtype"}]}]}
///                         modelTopology: Keras's {"class_name", "config"}, or {"model_config": …} around it
/// group1-shard1of3.bin    the weights back to back in the manifest's order, little-endian, C order, cut at any byte
/// </code>
/// Weights are found by name: <c>layer/weight</c>, or <c>layer/cell/weight</c> as TensorFlow 2.2 calls them.
/// </summary>
internal sealed class BrowserModel : KerasFile
{
    /// <summary>The file that names the others.</summary>
    public const string FileName = "model.json";

    /// <summary>The key of the kind of model.</summary>
    public const string FormatKey = "format";

    /// <summary>The kind that this is.</summary>
    public const string LayersFormat = "layers-model";

    /// <summary>The key of Keras's configuration.</summary>
    public const string TopologyKey = "modelTopology";

    /// <summary>The key of the list of the weights.</summary>
    public const string ManifestKey = "weightsManifest";

    /// <summary>The key of what the model's own program notes.</summary>
    public const string NotesKey = "userDefinedMetadata";

    private const long MaximumText = 64L << 20;
    private const int MaximumWeights = 100_000;
    private const int MaximumRank = 16;

    private readonly JsonElement document;
    private readonly string configuration;
    private readonly Dictionary<string, Tensor> weights;
    private readonly Lazy<IReadOnlyList<KerasFileLayer>> layers;

    private BrowserModel(string path, JsonElement document)
        : base(path)
    {
        this.document = document;
        var topology = document.Find(TopologyKey)
            ?? throw new UnreadableInputException(
                $"{path} has no {TopologyKey}: no TensorFlow.js model. Name the {FileName} that TensorFlow.js or its converter wrote.");
        if (Kind(document) is { } format && format != LayersFormat)
        {
            throw new UnsupportedModelException(
                $"{path} is a TensorFlow.js model of the kind {format}, whose layers are gone: it is a graph of operations. Name the Keras model or the checkpoint that it was made of."
            );
        }

        configuration = (topology.Find("model_config") ?? topology).GetRawText();
        weights = ReadManifest(path, document);
        layers = new(ReadLayers);
    }

    /// <inheritdoc/>
    public override string Format => "TensorFlow.js layers model";

    /// <inheritdoc/>
    public override IReadOnlyList<KerasFileLayer> Layers => layers.Value;

    /// <inheritdoc/>
    public override string? KerasVersion =>
        document.Find(TopologyKey)?.Find("keras_version") is { ValueKind: JsonValueKind.String } version ? version.GetString() : null;

    /// <inheritdoc/>
    public override bool HasModel => true;

    /// <summary>True for the name of a file that such a folder holds.</summary>
    /// <param name="name">The name, without a folder.</param>
    public static bool IsPart(string name) =>
        name == FileName || (name.StartsWith("group", StringComparison.Ordinal) && name.EndsWith(".bin", StringComparison.Ordinal));

    /// <summary>True if a path is a folder with such a model, or its <c>model.json</c>.</summary>
    /// <param name="path">The path.</param>
    public static new bool Matches(string path)
    {
        var file = FileOf(path);
        var head = Encoding.UTF8.GetString(InputFile.Head(file, 1 << 12)).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        return head.StartsWith('{')
            && (
                head.Contains($"\"{TopologyKey}\"", StringComparison.Ordinal)
                || head.Contains($"\"{ManifestKey}\"", StringComparison.Ordinal)
                || head.Contains($"\"{LayersFormat}\"", StringComparison.Ordinal));
    }

    /// <summary>Opens a model.</summary>
    /// <param name="path">The folder, or its <c>model.json</c>.</param>
    /// <exception cref="UnreadableInputException">It is broken, or a file of weights is not there or of another size.</exception>
    /// <exception cref="UnsupportedModelException">It is a graph of operations, or its weights are of another type.</exception>
    public static new BrowserModel Open(string path)
    {
        var file = FileOf(path);
        try
        {
            using var read = JsonDocument.Parse(
                InputFile.ReadAll(file, MaximumText),
                new JsonDocumentOptions { MaxDepth = ModelConfiguration.MaximumDepth });
            return new BrowserModel(path, read.RootElement.Clone());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new UnreadableInputException($"{file} cannot be read ({e.Message.TrimEnd('.')}). The file is damaged; copy it again.", e);
        }
    }

    /// <inheritdoc/>
    public override string? Provenance(string name) =>
        document.Find(NotesKey)?.Find(KerasWeightsFile.ProvenancePrefix + name) is { ValueKind: JsonValueKind.String } text
            ? text.GetString()
            : null;

    /// <inheritdoc/>
    public override Model? ReadModel() => Attach(Configured(configuration, Generation));

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    /// <summary>What the configuration means: that of Keras 3 what it means there, since TensorFlow.js loads none.</summary>
    private KerasGeneration Generation => KerasGeneration.Of(KerasVersion) is { Major: >= 3 } own ? own : KerasGeneration.Browser;

    private static string? Kind(JsonElement document) =>
        document.Find(FormatKey) is { ValueKind: JsonValueKind.String } format ? format.GetString() : null;

    private static string FileOf(string path) => Directory.Exists(path) ? System.IO.Path.Combine(path, FileName) : path;

    private static Dictionary<string, Tensor> ReadManifest(string path, JsonElement document)
    {
        var folder = Directory.Exists(path) ? path : System.IO.Path.GetDirectoryName(path) ?? "";
        var found = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var group in document.Member(ManifestKey).Items(MaximumWeights))
        {
            var files = group
                .Member("paths")
                .Items(MaximumWeights)
                .Select(name => (ByteSource)new FileBytes(System.IO.Path.Combine(folder, NameOf(path, name))))
                .ToArray();
            var (bytes, at) = (new JoinedBytes($"{path}: its files of weights", files), 0L);
            foreach (var weight in group.Member("weights").Items(MaximumWeights))
            {
                var info = ReadInfo(path, weight);
                if (info.ByteCount > bytes.Length - at)
                {
                    throw new UnreadableInputException(
                        $"{path}: {info.Name} would end at byte {at + info.ByteCount} of the weights, and {string.Join(", ", files.Select(file => file.Name))} have {bytes.Length}. Copy the whole folder again."
                    );
                }

                if (!found.TryAdd(info.Name, Decoded(path, weight, new Part(info, bytes, at))))
                {
                    throw new UnreadableInputException(
                        $"{path} names the weight {info.Name} twice, and weights have names of their own. The file is damaged; copy it again."
                    );
                }

                at += info.ByteCount;
            }

            if (at != bytes.Length)
            {
                throw new UnreadableInputException(
                    $"{path}: the weights have {at} bytes, and {string.Join(", ", files.Select(file => file.Name))} have {bytes.Length}. The files are of another model; copy the whole folder again."
                );
            }
        }

        return found;
    }

    /// <summary>A file beside the model: a path that is written in it leads nowhere else.</summary>
    private static string NameOf(string path, JsonElement name)
    {
        var text = name.ValueKind == JsonValueKind.String ? name.GetString()! : "";
        return text is "" or "." or ".." || text.IndexOfAny(['/', '\\', '\0', ':']) >= 0
            ? throw new UnreadableInputException(
                $"{path} names a file of weights {PythonText.Quoted(text)}, and these lie beside {FileName}: no path that a file holds is followed. Put them into one folder, and name them so in {ManifestKey}."
            )
            : text;
    }

    /// <summary>Levels as the numbers that they stand for; other weights as they are.</summary>
    private static Tensor Decoded(string path, JsonElement weight, Tensor stored)
    {
        if (stored.DType is not (DType.UInt8 or DType.UInt16))
        {
            return stored;
        }

        double Number(string key) =>
            weight.Member("quantization").Find(key) is { ValueKind: JsonValueKind.Number } number && double.IsFinite(number.GetDouble())
                ? number.GetDouble()
                : throw new UnreadableInputException(
                    $"{path}: {stored.Name} is rounded to a few levels, and {key} is no number. The file is damaged; copy it again.");
        return new QuantisedTensor(new TensorInfo(stored.Name, DType.Float32, stored.Shape), stored, Number("scale"), Number("min"));
    }

    private static TensorInfo ReadInfo(string path, JsonElement weight)
    {
        var (name, dtype) = (weight.Text("name"), weight.Text("dtype"));
        var quantised = weight.Find("quantization")?.Text("dtype");
        var type = (quantised ?? dtype) switch
        {
            "float32" => DType.Float32,
            "float16" => DType.Float16,
            "uint8" when quantised is not null && dtype == "float32" => DType.UInt8,
            "uint16" when quantised is not null && dtype == "float32" => DType.UInt16,
            var other => throw new UnsupportedModelException(
                $"{path}: {name} is stored as {other}{(quantised is null ? "" : ", rounded to a few levels")}, and weights are read as float32, or rounded to float16, uint16 or uint8. Convert the model again without quantisation."
            ),
        };
        var shape = new Shape([
            .. weight
                .Member("shape")
                .Items(MaximumRank)
                .Select(length =>
                    length.GetInt64() is >= 0 and var one
                        ? one
                        : throw new UnreadableInputException(
                            $"{path}: {name} has an axis of {length} elements. The file is damaged; copy it again.")),
        ]);
        return checked(shape.ElementCount * type.ItemSize()) >= 0 ? new TensorInfo(name, type, shape) : throw new OverflowException();
    }

    private KerasFileLayer[] ReadLayers() =>
        [
            .. StoredWeights
                .Leaves(ReadModel()!)
                .Where(leaf => leaf.Use.Stored.Count > 0)
                .Select(leaf => new KerasFileLayer(string.Join('/', leaf.Path), leaf.Use.Stored, Notes(leaf.Path[^1]))),
        ];

    private Dictionary<string, string> Notes(string layer) =>
        document.Find(NotesKey)?.Find(layer) is { ValueKind: JsonValueKind.Object } notes
            ? notes
                .EnumerateObject()
                .Where(note => note.Value.ValueKind == JsonValueKind.String)
                .ToDictionary(note => note.Name, note => note.Value.GetString()!, StringComparer.Ordinal)
            : new Dictionary<string, string>(StringComparer.Ordinal);

    private Model Attach(Model model)
    {
        var left = new HashSet<string>(weights.Keys, StringComparer.Ordinal);
        var attached = Attach(model, [""], left);
        return left.Count == 0
            ? attached
            : throw new UnreadableInputException(
                $"{Path}: {string.Join(", ", left.Order(StringComparer.Ordinal).Take(3))} {(left.Count == 1 ? "is a weight" : "are weights")} of no layer of the model. The configuration and the weights are of different models."
            );
    }

    /// <summary>A model with its weights. Their names begin with the layer's; before it, Keras 3 puts the names of the models around
    /// it.</summary>
    private Model Attach(Model model, IReadOnlyList<string> around, HashSet<string> left)
    {
        IReadOnlyList<string> within = [.. around, .. around.Select(prefix => $"{prefix}{model.Name}/")];
        return model.With(layer =>
            layer.Callee switch
            {
                KerasUse use when StoredWeights.Count(use) > 0 => StoredWeights.Attach(
                    use,
                    layer.Name,
                    Own(use, layer.Name, within, left),
                    Path),
                KerasUse { UnknownConfiguration: not null } use => use with
                {
                    Stored = [.. Below(layer.Name, within).Tensors.Where(weight => left.Remove(weight.Name))],
                },
                NestedModel nested => nested with { Model = Attach(nested.Model, within, left) },
                var other => other,
            });
    }

    /// <summary>The weights of a layer, by the names that TensorFlow.js gives them; else those whose names begin with the layer's, in
    /// order.</summary>
    private Tensor[] Own(KerasUse use, string layer, IReadOnlyList<string> around, HashSet<string> left)
    {
        var (name, own) = Below(layer, around);
        var byName = own.GroupBy(
                weight =>
                    use.WeightDefinitions.Any(definition => $"{name}/{definition.Name}" == weight.Name)
                        ? weight.Name
                        : Shortened(weight.Name),
                StringComparer.Ordinal)
            .Where(group => group.Count() == 1)
            .ToDictionary(group => group.Key, group => group.Single(), StringComparer.Ordinal);
        var named = use.WeightDefinitions.Select(definition => byName.GetValueOrDefault($"{name}/{definition.Name}")).ToArray();
        Tensor[] found = named.All(weight => weight is not null) ? [.. named.OfType<Tensor>()] : own;
        left.ExceptWith(found.Select(weight => weight.Name));
        return found;
    }

    /// <summary>The weights whose names begin with a layer's, and what they begin with.</summary>
    private (string Name, Tensor[] Tensors) Below(string layer, IReadOnlyList<string> around) => around.Select(prefix => prefix + layer)
        .Select(name => (name, weights.Values.Where(weight => weight.Name.StartsWith(name + "/", StringComparison.Ordinal)).ToArray()))
        .FirstOrDefault(found => found.Item2.Length > 0, (layer, []));

    /// <summary>A name without its last part but one: TensorFlow 2.2 added the cell's.</summary>
    private static string Shortened(string name)
    {
        var parts = name.Split('/');
        return parts.Length < 3 ? name : string.Join('/', [.. parts[..^2], parts[^1]]);
    }

    /// <summary>A weight in the joined files.</summary>
    private sealed class Part(TensorInfo info, ByteSource bytes, long start) : Tensor(info)
    {
        public override void Read(long offset, Span<byte> destination) => bytes.Read(start + offset, destination);
    }
}
