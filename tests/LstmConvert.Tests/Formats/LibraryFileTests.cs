using LstmConvert.Formats;
using LstmConvert.Tensors;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Formats;

/// <summary>The files of other libraries, as those libraries wrote them, hold the arrays that NumPy stored beside them under the library's
/// names.</summary>
public sealed class LibraryFileTests
{
    private static readonly string[] Files =
    [
        "model.pt",
        "model.safetensors",
        "model.params",
        "model.msgpack",
        "model.zip",
        "model.h5",
        "weights.hdf5",
    ];

    [Fact]
    public void Every_library_s_file_holds_what_NumPy_stored_beside_it()
    {
        var read = new List<string>();
        foreach (var folder in Directory.GetDirectories(Path.Combine(Shared.Goldens, "dialects")))
        {
            var witness = new[] { "hdf5_arrays.npz", "variables.npz" }.Select(name => Path.Combine(folder, name)).First(File.Exists);
            foreach (var path in Files.Select(name => Path.Combine(folder, name)).Where(File.Exists))
            {
                using var stored = SourceCatalog.Open(witness, new SourceOptions());
                using var found = SourceCatalog.Open(path, new SourceOptions());
                var isUnnamed = found.Tensors.Any(tensor => tensor.Name.StartsWith("_unfused.", StringComparison.Ordinal));
                foreach (var tensor in stored.Tensors)
                {
                    // save_parameters of gluon drops the prefix: there the numbers alone are looked for.
                    var same = isUnnamed
                        ? found.Tensors.FirstOrDefault(one => Equal(one, tensor))
                        : found.Find(tensor.Name) ?? found.Find($"params/{tensor.Name}");
                    Assert.True(same is not null, $"{path} has no {tensor.Name}");
                    Assert.True(Equal(same, tensor), $"{path}: {same.Info} where {tensor.Info} is expected, or other numbers");
                }

                Assert.True(found.Tensors.Count >= stored.Tensors.Count, path);
                read.Add(Path.GetFileName(path));
            }
        }

        Assert.Equal(Files.Order(StringComparer.Ordinal), read.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_model_of_ONNX_holds_the_numbers_of_its_initializers()
    {
        var count = 0;
        foreach (var folder in Directory.GetDirectories(Path.Combine(Shared.Goldens, "dialects"), "onnx-*"))
        {
            using var stored = SourceCatalog.Open(Path.Combine(folder, "variables.npz"), new SourceOptions());
            using var found = SourceCatalog.Open(Path.Combine(folder, "model.onnx"), new SourceOptions());
            double[] Joined(string roles) =>
                [
                    .. found
                        .Tensors.Where(tensor => roles.Split(' ').Contains(tensor.Name[(tensor.Name.LastIndexOf('/') + 1)..]))
                        .SelectMany(tensor => tensor.ToDoubles()),
                ];
            Assert.Equal(stored.Find("W")!.ToDoubles(), Joined("W"));
            Assert.Equal(stored.Find("R")!.ToDoubles(), Joined("R"));
            Assert.Equal(stored.Find("B")?.ToDoubles() ?? [], Joined("Wb Rb"));
            Assert.Equal(stored.Find("P")?.ToDoubles() ?? [], Joined("Pi Po Pf"));
            count++;
        }

        Assert.True(count >= 11);
    }

    [Fact]
    public async Task ELMo_s_options_beside_the_weights_are_evidence()
    {
        var folder = Path.Combine(Shared.Goldens, "dialects", "bilm-elmo-clips");
        var answer = await Product.RunAsync("inspect", Path.Combine(folder, "weights.hdf5"));
        Assert.Equal(0, answer.Code);
        Assert.Contains("cell_clip = 0.5 (configuration: options.json)", answer.Output, StringComparison.Ordinal);
        Assert.Contains("proj_clip = 0.3 (configuration: options.json)", answer.Output, StringComparison.Ordinal);
        Assert.Contains("residual = yes (configuration: options.json)", answer.Output, StringComparison.Ordinal);
        Assert.Contains("direction = backward (configuration: options.json)", answer.Output, StringComparison.Ordinal);
    }

    private static bool Equal(Tensor left, Tensor right) =>
        left.Shape.Equals(right.Shape) && left.DType == right.DType && Bytes(left).AsSpan().SequenceEqual(Bytes(right));

    private static byte[] Bytes(Tensor tensor)
    {
        var bytes = new byte[tensor.Info.ByteCount];
        tensor.Read(0, bytes);
        return bytes;
    }
}
