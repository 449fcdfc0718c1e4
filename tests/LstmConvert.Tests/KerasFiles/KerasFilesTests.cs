using LstmConvert.Conversion;
using LstmConvert.Recognition;
using LstmConvert.Tensors;
using LstmConvert.Tests.Formats.Hdf5;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>Our files beside files that Keras wrote for layers of the same kind and size.</summary>
public sealed class KerasFilesTests : IDisposable
{
    /// <summary>Prints the weights of the first layer: place in the order, name without the layer's own, shape, dtype, layout; and the
    /// attributes a loader reads.</summary>
    private const string Describe = """
        import sys, re, h5py
        with h5py.File(sys.argv[1], 'r') as f:
            text = lambda v: v.decode() if isinstance(v, bytes) else str(v)
            names = [text(n) for n in f.attrs['layer_names']]
            layer = next(n for n in names if len(f[n].attrs['weight_names']))
            group = f[layer]
            for k, name in enumerate(text(n) for n in group.attrs['weight_names']):
                d = group[name]
                short = re.sub(r'(lstm|gru|simple_rnn)_\d+', r'\1', name.split('/', 1)[1] if name.startswith(layer + '/') else name)
                short = re.sub(r'(lstm_cell|gru_cell|simple_rnn_cell)(_\d+)?/', '', short)
                print(k, short, d.shape, d.dtype, 'contiguous' if d.id.get_create_plist().get_layout() == 1 else 'other', d.compression)
            print(sorted(set(f.attrs) & {'layer_names', 'backend', 'keras_version'}), sorted(k for k in group.attrs if k == 'weight_names'))
        """;

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("keras-2.2.4", "lstm", "lstm_cell", 6, 4)]
    [InlineData("keras-2.15.0", "lstm", "lstm_cell", 6, 4)]
    [InlineData("keras-2.2.4", "gru-reset-before", "gru_cell", 0, 0)]
    [InlineData("keras-2.15.0", "gru-reset-before", "gru_cell", 0, 0)]
    [InlineData("keras-2.2.4", "simple-rnn", "basic_rnn_cell", 0, 0)]
    [InlineData("keras-2.15.0", "simple-rnn", "basic_rnn_cell", 0, 0)]
    [InlineData("keras-2.2.4", "bidirectional-lstm", "lstm_cell", 4, 3)]
    [InlineData("keras-2.15.0", "bidirectional-lstm", "lstm_cell", 4, 3)]
    public void A_layer_has_the_names_order_shapes_and_layout_that_Keras_gives_it(
        string version,
        string name,
        string cell,
        int input,
        int units)
    {
        var theirs = Hdf5WriterTests.Python(Path.Combine(Shared.Goldens, version, name, "weights.h5"), Describe);
        if (input == 0)
        {
            // The first weight is the kernel, (x, g*u).
            var shape = theirs[(theirs.IndexOf('(', StringComparison.Ordinal) + 1)..theirs.IndexOf(')', StringComparison.Ordinal)]
                .Split(", ");
            (input, units) = (
                int.Parse(shape[0], System.Globalization.CultureInfo.InvariantCulture),
                int.Parse(shape[1], System.Globalization.CultureInfo.InvariantCulture) / (cell == "gru_cell" ? 3 : 1));
        }

        var scopes = name.StartsWith("bidirectional", StringComparison.Ordinal)
            ? new[] { $"bidirectional_rnn/fw/{cell}", $"bidirectional_rnn/bw/{cell}" }
            : [$"rnn/{cell}"];
        using var set = new TensorSet(
            "variables",
            "variables in memory",
            [.. scopes.SelectMany(scope => Variables(scope, cell, input, units))]);
        var target = Path.Combine(folder, "ours.h5");
        RecurrentSource.Of(set, null, new RecognitionOptions()).Plan().Write(target);
        Assert.Equal(theirs, Hdf5WriterTests.Python(target, Describe));
    }

    [Fact]
    public void No_attribute_has_a_string_of_variable_length()
    {
        using var set = new TensorSet("variables", "variables in memory", [.. Variables("rnn/lstm_cell", "lstm_cell", 3, 2)]);
        var target = Path.Combine(folder, "ours.h5");
        RecurrentSource.Of(set, null, new RecognitionOptions()).Plan().Write(target);
        var dump = Hdf5WriterTests.Dump(target);
        Assert.Contains("STRSIZE", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("H5T_VARIABLE", dump, StringComparison.Ordinal);
        Assert.Contains("SUPERBLOCK_VERSION 0", dump, StringComparison.Ordinal);
        Assert.Contains("lstmconvert_", dump, StringComparison.Ordinal);
    }

    private static IEnumerable<Tensor> Variables(string scope, string cell, int input, int units)
    {
        var roles = cell switch
        {
            "lstm_cell" => new (string, long[])[] { ("kernel", [input + units, 4 * units]), ("bias", [4 * units]) },
            "gru_cell" =>
            [
                ("gates/kernel", [input + units, 2 * units]),
                ("gates/bias", [2 * units]),
                ("candidate/kernel", [input + units, units]),
                ("candidate/bias", [units]),
            ],
            _ => [("kernel", [input + units, units]), ("bias", [units])],
        };
        foreach (var (role, shape) in roles)
        {
            var info = new TensorInfo($"{scope}/{role}", DType.Float32, new Shape(shape));
            yield return new MemoryTensor(info, new byte[info.ByteCount]);
        }
    }
}
