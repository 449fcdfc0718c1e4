using System.Text.Json.Nodes;

namespace LstmConvert.Cli.Tests;

/// <summary>Plans: what stands in them, and that only what stands in them is done.</summary>
public sealed class PlanTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private static string Samples => Path.Combine(CommandTests.Root(), "samples");

    private static string Variables => Path.Combine(Samples, "seed-post", "variables");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("batch/gru", ".h5")]
    [InlineData("checkpoint", ".h5")]
    [InlineData("char-rnn/model.ckpt", ".keras", "--to", "keras3-model")]
    [InlineData("saved-model", ".keras", "--to", "keras3-model")]
    [InlineData(
        "batch/language-model",
        ".weights.h5",
        "--to",
        "keras3-weights",
        "--forget-bias",
        "rnn/multi_rnn_cell/cell_0/lstm_cell=0.5",
        "--layer",
        "rnn/multi_rnn_cell/cell_1/lstm_cell=a b")]
    [InlineData("batch/tagger.npz", ".npz", "--to", "npz", "--no-merge-bidirectional", "--fact", "forget_bias=2")]
    public async Task An_applied_plan_writes_what_the_conversion_writes(string source, string extension, params string[] options)
    {
        source = Path.Combine(Samples, source);
        Assert.Equal(0, (await CommandTests.Run(["tf2keras", source, "-o", At("alone" + extension), .. options])).Code);
        var (code, _, error) = await CommandTests.Run(["plan", source, "--out-dir", At("out"), "-o", At("plan.json"), .. options]);
        Assert.True(code == 0, error);
        (code, var output, error) = await CommandTests.Run("apply", At("plan.json"));
        Assert.True(code == 0, error);
        Assert.Contains("1 converted, 0 failed", output, StringComparison.Ordinal);
        var written = Assert.Single(Directory.GetFiles(At("out"), "*" + extension, SearchOption.AllDirectories));
        Assert.Equal(await File.ReadAllBytesAsync(At("alone" + extension)), await File.ReadAllBytesAsync(written));
        var before = File.GetLastWriteTimeUtc(written);
        (code, output, error) = await CommandTests.Run("apply", At("plan.json"));
        Assert.True(code == 0, error);
        Assert.Contains("0 converted, 1 there already, 0 failed", output, StringComparison.Ordinal);
        Assert.Equal(before, File.GetLastWriteTimeUtc(written));
    }

    [Fact]
    public async Task A_plan_holds_sources_hashes_layers_facts_with_evidence_recipes_target_and_options()
    {
        var (code, output, _) = await CommandTests.Run(
            "plan",
            Path.Combine(Samples, "checkpoint"),
            "--out-dir",
            "out",
            "--cell-clip",
            "none");
        Assert.Equal(0, code);
        var entry = Assert.Single(JsonNode.Parse(output)!["entries"]!.AsArray())!;
        Assert.Equal(Path.Combine("out", "checkpoint.h5"), entry["target"]!.GetValue<string>());
        Assert.Equal(["--cell-clip", "none"], entry["options"]!.AsArray().Select(word => word!.GetValue<string>()));
        var index = entry["files"]!
            .AsArray()
            .Single(file => file!["path"]!.GetValue<string>().EndsWith(".index", StringComparison.Ordinal))!;
        var bytes = await File.ReadAllBytesAsync(Path.Combine(Samples, "checkpoint", "model.ckpt.index"));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), index["sha256"]!.GetValue<string>());
        Assert.Equal(
            ["model.ckpt.data-00000-of-00001", "model.ckpt.index", "model.ckpt.meta"],
            entry["files"]!.AsArray().Select(file => Path.GetFileName(file!["path"]!.GetValue<string>())));
        var fact = entry["groups"]![0]!["cells"]![0]!["facts"]!["forget_bias"]!;
        Assert.Equal("graph", fact["evidence"]!.GetValue<string>());
        Assert.Equal("kernel[x] ijfo->ifco", entry["layers"]![0]!["weights"]![0]!["recipe"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_cannot_be_planned_stands_in_the_plan_with_its_reason()
    {
        Directory.CreateDirectory(At("empty"));
        var (code, _, error) = await CommandTests.Run("plan", Variables, At("empty"), "--out-dir", At("out"), "-o", At("plan.json"));
        Assert.Equal(3, code);
        Assert.Contains("is an empty folder", error, StringComparison.Ordinal);
        (code, var output, error) = await CommandTests.Run("apply", At("plan.json"));
        Assert.Equal(3, code);
        Assert.Contains("1 converted, 1 failed", output, StringComparison.Ordinal);
        Assert.Contains("could not be planned", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_changed_is_refused_and_the_others_go_on()
    {
        CommandTests.Copy(Variables, At("v"));
        CommandTests.Copy(Path.Combine(Samples, "batch", "gru"), At("g"));
        Assert.Equal(0, (await CommandTests.Run("plan", At("v"), At("g"), "--out-dir", At("out"), "-o", At("plan.json"))).Code);
        var kernel = At("v/rnn/fw/kernel.npy");
        var bytes = await File.ReadAllBytesAsync(kernel);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(kernel, bytes);
        var (code, output, error) = await CommandTests.Run("apply", At("plan.json"));
        Assert.Equal(5, code);
        Assert.Contains("1 converted, 1 failed", output, StringComparison.Ordinal);
        Assert.Contains("is not what it was when the plan was made", error, StringComparison.Ordinal);
        File.Delete(kernel);
        Assert.Equal(3, (await CommandTests.Run("apply", At("plan.json"))).Code);
    }

    [Fact]
    public async Task A_file_that_came_to_a_source_is_refused()
    {
        CommandTests.Copy(Variables, At("v"));
        Assert.Equal(0, (await CommandTests.Run("plan", At("v"), "--out-dir", At("out"), "-o", At("plan.json"))).Code);
        CommandTests.WriteNpy(At("v/step.npy"), "(1,)", [1]);
        var (code, _, error) = await CommandTests.Run("apply", At("plan.json"));
        Assert.Equal(5, code);
        Assert.Contains("was not there when the plan was made", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kernel[x] ijfo->ifco", "kernel[x] ifco", "recipe")]
    [InlineData("rnn_fw/kernel:0", "rnn_fw/other:0", "path")]
    [InlineData("\"value\": \"forward\"", "\"value\": \"backward\"", "in the plan")]
    [InlineData("\"direction\": \"fw\"", "\"direction\": \"bw\"", "in the plan")]
    [InlineData("\"level\": 0", "\"level\": 1", "in the plan")]
    [InlineData("\"cell\": \"LSTMCell\"", "\"cell\": \"GRUCell\"", "in the plan")]
    [InlineData("\"class_name\": \"LSTM\"", "\"class_name\": \"GRU\"", "in the plan")]
    [InlineData("--activation", "--recurrent-activation", "recurrent_activation")]
    public async Task A_conversion_that_is_not_the_planned_one_is_refused(string from, string to, string says)
    {
        Assert.Equal(
            0,
            (await CommandTests.Run("plan", Variables, "--out-dir", At("out"), "-o", At("plan.json"), "--activation", "tanh")).Code);
        var text = await File.ReadAllTextAsync(At("plan.json"));
        Assert.Contains(from, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(At("plan.json"), text.Replace(from, to, StringComparison.Ordinal));
        var (code, _, error) = await CommandTests.Run("apply", At("plan.json"));
        Assert.True(code is 2 or 5, $"exit {code}: {error}");
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("out")));
    }

    [Fact]
    public async Task Facts_that_are_found_otherwise_now_are_said_as_the_plan_has_them()
    {
        // As if another release assumed another activation: the plan's counts, and is what is written.
        Assert.Equal(0, (await CommandTests.Run("plan", Variables, "--out-dir", At("out"), "-o", At("plan.json"))).Code);
        var text = (await File.ReadAllTextAsync(At("plan.json"))).Replace(
            "\"value\": \"tanh\"",
            "\"value\": \"relu\"",
            StringComparison.Ordinal);
        await File.WriteAllTextAsync(At("plan.json"), text);
        var (code, _, error) = await CommandTests.Run("apply", At("plan.json"));
        Assert.True(code == 0, error);
        Assert.Contains("rnn/fw: activation = relu is the plan's word", error, StringComparison.Ordinal);
        var written = Assert.Single(Directory.GetFiles(At("out"), "*.h5", SearchOption.AllDirectories));
        var (_, shown, _) = await CommandTests.Run("inspect", written);
        Assert.Contains("activation = relu (option)", shown, StringComparison.Ordinal);
        Assert.Equal(0, (await CommandTests.Run("verify", Variables, written, "--activation", "relu")).Code);
    }

    [Fact]
    public async Task A_target_that_is_something_else_is_kept()
    {
        Assert.Equal(0, (await CommandTests.Run("plan", Variables, "--out-dir", At("out"), "-o", At("plan.json"))).Code);
        Directory.CreateDirectory(At("out"));
        var target = JsonNode.Parse(await File.ReadAllTextAsync(At("plan.json")))!["entries"]![0]!["target"]!.GetValue<string>();
        await File.WriteAllTextAsync(target, "mine");
        Assert.Equal(6, (await CommandTests.Run("apply", At("plan.json"))).Code);
        Assert.Equal("mine", await File.ReadAllTextAsync(target));

        // The same weights of another model are something else too: here both directions read backward.
        File.Delete(target);
        Assert.Equal(0, (await CommandTests.Run("tf2keras", Variables, "-o", target, "--activation", "relu")).Code);
        Assert.Equal(6, (await CommandTests.Run("apply", At("plan.json"))).Code);
        Assert.Equal(0, (await CommandTests.Run("apply", At("plan.json"), "--skip-existing")).Code);
        Assert.Equal(0, (await CommandTests.Run("apply", At("plan.json"), "--force", "--verify")).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"schema\": \"lstmconvert/2\", \"command\": \"plan\"}")]
    [InlineData("{\"schema\": \"lstmconvert/2\", \"command\": \"verify\", \"entries\": []}")]
    [InlineData("{\"schema\": \"lstmconvert/2\", \"command\": \"plan\", \"entries\": [1]}")]
    [InlineData("{\"schema\": \"lstmconvert/2\", \"command\": \"plan\", \"entries\": [{\"sources\": [], \"target\": \"a.h5\"}]}")]
    [InlineData(
        "{\"schema\": \"lstmconvert/2\", \"command\": \"plan\", \"entries\": [{\"sources\": [\"\\u0000\"], \"target\": \"a.h5\", \"exit_code\": 0}]}"
    )]
    [InlineData(
        "{\"schema\": \"lstmconvert/2\", \"command\": \"plan\", \"entries\": [{\"sources\": [\"a\"], \"target\": \"a.h5\", \"exit_code\": 0, \"options\": [], \"files\": [3]}]}"
    )]
    [InlineData("{\"schema\": \"lstmconvert/2\", \"schema\": \"lstmconvert/2\", \"command\": \"plan\", \"entries\": []}")]
    public async Task What_is_no_plan_is_refused_in_a_sentence(string text)
    {
        await File.WriteAllTextAsync(At("plan.json"), text);
        var (code, output, error) = await CommandTests.Run("apply", At("plan.json"));
        Assert.True(code == 3, $"exit {code}: {error}");
        Assert.Empty(output);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task Options_in_a_plan_are_options_of_conversions_alone()
    {
        Assert.Equal(
            0,
            (await CommandTests.Run("plan", Variables, "--out-dir", At("out"), "-o", At("plan.json"), "--activation", "tanh")).Code);
        var text = await File.ReadAllTextAsync(At("plan.json"));
        foreach (var word in new[] { "--force", "--sources-from", "other.npz", "@words" })
        {
            await File.WriteAllTextAsync(At("plan.json"), text.Replace("\"--activation\"", $"\"{word}\"", StringComparison.Ordinal));
            var (code, _, error) = await CommandTests.Run("apply", At("plan.json"));
            Assert.Equal(2, code);
            Assert.Contains("options of the plan", error, StringComparison.Ordinal);
        }
    }

    private string At(string name) => Path.Combine(folder, name);
}
