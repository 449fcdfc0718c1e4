namespace LstmConvert.Cli.Tests;

/// <summary>Sources that need care: what is warned of, refused by name, or needs an option.</summary>
public sealed class SourceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private static string Goldens => Path.Combine(CommandTests.Root(), "tests", "data", "goldens");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Weights_that_are_not_finite_are_converted_and_warned_of()
    {
        var values = Enumerable.Range(0, 60).Select(k => k * 0.01f).ToArray();
        values[7] = float.NaN;
        Write("rnn/lstm_cell/kernel", "(5, 12)", values);
        Write("rnn/lstm_cell/bias", "(12,)", new float[12]);
        var (code, _, error) = await CommandTests.Run("tf2keras", At("v"), "-o", At("o.h5"));
        Assert.Equal(0, code);
        Assert.Contains("rnn/lstm_cell/kernel", error, StringComparison.Ordinal);
        Assert.Contains("NaN", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_cells_in_one_scope_are_not_decided()
    {
        Write("rnn/lstm_cell/kernel", "(5, 12)", new float[60]);
        Write("rnn/lstm_cell/weights", "(5, 12)", new float[60]);
        Write("rnn/lstm_cell/bias", "(12,)", new float[12]);
        var (code, _, error) = await CommandTests.Run("tf2keras", At("v"), "-o", At("o.h5"));
        Assert.Equal(5, code);
        Assert.Contains("holds two cells", error, StringComparison.Ordinal);
        Assert.Equal(0, (await CommandTests.Run("tf2keras", At("v"), "-o", At("o.h5"), "--exclude", "*/weights")).Code);
    }

    [Fact]
    public async Task A_target_that_is_the_source_is_refused_even_with_force()
    {
        File.Copy(Path.Combine(CommandTests.Root(), "samples", "batch", "tagger.npz"), At("t.h5"));
        var before = await File.ReadAllBytesAsync(At("t.h5"), TestContext.Current.CancellationToken);
        var (code, _, error) = await CommandTests.Run("tf2keras", At("t.h5"), "-o", At("t.h5"), "--force");
        Assert.Equal(6, code);
        Assert.Single(error.Trim().Split('\n'));
        Assert.Equal(before, await File.ReadAllBytesAsync(At("t.h5"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Peepholes_are_written_with_a_module_that_has_their_layer()
    {
        foreach (var (source, name) in new[] { ("model.ckpt", "checkpoint"), ("variables.npz", "variables") })
        {
            var (code, output, error) = await CommandTests.Run(
                "tf2keras",
                Path.Combine(Goldens, "tf1", "lstm-peephole", source),
                "-o",
                At($"{name}.h5"));
            Assert.True(code == 0, error);
            Assert.Contains("use_peepholes=True", output, StringComparison.Ordinal);
            Assert.True(File.Exists(At($"{name}.h5")));
            Assert.Contains(
                "class ExtendedLSTMCell",
                await File.ReadAllTextAsync(At($"{name}_layers.py"), TestContext.Current.CancellationToken),
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("selu", 0)]
    [InlineData("elu", 0)]
    [InlineData("softplus", 0)]
    [InlineData("relu6", 0)]
    [InlineData("tahn", 2)]
    public async Task An_activation_is_the_same_on_both_sides_or_not_known(string activation, int expected)
    {
        var source = Path.Combine(CommandTests.Root(), "samples", "batch", "language-model");
        Assert.Equal(expected, (await CommandTests.Run("tf2keras", source, "-o", At("o.h5"), "--activation", activation)).Code);
        if (expected == 0)
        {
            Assert.Equal(0, (await CommandTests.Run("verify", source, At("o.h5"), "--activation", activation)).Code);
            Assert.Equal(1, (await CommandTests.Run("verify", source, At("o.h5"), "--forget-bias", "0", "--activation", activation)).Code);
        }
    }

    [Fact]
    public async Task Two_byte_elements_without_a_type_are_bfloat16_when_told_so()
    {
        var shared = Environment.GetEnvironmentVariable("LSTMCONVERT_SHARED");
        Assert.SkipWhen(shared is null, "LSTMCONVERT_SHARED names no folder of reference data.");
        var source = Path.Combine(shared!, "goldens", "tf1", "bfloat16-lstm");
        Assert.Equal(3, (await CommandTests.Run("tf2keras", Path.Combine(source, "npy-bfloat16"), "-o", At("o.h5"))).Code);
        Assert.Equal(
            0,
            (await CommandTests.Run("tf2keras", Path.Combine(source, "npy-bfloat16"), "-o", At("o.h5"), "--dtype", "bfloat16")).Code);
        Assert.Equal(0, (await CommandTests.Run("tf2keras", Path.Combine(source, "model.ckpt"), "-o", At("p.h5"))).Code);
        Assert.Equal(0, (await CommandTests.Run("verify", Path.Combine(source, "model.ckpt"), At("o.h5"))).Code);
        Assert.Equal(0, (await CommandTests.Run("verify", Path.Combine(source, "npy-bfloat16"), At("p.h5"), "--dtype", "bfloat16")).Code);
    }

    [Fact]
    public async Task A_projected_cell_is_converted_and_agrees_with_what_was_recorded()
    {
        var shared = Environment.GetEnvironmentVariable("LSTMCONVERT_SHARED");
        Assert.SkipWhen(shared is null, "LSTMCONVERT_SHARED names no folder of reference data.");
        foreach (var name in new[] { "lstm-proj" })
        {
            var source = Path.Combine(shared!, "goldens", "tf1", name);
            Assert.Equal(0, (await CommandTests.Run("tf2keras", Path.Combine(source, "model.ckpt"), "-o", At("o.h5"), "--force")).Code);
            var (code, output, _) = await CommandTests.Run(
                "verify",
                Path.Combine(source, "model.ckpt"),
                At("o.h5"),
                "--input",
                Path.Combine(source, "io.npz"),
                "--expect",
                Path.Combine(source, "io.npz"),
                "--sample",
                "a_");
            Assert.Equal(0, code);
            Assert.Contains("Keras against recorded outputs", output, StringComparison.Ordinal);
        }
    }

    private void Write(string name, string shape, float[] values)
    {
        var path = At(Path.Combine("v", name + ".npy"));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        CommandTests.WriteNpy(path, shape, values);
    }

    private string At(string name) => Path.Combine(folder, name);
}
