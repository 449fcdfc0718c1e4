namespace LstmConvert.Cli.Tests;

/// <summary>The Python module that is written beside a file whose code needs layers that no Keras has.</summary>
public sealed class LayerModuleCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private static string Peepholes => Path.Combine(CommandTests.Root(), "tests", "data", "goldens", "tf1", "lstm-peephole", "model.ckpt");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_module_lies_beside_the_file_and_the_code_imports_it()
    {
        var (code, output, _) = await CommandTests.Run("tf2keras", Peepholes, "-o", At("my-lstm.h5"));
        Assert.Equal(0, code);
        Assert.Contains("from my_lstm_layers import ExtendedLSTMCell", output, StringComparison.Ordinal);
        Assert.Contains("class ExtendedLSTMCell(keras.layers.Layer)", await ReadAsync("my_lstm_layers.py"), StringComparison.Ordinal);
        Assert.Equal(0, (await CommandTests.Run("verify", Peepholes, At("my-lstm.h5"))).Code);
    }

    [Fact]
    public async Task The_same_text_may_be_there_and_another_one_is_kept()
    {
        Assert.Equal(0, (await CommandTests.Run("tf2keras", Peepholes, "-o", At("lstm.h5"))).Code);
        File.Delete(At("lstm.h5"));
        Assert.Equal(0, (await CommandTests.Run("tf2keras", Peepholes, "-o", At("lstm.h5"))).Code);
        File.Delete(At("lstm.h5"));
        await File.WriteAllTextAsync(At("lstm_layers.py"), "mine = 1\n", TestContext.Current.CancellationToken);
        var (code, _, error) = await CommandTests.Run("tf2keras", Peepholes, "-o", At("lstm.h5"));
        Assert.Equal(6, code);
        Assert.Contains("lstm_layers.py exists", error, StringComparison.Ordinal);
        Assert.Equal("mine = 1\n", await ReadAsync("lstm_layers.py"));
        Assert.False(File.Exists(At("lstm.h5")));
        Assert.Equal(0, (await CommandTests.Run("tf2keras", Peepholes, "-o", At("lstm.h5"), "--force")).Code);
        Assert.Contains("ExtendedLSTMCell", await ReadAsync("lstm_layers.py"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_module_can_have_a_name_of_its_own()
    {
        var (code, output, _) = await CommandTests.Run("tf2keras", Peepholes, "-o", At("lstm.keras"), "--emit-layers", At("cells.py"));
        Assert.Equal(0, code);
        Assert.Contains("from cells import ExtendedLSTMCell", output, StringComparison.Ordinal);
        Assert.True(File.Exists(At("cells.py")));
        Assert.False(File.Exists(At("lstm_layers.py")));
        Assert.Equal(2, (await CommandTests.Run("tf2keras", Peepholes, "-o", At("other.h5"), "--emit-layers", At("my-cells.py"))).Code);
    }

    [Fact]
    public async Task Stock_layers_need_no_module_and_a_dry_run_writes_none()
    {
        Assert.Equal(0, (await CommandTests.Run("tf2keras", Peepholes, "-o", At("dry.h5"), "--dry-run")).Code);
        Assert.Equal(
            0,
            (
                await CommandTests.Run(
                    "tf2keras",
                    Path.Combine(CommandTests.Root(), "tests", "data", "goldens", "tf1", "lstm-proj", "model.ckpt"),
                    "-o",
                    At("plain.h5"),
                    "--emit-layers",
                    At("cells.py"))).Code);
        Assert.Empty(Directory.GetFiles(folder, "*.py"));
    }

    private string At(string name) => Path.Combine(folder, name);

    private Task<string> ReadAsync(string name) => File.ReadAllTextAsync(At(name), TestContext.Current.CancellationToken);
}
