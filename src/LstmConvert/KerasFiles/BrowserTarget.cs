using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Equations;
using LstmConvert.Files;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary>A folder with a TensorFlow.js layers model (<see cref="BrowserModel"/> shows its files), as <c>tf.loadLayersModel</c> loads
/// it.</summary>
internal sealed record BrowserTarget() : KerasTarget("tfjs", "")
{
    /// <summary>The bytes of a file of weights, as TensorFlow.js's converter cuts them.</summary>
    public const int ShardBytes = 4 << 20;

    private const string KerasVersion = "2.2.4";

    /// <inheritdoc/>
    public override bool IsWholeModel => true;

    /// <inheritdoc/>
    public override bool IsFolder => true;

    /// <inheritdoc/>
    public override string Loader => "TensorFlow.js";

    /// <inheritdoc/>
    internal override bool RepeatsMasked => true;

    /// <inheritdoc/>
    internal override Activation HardSigmoid => Activations.HardSigmoid;

    /// <inheritdoc/>
    public override string? Misnamed(string path) =>
        All.FirstOrDefault(target => target.Extension.Length > 0 && path.EndsWith(target.Extension, StringComparison.OrdinalIgnoreCase))
            is { } other
            ? $"{path}: a TensorFlow.js model is a folder, and {other.Extension} is the ending of {other.Name}. Name a folder."
            : null;

    /// <inheritdoc/>
    public override string DefaultName(string source) => source + "_tfjs";

    /// <inheritdoc/>
    public override void CheckPlace(string path, bool overwrite) => OutputFolder.Check(path, overwrite, BrowserModel.IsPart);

    /// <inheritdoc/>
    public override IReadOnlyList<string> FilesAt(string path) => Directory.Exists(path) ? Directory.GetFiles(path) : [path];

    /// <inheritdoc/>
    internal override T Place<T>(string path, bool overwrite, Func<string, T> write) =>
        OutputFolder.Write(path, overwrite, BrowserModel.IsPart, write);

    /// <inheritdoc/>
    internal override long Length(string path) => Directory.GetFiles(path).Sum(file => new FileInfo(file).Length);

    /// <inheritdoc/>
    internal override string KerasCode(Model model, string path, LayerModule? module) =>
        $"import * as tf from '@tensorflow/tfjs';\nconst model = await tf.loadLayersModel({PythonText.Quoted(path.TrimEnd('/') + "/" + BrowserModel.FileName)});\n"
        + $"// model.predict({(model.Inputs.Count == 1 ? "x" : $"[{string.Join(", ", model.Inputs.Select((_, k) => $"x{k + 1}"))}]")}): {string.Join("; ", model.Inputs.Select(Models.KerasCode.Shape))}\n"
        + Models.KerasCode.PaddingComments(model, "//");

    /// <inheritdoc/>
    internal override IReadOnlyList<string> Obstacles(Model model)
    {
        var leaves = StoredWeights.Leaves(Named(model)).ToArray();
        var hasMasks = leaves.Any(leaf => leaf.Use.Layer.MakesMask(leaf.Use));
        return
        [
            .. base.Obstacles(model),
            .. leaves
                .Where(leaf => TodaysKeras.Obstacle(leaf.Path, leaf.Use) is null)
                .Select(leaf =>
                    BrowserLayers.Refusal(leaf.Use, hasMasks) is { } refusal
                        ? $"{string.Join('/', leaf.Path)} is {leaf.Use.ClassName}: {refusal}"
                        : null)
                .OfType<string>(),
            .. leaves
                .Where(leaf => leaf.Use.Stored.Any(weight => weight.DType == DType.Float64))
                .Select(leaf => $"{string.Join('/', leaf.Path)} has float64 weights, and TensorFlow.js computes in float32"),
            .. Twice(leaves.SelectMany(leaf => Names(leaf.Path, leaf.Use)))
                .Select(name => $"two weights would be called {name}, and TensorFlow.js finds weights by name"),
            .. BrowserMasks.Obstacles(model),
            .. ByName(model).Select(name => $"{name} gets a tensor by the name of an argument, or is a model that is called with each step, for which TensorFlow.js has no form"),
        ];
    }

    /// <inheritdoc/>
    internal override void Write(string path, WrittenModel model, WeightStream stream)
    {
        model = model with { Model = Named(model.Model) };
        var weights = StoredWeights.Leaves(model.Model).SelectMany(leaf => Names(leaf.Path, leaf.Use).Zip(leaf.Use.Stored)).ToArray();
        var total = weights.Sum(weight => weight.Second.Shape.ElementCount * sizeof(float));
        var names = ShardNames(total);
        using (var shards = new Shards(path, names))
        {
            foreach (var (_, weight) in weights)
            {
                stream.Copy(weight, block => shards.Append(block.Span));
            }
        }

        File.WriteAllText(Path.Combine(path, BrowserModel.FileName), Document(model, weights, names).ToJsonString());
    }

    /// <summary>The model with the names that TensorFlow.js makes the names of weights of.</summary>
    private static Model Named(Model model) => model.With(layer => layer.Callee switch
    {
        KerasUse use => Bidirectional.WithoutDirections(use),
        NestedModel nested => nested with { Model = Named(nested.Model) },
        var other => other,
    });

    /// <summary>The names of the weights of a layer: those of a layer in a nested model stand by themselves.</summary>
    private static IEnumerable<string> Names(IReadOnlyList<string> path, KerasUse use) =>
        use.WeightDefinitions.Select(weight => $"{path[^1]}/{weight.Name}");

    private static string[] ShardNames(long bytes)
    {
        var count = Math.Max(1, (bytes + ShardBytes - 1) / ShardBytes);
        return bytes == 0
            ? []
            :
            [
                .. Enumerable
                    .Range(1, checked((int)count))
                    .Select(k => string.Create(CultureInfo.InvariantCulture, $"group1-shard{k}of{count}.bin")),
            ];
    }

    private static JsonObject Document(
        WrittenModel model,
        IReadOnlyList<(string Name, Tensor Weight)> weights,
        IReadOnlyList<string> shards)
    {
        var about = new JsonObject();
        foreach (var (name, value) in model.Provenance)
        {
            about[KerasWeightsFile.ProvenancePrefix + name] = value;
        }

        foreach (var (layer, notes) in model.LayerProvenance)
        {
            about[layer] = new JsonObject(notes.Select(note => KeyValuePair.Create(note.Name, (JsonNode?)note.Value)));
        }

        return new JsonObject
        {
            [BrowserModel.FormatKey] = BrowserModel.LayersFormat,
            ["generatedBy"] = $"keras v{KerasVersion}",
            ["convertedBy"] = $"lstmconvert {ToolVersion.Current}",
            [BrowserModel.TopologyKey] = new JsonObject
            {
                ["keras_version"] = KerasVersion,
                ["backend"] = "tensorflow",
                ["model_config"] = JsonNode.Parse(ModelConfigurationWriter.Write(model.Model, KerasSpelling.Browser)),
            },
            [BrowserModel.ManifestKey] = new JsonArray(new JsonObject
            {
                ["paths"] = new JsonArray([.. shards.Select(shard => (JsonNode)shard)]),
                ["weights"] = new JsonArray([.. weights.Select(weight => (JsonNode)new JsonObject
                {
                    ["name"] = weight.Name,
                    ["shape"] = new JsonArray([.. weight.Weight.Shape.Dimensions.ToArray().Select(length => (JsonNode)length)]),
                    ["dtype"] = "float32",
                })]),
            }),
            [BrowserModel.NotesKey] = about,
        };
    }

    private static IEnumerable<string> Twice(IEnumerable<string> names) =>
        names.GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key);

    private static IEnumerable<string> ByName(Model model) =>
        model.Calls.Where(call => call.Keywords.Count > 0 || call.Callee is NestedModel { IsOnEachStep: true }).Select(call => call.Name)
        .Concat(model.Layers.Select(layer => layer.Callee).OfType<NestedModel>().SelectMany(nested => ByName(nested.Model)));

    /// <summary>Files of a fixed size that bytes are cut into.</summary>
    private sealed class Shards(string folder, IReadOnlyList<string> names) : IDisposable
    {
        private FileStream? current;
        private int count;
        private int filled;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                if (current is null || filled == ShardBytes)
                {
                    current?.Dispose();
                    (current, filled) = (new FileStream(Path.Combine(folder, names[count++]), FileMode.CreateNew), 0);
                }

                var taken = Math.Min(bytes.Length, ShardBytes - filled);
                current.Write(bytes[..taken]);
                filled += taken;
                bytes = bytes[taken..];
            }
        }

        public void Dispose() => current?.Dispose();
    }
}
