using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using LstmConvert.Formats;
using LstmConvert.Formats.Checkpoints;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Formats.Checkpoints;

/// <summary>The objects of SavedModels and object-based checkpoints against the weights, classes and names that Keras recorded of the same
/// models.</summary>
public sealed class ObjectTreeTests(ITestOutputHelper output) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_weight_of_every_saved_model_with_a_configuration_belongs_to_its_layer()
    {
        var (models, weights) = (0, 0);
        foreach (var model in SavedModels().Where(model => !Path.GetFileName(model).StartsWith("keras-3", StringComparison.Ordinal)))
        {
            using var set = SourceCatalog.Open(Path.Combine(model, "saved_model"), new SourceOptions());
            using var io = SourceCatalog.Open(Path.Combine(model, "io.npz"), new SourceOptions());
            var root = set.Objects!.Root;
            var found = Layers(root)
                .SelectMany(layer => Weights(layer).Select(weight => (weight.Attribute, Bytes: Bytes(set.Find(weight.Variable)!))))
                .ToArray();
            var recorded = Recorded(model).Select((weight, k) => (weight.Attribute, Bytes: Bytes(io.Find($"w{k}")!))).ToArray();
            Assert.Equal(recorded.Length, found.Length);
            // Within a model the order of get_weights() is that of the layers; a branched model may list its layers otherwise.
            foreach (var (attribute, bytes) in recorded)
            {
                Assert.Contains(found, weight => weight.Attribute == attribute && weight.Bytes.AsSpan().SequenceEqual(bytes));
            }

            Assert.Equal(
                recorded.Length,
                found.Select(weight => Convert.ToHexString(weight.Bytes)).Distinct().Count()
                    + recorded.Length
                    - recorded.Select(weight => Convert.ToHexString(weight.Bytes)).Distinct().Count());
            (models, weights) = (models + 1, weights + recorded.Length);
        }

        output.WriteLine($"{models} models, {weights} weights equal");
        Assert.True(models >= 53 && weights > 300, $"only {models} models, {weights} weights");
    }

    [Fact]
    public void Classes_names_and_configurations_are_those_of_the_model_that_Keras_wrote_beside_it()
    {
        var (models, layers) = (0, 0);
        foreach (
            var model in SavedModels()
                .Where(model =>
                    File.Exists(Path.Combine(model, "model.json"))
                    && !Path.GetFileName(model).StartsWith("keras-3", StringComparison.Ordinal)))
        {
            using var set = SourceCatalog.Open(Path.Combine(model, "saved_model"), new SourceOptions());
            var root = set.Objects!.Root;
            var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(model, "model.json")))!;
            expected = expected is JsonValue text ? JsonNode.Parse(text.GetValue<string>())! : expected;
            Assert.NotNull(root.Metadata);
            if (expected["config"]!["layers"] is null)
            {
                // A subclassed model has no list of its layers.
                continue;
            }

            var byName = expected["config"]!["layers"]!
                .AsArray()
                .ToDictionary(
                    layer => layer!["config"]!["name"]!.GetValue<string>(),
                    layer => layer!["class_name"]!.GetValue<string>(),
                    StringComparer.Ordinal);
            foreach (var layer in Layers(root))
            {
                var metadata = JsonNode.Parse(layer.Metadata!)!;
                Assert.Equal(byName[metadata["name"]!.GetValue<string>()], metadata["class_name"]!.GetValue<string>());
                layers++;
            }

            models++;
        }

        output.WriteLine($"{models} models, {layers} layers");
        Assert.True(models >= 48 && layers > 80, $"only {models} models, {layers} layers");
    }

    [Fact]
    public void Public_saved_models_list_the_layers_that_TensorFlow_loads()
    {
        var layers = 0;
        foreach (
            var record in Directory.GetFiles(Path.Combine(Shared.Folder, "real", "saved-models"), "case.json", SearchOption.AllDirectories))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(record));
            using var set = SourceCatalog.Open(Path.Combine(Path.GetDirectoryName(record)!, "saved_model"), new SourceOptions());
            var known = set.Objects!.Nodes.Where(node => node.Metadata is not null)
                .Select(node => JsonNode.Parse(node.Metadata!)!)
                .Select(metadata => ((string?)metadata["class_name"], (string?)metadata["name"]))
                .ToHashSet();
            foreach (var layer in json.RootElement.GetProperty("layers").EnumerateArray())
            {
                Assert.Contains((layer[0].GetString(), layer[1].GetString()), known);
                layers++;
            }

            Assert.All(Layers(set.Objects.Root).SelectMany(Weights), weight => Assert.NotNull(set.Find(weight.Variable)));
        }

        output.WriteLine($"{layers} layers");
        Assert.True(layers >= 15, $"only {layers} layers");
    }

    [Fact]
    public void Models_of_Keras_3_hold_their_variables_by_name_and_no_configuration()
    {
        var weights = 0;
        foreach (var model in SavedModels().Where(model => Path.GetFileName(model).StartsWith("keras-3", StringComparison.Ordinal)))
        {
            using var set = SourceCatalog.Open(Path.Combine(model, "saved_model"), new SourceOptions());
            using var io = SourceCatalog.Open(Path.Combine(model, "io.npz"), new SourceOptions());
            Assert.All(set.Objects!.Nodes, node => Assert.Null(node.Metadata));
            var variables = set.Objects.Root.Child("_all_variables")!.Numbered("");
            foreach (var (attribute, k) in Recorded(model).Select((weight, k) => (weight.Attribute, k)))
            {
                Assert.Contains(variables, variable =>
                    variable.ProgramName.EndsWith("/" + attribute, StringComparison.Ordinal)
                    && variable.Variable is { } stored
                    && Bytes(set.Find(stored)!).AsSpan().SequenceEqual(Bytes(io.Find($"w{k}")!)));
                weights++;
            }
        }

        output.WriteLine($"{weights} weights equal");
        Assert.True(weights > 90, $"only {weights} weights");
    }

    [Fact]
    public void Object_based_checkpoints_list_their_layers_in_order_with_their_variables()
    {
        var (checkpoints, cells) = (0, 0);
        foreach (
            var golden in Directory
                .GetDirectories(Path.Combine(Shared.Goldens, "tf2"))
                .Where(golden =>
                    Path.GetFileName(golden) is var name
                    && (
                        name.Contains("-checkpoint-", StringComparison.Ordinal) || name.Contains("-save-weights-", StringComparison.Ordinal)
                    )
                    && name.StartsWith("tf", StringComparison.Ordinal)))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(golden, "case.json")));
            using var set = SourceCatalog.Open(
                Path.Combine(golden, json.RootElement.GetProperty("files").GetProperty("checkpoint").GetString()!),
                new SourceOptions());
            var holders = set.Objects!.Nodes.Where(node => node.Child("recurrent_kernel")?.Variable is not null).ToArray();
            foreach (var cell in holders)
            {
                var kernel = set.Find(cell.Child("kernel")!.Variable!)!;
                var recurrent = set.Find(cell.Child("recurrent_kernel")!.Variable!)!;
                Assert.Equal(kernel.Shape[1], recurrent.Shape[1]);
                Assert.Equal(0, kernel.Shape[1] % recurrent.Shape[0]);
                cells++;
            }

            output.WriteLine($"{Path.GetFileName(golden)}: {string.Join(", ", holders.Select(cell => cell.Path))}");
            checkpoints += holders.Length > 0 ? 1 : 0;
        }

        Assert.True(checkpoints >= 15 && cells > 20, $"only {checkpoints} checkpoints, {cells} cells");
    }

    [Fact]
    public void Configurations_that_old_checkpoints_hold_belong_to_their_layers()
    {
        using var set = SourceCatalog.Open(
            Path.Combine(Shared.Folder, "real", "checkpoints", "tiwarylab__LSTM-predict-MD", "training_checkpoints", "ckpt_20"),
            new SourceOptions());
        var cells = set.Objects!.Nodes.Where(node =>
                node.Child("recurrent_kernel") is not null || node.Child("cell")?.Child("recurrent_kernel") is not null)
            .ToArray();
        Assert.Contains(cells, cell =>
            cell.Metadata is { } text
            && JsonNode.Parse(text)!["class_name"]!.GetValue<string>() == "LSTM"
            && JsonNode.Parse(text)!["config"]!["units"]!.GetValue<int>() > 0);
    }

    [Fact]
    public void Edges_that_lead_back_are_kept_and_every_object_is_listed_once()
    {
        var root = Open(Graph(("a", 1), ("b", 2)), Graph(("up", 0), ("self", 1)), Graph(("a", 1))).Objects!;
        Assert.Equal(["", "a", "b"], root.Nodes.Select(node => node.Path));
        Assert.Same(root.Root, root.Root.Child("a")!.Child("up"));
        Assert.Same(root.Root.Child("a"), root.Root.Child("b")!.Child("a"));
    }

    [Fact]
    public void Elements_come_by_number_not_by_text()
    {
        var root = Open(
            Graph(("x-10", 1), ("x-9", 2), ("x-", 3), ("x-+1", 3), ("x-1a", 3), ("y-1", 3)),
            Graph(),
            Graph(),
            Graph()).Objects!.Root;
        Assert.Equal(["x-9", "x-10"], root.Numbered("x-").Select(node => node.Path));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void An_edge_that_leads_nowhere_is_refused(int id)
    {
        var set = Open(Graph(("a", id)));
        Assert.Contains(
            $"leads to object {id} of 1",
            Assert.Throws<UnreadableInputException>(() => set.Objects).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_as_deep_as_a_file_can_hold_is_read_at_once()
    {
        const int depth = 200_000;
        var root = Open([.. Enumerable.Range(1, depth).Select(next => Graph(("n", next))), Graph()]).Objects!;
        Assert.Equal(depth + 1, root.Nodes.Count);
        Assert.Equal((2 * depth) - 1, root.Nodes[^1].Path.Length);
    }

    [Fact]
    public void Damaged_metadata_of_a_saved_model_is_ours_to_say()
    {
        var model = Path.Combine(Shared.Goldens, "saved-models", "tf-2.15.1-lstm", "saved_model");
        foreach (var file in Directory.GetFiles(model, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(model, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        var random = new Random(20250607);
        foreach (var name in new[] { "keras_metadata.pb", "saved_model.pb" })
        {
            var path = Path.Combine(folder, name);
            var intact = File.ReadAllBytes(path);
            for (var k = 0; k < 300; k++)
            {
                var bytes = k % 3 == 0 ? intact[..random.Next(1, intact.Length)] : [.. intact];
                for (var flips = 0; flips < 3; flips++)
                {
                    bytes[random.Next(Math.Min(bytes.Length, 4000))] ^= (byte)(1 << random.Next(8));
                }

                File.WriteAllBytes(path, bytes);
                try
                {
                    using var set = SourceCatalog.Open(folder, new SourceOptions());
                    _ = set.Objects?.Nodes.Count;
                }
                catch (LstmConvertException)
                {
                    // Said in words; any other exception fails the test.
                }
            }

            File.WriteAllBytes(path, intact);
        }
    }

    private static IEnumerable<string> SavedModels() =>
        Directory.GetDirectories(Path.Combine(Shared.Goldens, "saved-models")).Order(StringComparer.Ordinal);

    /// <summary>The layers with weights: as a Sequential or a Functional model numbers them, else the attributes of a subclassed
    /// one.</summary>
    private static IReadOnlyList<ObjectNode> Layers(ObjectNode model) =>
        model.Numbered("layer_with_weights-") is { Count: > 0 } numbered
            ? numbered
            :
            [
                .. model
                    .Children.Select(edge => edge.Node)
                    .Where(node =>
                        node.Identifier.StartsWith("_tf_keras", StringComparison.Ordinal)
                        && node.Parent?.Node == model
                        && Weights(node).Any()),
            ];

    /// <summary>The variables of a layer and of the layers and cells that it wraps, by attribute.</summary>
    private static IEnumerable<(string Attribute, string Variable)> Weights(ObjectNode layer)
    {
        foreach (
            var inner in new[] { "forward_layer", "backward_layer", "layer", "cell" }
                .Select(layer.Child)
                .OfType<ObjectNode>()
                .Concat(layer.Child("cells")?.Numbered("") ?? [])
                .Concat(layer.Numbered("layer_with_weights-")))
        {
            foreach (var weight in Weights(inner))
            {
                yield return weight;
            }
        }

        foreach (var (attribute, variable) in layer.Variables)
        {
            yield return (attribute, variable);
        }
    }

    private static IEnumerable<(string Name, string Attribute)> Recorded(string model)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(model, "case.json")));
        foreach (var weight in json.RootElement.GetProperty("weights").EnumerateArray())
        {
            var name = weight[0].GetString()!.Replace(":0", "", StringComparison.Ordinal);
            yield return (name, name[(name.LastIndexOf('/') + 1)..]);
        }
    }

    private static byte[] Bytes(Tensor tensor)
    {
        var bytes = new byte[tensor.Info.ByteCount];
        tensor.Read(0, bytes);
        return bytes;
    }

    private static TrackableObjectGraph.Types.TrackableObject Graph(params (string Name, int Id)[] children) =>
        new()
        {
            Children =
            {
                children.Select(child => new TrackableObjectGraph.Types.TrackableObject.Types.ObjectReference
                {
                    LocalName = child.Name,
                    NodeId = child.Id,
                }),
            },
        };

    /// <summary>A set whose object graph has these objects.</summary>
    private static TensorSet Open(params TrackableObjectGraph.Types.TrackableObject[] objects)
    {
        var graph = ObjectGraph.Read([new TrackableObjectGraph { Nodes = { objects } }.ToByteArray()], "m.index")!;
        return new TensorSet("m", "V2 checkpoint", [])
        {
            ObjectsFrom = () => graph.Tree(new Dictionary<string, TextTensor>(StringComparer.Ordinal)),
        };
    }
}
