using System.Text.Json.Nodes;
using LstmConvert.Conversion;
using LstmConvert.Formats.Hdf5;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Tensors;
using LstmConvert.Tests.Formats.Hdf5;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>Readers of HDF5 in JavaScript find in our files what h5py finds there.</summary>
public sealed class JavaScriptHdf5Tests(JavaScript node) : IClassFixture<JavaScript>, IDisposable
{
    private const string Describe = """
        import sys, json, h5py
        found = {}
        def visit(name, one):
            if isinstance(one, h5py.Dataset):
                found['/' + name] = {'shape': list(one.shape), 'data': one[()].ravel().tolist()}
        with h5py.File(sys.argv[1], 'r') as f:
            f.visititems(visit)
            text = lambda v: v.decode() if isinstance(v, bytes) else str(v)
            names = [text(n) for n in f.attrs.get('layer_names', [])]
        print(json.dumps({'datasets': found, 'names': names}))
        """;

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public static TheoryData<string, string> Cases => new(
        from reader in new[] { "jsfive", "h5wasm" }
        from target in new[] { "keras-weights", "keras-model", "keras3-weights" }
        select (reader, target));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>h5wasm holds HDF5 2.0, whose indexes of packed chunks have wider elements (version 5 of the layout message).</summary>
    [Theory]
    [InlineData("v110", 4)]
    [InlineData("v114", 4)]
    [InlineData("v200", 5)]
    public async Task Chunks_under_every_index_of_every_version_are_read(string libver, byte version)
    {
        var path = Path.Combine(folder, "chunks.h5");
        var answer = await node.AskAsync(new JsonObject { ["write"] = path, ["libver"] = libver });
        Assert.True(answer["error"] is null, answer["error"]?.ToString());
        float[] expected = [.. answer["data"]!.AsArray().Select(value => value!.GetValue<float>())];
        byte[] layout = [version, 2, 0, 3, 1, 7, 13, 4];
        Assert.True(File.ReadAllBytes(path).AsSpan().IndexOf(layout) > 0, "No layout message is of that version.");
        using var file = Hdf5File.Open(path);
        Assert.Equal(8, file.Root.Children.Count);
        Assert.All(file.Root.Children, child =>
            Assert.Equal(expected, ((Tensor)file.Root.Dataset(child.Name)).ToDoubles().Select(value => (float)value)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_file_of_ours_is_read_there_as_h5py_reads_it(string reader, string target)
    {
        var format = KerasTarget.Find(target);
        var path = Path.Combine(folder, "m" + format.Extension);
        using (var source = RecurrentSource.Open(Path.Combine(Shared.Goldens, "tf1", "program-char-rnn", "model.ckpt")))
        {
            source
                .Plan(new ConversionOptions { IsWhole = true })
                .Write(path, new WriteOptions { Target = format }, TestContext.Current.CancellationToken);
        }

        var answer = await node.AskAsync(new JsonObject { ["hdf5"] = path, ["with"] = reader });
        Assert.True(answer["error"] is null, answer["error"]?.ToString());
        var expected = JsonNode.Parse(Hdf5WriterTests.Python(path, Describe))!;
        var (theirs, datasets) = (answer["datasets"]!.AsObject(), expected["datasets"]!.AsObject());
        Assert.Equal(
            datasets.Select(pair => pair.Key).Order(StringComparer.Ordinal),
            theirs.Select(pair => pair.Key).Order(StringComparer.Ordinal));
        Assert.True(datasets.Count >= 9, $"{datasets.Count} datasets");
        foreach (var (name, array) in datasets)
        {
            Assert.True(JsonNode.DeepEquals(array!["shape"], theirs[name]!["shape"]), name);
            Assert.Equal(
                array["data"]!.AsArray().Select(value => value!.GetValue<double>()),
                theirs[name]!["data"]!.AsArray().Select(value => value!.GetValue<double>()));
        }

        if (expected["names"]!.AsArray() is { Count: > 0 } names)
        {
            var attribute = answer["attributes"]!
                .AsObject()
                .Single(pair =>
                    pair.Key.EndsWith("@layer_names", StringComparison.Ordinal)
                    && pair.Key.Count(letter => letter == '/') < 3
                    && pair.Value!.AsArray().Count == names.Count);
            Assert.True(JsonNode.DeepEquals(names, attribute.Value), attribute.Value!.ToJsonString());
        }
    }
}
