using System.Text.Json;

namespace LstmConvert.Cli.Tests;

/// <summary>The commands on checkpoints and graphs as programs left them.</summary>
public sealed class CheckpointCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private static string Sample => Path.Combine(CommandTests.Root(), "samples", "checkpoint");

    private static string Recorded => Path.Combine(Sample, "io.npz");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("checkpoint")]
    [InlineData("model.ckpt")]
    [InlineData("model.ckpt.index")]
    [InlineData("model.ckpt.meta")]
    [InlineData("model.ckpt.data-00000-of-00001")]
    public async Task Whatever_a_user_types_the_two_forget_biases_are_found_in_the_graph(string typed)
    {
        var source = Path.Combine(Sample, typed);
        var (code, output, error) = await CommandTests.Run("tf2keras", source, "-o", At("o.h5"), "--strict");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains(
            "forget_bias = 0 (graph: rnn/while/rnn/multi_rnn_cell/cell_0/basic_lstm_cell/Const_2)",
            output,
            StringComparison.Ordinal);
        Assert.Contains(
            "forget_bias = 1 (graph: rnn/while/rnn/multi_rnn_cell/cell_1/basic_lstm_cell/Const_2)",
            output,
            StringComparison.Ordinal);
        foreach (var sample in new[] { "a_", "b_" })
        {
            Assert.Equal(
                0,
                (await CommandTests.Run("verify", source, At("o.h5"), "--input", Recorded, "--expect", Recorded, "--sample", sample)).Code);
        }
    }

    [Fact]
    public async Task An_option_against_the_graph_is_a_warning_and_refused_under_strict()
    {
        var (code, _, error) = await CommandTests.Run("tf2keras", Sample, "-o", At("o.h5"), "--forget-bias", "1");
        Assert.Equal(0, code);
        Assert.Contains(
            "forget_bias is said to be 1, and the graph says 0 (rnn/while/rnn/multi_rnn_cell/cell_0/basic_lstm_cell/Const_2); what is said is taken.",
            error,
            StringComparison.Ordinal);
        Assert.Equal(1, (await CommandTests.Run("verify", Sample, At("o.h5"))).Code);
        (code, _, error) = await CommandTests.Run("tf2keras", Sample, "-o", At("p.h5"), "--forget-bias", "1", "--strict");
        Assert.Equal(5, code);
        Assert.Contains("forget_bias is said to be 1, and the graph says 0", error, StringComparison.Ordinal);
        Assert.False(File.Exists(At("p.h5")));
        Assert.Equal(
            5,
            (
                await CommandTests.Run(
                    "tf2keras",
                    Sample,
                    "-o",
                    At("p.h5"),
                    "--wiring",
                    "independent",
                    "--strict",
                    "--graph",
                    Path.Combine(Sample, "model.ckpt.meta"))).Code);
    }

    [Fact]
    public async Task Without_the_graph_the_default_is_assumed_and_verify_shows_what_that_does()
    {
        Assert.Equal(5, (await CommandTests.Run("tf2keras", Sample, "-o", At("o.h5"), "--graph", "none", "--strict")).Code);
        var (code, output, _) = await CommandTests.Run("tf2keras", Sample, "-o", At("o.h5"), "--graph", "none");
        Assert.Equal(0, code);
        Assert.Contains("forget_bias = 1 (assumed", output, StringComparison.Ordinal);
        (code, output, _) = await CommandTests.Run("verify", Sample, At("o.h5"), "--json");
        Assert.Equal(1, code);
        Assert.Contains("forget bias", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flipped_byte_is_refused_and_leaves_nothing()
    {
        Copy();
        var data = At("model.ckpt.data-00000-of-00001");
        var bytes = File.ReadAllBytes(data);
        bytes[^40] ^= 1;
        File.WriteAllBytes(data, bytes);
        var (code, _, error) = await CommandTests.Run("tf2keras", At("model.ckpt"), "-o", At("o.h5"));
        Assert.Equal(3, code);
        Assert.Contains("does not match its checksum", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.DoesNotContain(Directory.GetFiles(folder), file => file.Contains("o.h5", StringComparison.Ordinal));
        Assert.Equal(3, (await CommandTests.Run("inspect", At("model.ckpt"), "--check")).Code);
        Assert.Equal(0, (await CommandTests.Run("tf2keras", At("model.ckpt"), "-o", At("o.h5"), "--no-crc")).Code);
    }

    [Fact]
    public async Task A_broken_graph_beside_a_checkpoint_is_said_and_a_named_one_is_refused()
    {
        Copy();
        File.WriteAllBytes(At("model.ckpt.meta"), File.ReadAllBytes(At("model.ckpt.meta"))[..5000]);
        var (code, output, error) = await CommandTests.Run("tf2keras", At("model.ckpt"), "-o", At("o.h5"));
        Assert.Equal(0, code);
        Assert.Contains("the graph beside the variables is not used", error, StringComparison.Ordinal);
        Assert.Contains("assumed", output, StringComparison.Ordinal);
        Assert.Equal(3, (await CommandTests.Run("tf2keras", At("model.ckpt"), "-o", At("p.h5"), "--graph", At("model.ckpt.meta"))).Code);
    }

    [Fact]
    public async Task Inspect_shows_versions_variables_layers_and_the_graph()
    {
        var (code, output, _) = await CommandTests.Run("inspect", Sample, "--check", "--graph");
        Assert.Equal(0, code);
        foreach (
            var words in new[]
            {
                "V2 checkpoint, 4 variables",
                "1 data file, little-endian",
                "every checksum right",
                "[chain, graph:",
                "meta graph, TensorFlow 1.15.0",
                "x:0",
                "[1] LSTMCell of rnn/multi_rnn_cell/cell_0/basic_lstm_cell/kernel",
                "v  [2]",
                "sequence_length = given",
            })
        {
            Assert.Contains(words, output, StringComparison.Ordinal);
        }

        (code, output, _) = await CommandTests.Run("inspect", Path.Combine(Sample, "model.ckpt"), "--graph", "--json");
        Assert.Equal(0, code);
        using var report = JsonDocument.Parse(output);
        Assert.Equal(2, report.RootElement.GetProperty("graph_cells").GetProperty("cells").GetArrayLength());
        Assert.Equal(
            "graph",
            report
                .RootElement.GetProperty("groups")[0]
                .GetProperty("cells")[0]
                .GetProperty("facts")
                .GetProperty("forget_bias")
                .GetProperty("evidence")
                .GetString());
    }

    [Fact]
    public async Task A_graph_without_its_variables_can_be_looked_at_and_not_converted()
    {
        File.Copy(Path.Combine(Sample, "model.ckpt.meta"), At("alone.meta"));
        var (code, output, _) = await CommandTests.Run("inspect", At("alone.meta"));
        Assert.Equal(0, code);
        Assert.Contains("forget_bias = 0", output, StringComparison.Ordinal);
        string error;
        (code, _, error) = await CommandTests.Run("tf2keras", At("alone.meta"), "-o", At("o.h5"));
        Assert.Equal(3, code);
        Assert.Contains("graph", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_a_checkpoint_and_arrays_is_ambiguous()
    {
        Copy();
        File.Copy(Path.Combine(CommandTests.Root(), "samples", "seed-post", "x.npy"), At("x.npy"));
        var (code, _, error) = await CommandTests.Run("tf2keras", folder, "-o", At("o.h5"));
        Assert.Equal(5, code);
        Assert.Contains("a folder of .npy files and a V2 checkpoint", error, StringComparison.Ordinal);
    }

    private void Copy()
    {
        foreach (var file in Directory.GetFiles(Sample))
        {
            File.Copy(file, At(Path.GetFileName(file)));
        }
    }

    private string At(string name) => Path.Combine(folder, name);
}
