using LstmConvert.Tests.Formats.Hdf5;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Verification;

/// <summary>Numbers that are none: on both sides at the same places they show nothing, on one side they are a difference; and outputs of two
/// directions that a Keras model gives apart, or merged otherwise than the source.</summary>
public sealed class NotFiniteTests : IDisposable
{
    private const string Cell = """
        import sys, numpy as np
        r = np.random.RandomState(1)
        kernel, bias = r.uniform(-1, 1, (7, 16)).astype('f4'), r.uniform(-1, 1, 16).astype('f4')
        bias[15] = np.nan if BROKEN else bias[15]
        np.savez(sys.argv[1], **{'cell/lstm_cell/kernel': kernel, 'cell/lstm_cell/bias': bias})
        """;

    private static readonly string[] Facts = ["--forget-bias", "1"];

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Layers_that_give_no_numbers_at_the_same_places_are_neither_same_nor_different()
    {
        var (source, path) = await Converted(hasNaN: true);
        var (code, output, error) = await Product.RunAsync(["verify", source, path, .. Facts]);
        Assert.True(code == 5, output + error);
        Assert.Contains("NaN or infinite on both sides at the same places (first at row 0, step 0, unit 3)", output, StringComparison.Ordinal);
        Assert.DoesNotContain("chaotic", output, StringComparison.Ordinal);
        Assert.Contains("Verdict: inconclusive", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layer_that_gives_no_numbers_where_the_source_does_is_different()
    {
        var (source, _) = await Converted(hasNaN: true);
        var broken = Path.Combine(folder, "m.weights.h5");
        var (sound, _) = await Converted(hasNaN: false, name: "sound");
        var (code, output, error) = await Product.RunAsync(["verify", sound, broken, .. Facts]);
        Assert.True(code == 1, output + error + source);
        Assert.Contains("and NaN in Keras", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 5, "NaN or infinite on both sides")]
    [InlineData("f['layers/bidirectional/backward_layer/cell/vars/0'][0, 0] += 0.5", 1, "output 1 in float64 differs by")]
    public async Task Whole_models_with_no_numbers_at_the_same_places_are_compared_everywhere_else(string change, int expected, string words)
    {
        var (old, path) = (Path.Combine(folder, "old.keras"), Path.Combine(folder, "new.keras"));
        await File.WriteAllBytesAsync(
            old,
            await File.ReadAllBytesAsync(Path.Combine(Shared.Goldens, "keras-3.15.1", "bidirectional-none", "model.keras")));
        Changed(old, "f['layers/bidirectional/forward_layer/cell/vars/2'][0] = np.nan");
        File.Copy(old, path);
        Changed(path, change);
        var (code, output, error) = await Product.RunAsync("verify", old, path);
        Assert.True(code == expected, output + error);
        Assert.Contains(words, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y[0, 1, 2] = np.nan", 1, " where NaN is recorded in outputs_0 (row 0, step 1, unit 2)")]
    [InlineData("y[0, 1, 2] = np.inf", 1, " is recorded in outputs_0 (row 0, step 1, unit 2)")]
    [InlineData("", 0, "Verdict: same")]
    public async Task Recorded_values_that_are_no_numbers_are_a_difference_with_a_reason(string change, int expected, string words)
    {
        var model = Path.Combine(Shared.Goldens, "keras-3.15.1", "bidirectional-none", "model.keras");
        var io = Path.Combine(folder, "io.npz");
        await File.WriteAllBytesAsync(io, await File.ReadAllBytesAsync(Path.Combine(Path.GetDirectoryName(model)!, "io.npz")));
        Hdf5WriterTests.Python(io, $"import sys, numpy as np\nv = dict(np.load(sys.argv[1]))\ny = v['outputs_0']\n{change}\nnp.savez(sys.argv[1], **v)");
        var (code, output, error) = await Product.RunAsync("verify", model, model, "--expect", io);
        Assert.True(code == expected, output + error);
        Assert.Contains(words, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2.2.4", "bidirectional-none", null)]
    [InlineData("3.15.1", "bidirectional-none", null)]
    [InlineData("3.15.1", "bidirectional-sum", "merge_mode=sum")]
    [InlineData("3.15.1", "bidirectional-last", null)]
    public async Task Outputs_of_two_directions_are_held_against_the_source_as_the_Keras_file_gives_them(string version, string name, string? condition)
    {
        var (path, target) = (Path.Combine(Shared.Goldens, $"keras-{version}", name, "model.h5"), Path.Combine(folder, "v.npz"));
        var cell = name == "bidirectional-sum" ? "CudnnCompatibleGRUCell" : "LSTMCell";
        Assert.Equal(0, (await Product.RunAsync("keras2tf", path, "-o", target, "--cell", cell)).Code);
        string[] verify = ["verify", target, path, "--cell", cell, "--wiring", "bidirectional"];
        var (code, output, error) = await Product.RunAsync(verify);
        Assert.True(code == 0, output + error);
        var verdict = output[output.IndexOf("Verdict:", StringComparison.Ordinal)..];
        Assert.Equal(condition is not null, verdict.Contains(condition ?? "merge_mode", StringComparison.Ordinal));

        Hdf5WriterTests.Python(target, """
            import sys, numpy as np
            v = dict(np.load(sys.argv[1]))
            v[next(n for n in v if '/bw/' in n and n.endswith('kernel'))][0, 0] += 0.01
            np.savez(sys.argv[1], **v)
            """);
        Assert.Equal(1, (await Product.RunAsync(verify)).Code);
    }

    private async Task<(string Source, string Path)> Converted(bool hasNaN, string name = "m")
    {
        var (source, path) = (Path.Combine(folder, name + ".npz"), Path.Combine(folder, name + ".weights.h5"));
        Hdf5WriterTests.Python(source, Cell.Replace("BROKEN", hasNaN ? "True" : "False", StringComparison.Ordinal));
        var made = await Product.RunAsync(["tf2keras", source, .. Facts, "-o", path]);
        Assert.True(made.Code == 0, made.Error);
        return (source, path);
    }

    private static void Changed(string path, string change)
    {
        Hdf5WriterTests.Python(path, $$"""
            import h5py, io, numpy as np, sys, zipfile
            with zipfile.ZipFile(sys.argv[1]) as old:
                members = {name: old.read(name) for name in old.namelist()}
            held = io.BytesIO(members['model.weights.h5'])
            with h5py.File(held, 'a') as f:
                {{(change.Length == 0 ? "pass" : change)}}
            members['model.weights.h5'] = held.getvalue()
            with zipfile.ZipFile(sys.argv[1], 'w') as new:
                for name, data in members.items():
                    new.writestr(name, data)
            """);
    }
}
