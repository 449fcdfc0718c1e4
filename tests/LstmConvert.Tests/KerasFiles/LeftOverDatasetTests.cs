using LstmConvert.Tests.Formats.Hdf5;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>Datasets that stand in a Keras file beside those of its layers. What Keras leaves alone is said, what it refuses is refused
/// (keras 3.15.1 load_own_variables: a layer's vars hold its variables and nothing else).</summary>
public sealed class LeftOverDatasetTests : IDisposable
{
    private const string Add = "import sys, h5py, numpy as np\nwith h5py.File(sys.argv[1], 'a') as f: f['NAME'] = np.ones((4, 4), 'f4')";

    private static readonly string[] Facts =
    [
        "--forget-bias", "1", "--activation", "tanh", "--cell-clip", "none", "--residual", "none", "--fact", "direction=forward",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("lstm.h5", "cell/cell/extra:0")]
    [InlineData("lstm.h5", "cell/extra")]
    [InlineData("lstm.h5", "more/extra")]
    [InlineData("lstm.weights.h5", "layers/lstm/extra")]
    [InlineData("lstm.weights.h5", "layers/lstm/cell/extra")]
    [InlineData("lstm.weights.h5", "layers/lstm/cell/more/vars/0")]
    [InlineData("lstm.weights.h5", "layers/dense_1/vars/0")]
    public async Task What_Keras_leaves_alone_is_said_and_refused_if_strict(string name, string dataset)
    {
        var (source, path) = await Written(name);
        var before = await Product.RunAsync(["verify", source, path, .. Facts, "--strict"]);
        Assert.True(before.Code == 0, before.Error);
        Hdf5WriterTests.Python(path, Adding(dataset));

        var verified = await Product.RunAsync(["verify", source, path, .. Facts]);
        Assert.True(verified.Code == 0, verified.Output + verified.Error);
        Assert.Contains($"numbers that no layer of it has, and no Keras reads: {dataset}", verified.Output, StringComparison.Ordinal);
        var strict = await Product.RunAsync(["verify", source, path, .. Facts, "--strict"]);
        Assert.True(strict.Code == 5, strict.Output + strict.Error);
        Assert.Contains(dataset, strict.Error, StringComparison.Ordinal);
        Assert.Contains($"left out: {dataset}", (await Product.RunAsync("inspect", path)).Output, StringComparison.Ordinal);
        var back = await Product.RunAsync("keras2tf", path, "-o", Path.Combine(folder, "back.npz"));
        Assert.True(back.Code == 0, back.Error);
        Assert.Contains($"left out: {dataset}", back.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("layers/lstm/cell/vars/3")]
    [InlineData("layers/lstm/cell/vars/extra")]
    public async Task What_Keras_refuses_is_refused(string dataset)
    {
        var (source, path) = await Written("lstm.weights.h5");
        Hdf5WriterTests.Python(path, Adding(dataset));
        var verified = await Product.RunAsync(["verify", source, path, .. Facts]);
        Assert.True(verified.Code == 3, verified.Output + verified.Error);
        Assert.Contains("and the file has 4 (0, 1, 2, ", verified.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repaired_model_says_what_it_leaves_behind()
    {
        var old = Path.Combine(folder, "old.h5");
        await File.WriteAllBytesAsync(old, await File.ReadAllBytesAsync(Path.Combine(Shared.Goldens, "keras-2.2.4", "lstm", "model.h5")));
        var clean = await Product.RunAsync("repair", old, "-o", Path.Combine(folder, "clean.keras"));
        Assert.DoesNotContain("left out", clean.Output, StringComparison.Ordinal);
        Hdf5WriterTests.Python(old, Adding("model_weights/more/extra"));
        var repaired = await Product.RunAsync("repair", old, "-o", Path.Combine(folder, "new.keras"));
        Assert.True(repaired.Code == 0, repaired.Error);
        Assert.Contains("model_weights/more/extra", repaired.Output, StringComparison.Ordinal);
    }

    private static string Adding(string dataset) => Add.Replace("NAME", dataset, StringComparison.Ordinal);

    private async Task<(string Source, string Path)> Written(string name)
    {
        var (source, path) = (Path.Combine(folder, "cell.npz"), Path.Combine(folder, name));
        Hdf5WriterTests.Python(source, "import sys, numpy as np; r = np.random.RandomState(1); np.savez(sys.argv[1], **{'cell/lstm_cell/kernel': r.uniform(-1, 1, (7, 16)).astype('f4'), 'cell/lstm_cell/bias': r.uniform(-1, 1, 16).astype('f4')})");
        var made = await Product.RunAsync("tf2keras", source, "--forget-bias", "1", "-o", path, "--layer", "cell/lstm_cell=cell");
        Assert.True(made.Code == 0, made.Error);
        return (source, path);
    }
}
