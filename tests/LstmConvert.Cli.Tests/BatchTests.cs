using System.Text.Json.Nodes;

namespace LstmConvert.Cli.Tests;

/// <summary>Lists of sources: names, failures, what is there already, warnings, verification.</summary>
public sealed class BatchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private static string Samples => Path.Combine(CommandTests.Root(), "samples");

    private static string Variables => Path.Combine(Samples, "seed-post", "variables");

    private static string Tagger => Path.Combine(Samples, "batch", "tagger.npz");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_name_of_a_result_never_depends_on_the_rest_of_the_list()
    {
        Copy("a/model.npz");
        Copy("b/c/model.npz");
        Copy("b/other.npz");
        await Converted(["a/model.npz", "b/c/model.npz"], "out/a/model.h5", "out/b/c/model.h5");
        await Converted(["b/c/model.npz"], "out/b/c/model.h5");
        await Converted(["b/c/model.npz", "b/other.npz"], "out/b/c/model.h5", "out/b/other.h5");
    }

    [Fact]
    public async Task A_source_that_is_not_below_the_base_keeps_its_last_component()
    {
        Copy("a/model.npz");
        var (code, _, error) = await CommandTests.Run("tf2keras", At("a/model.npz"), Tagger, "--out-dir", At("out"), "--base", At("a"));
        Assert.True(code == 0, error);
        Assert.Equal(["model.h5", "tagger.h5"], Results());
    }

    [Fact]
    public async Task A_source_that_is_named_twice_is_converted_once()
    {
        var (code, output, error) = await CommandTests.Run(
            "tf2keras",
            Variables,
            Variables + "/",
            Path.Combine(Variables, "..", "variables"),
            Tagger,
            "--out-dir",
            At("out"));
        Assert.True(code == 0, error);
        Assert.Contains("2 converted, 0 failed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_sources_with_one_target_fail_and_the_others_go_on()
    {
        Copy("a/model.npz");
        Copy("b/model.npz");
        var (code, output, error) = await CommandTests.Run(
            "tf2keras",
            At("a/model.npz"),
            Tagger,
            At("b/model.npz"),
            "--out-dir",
            At("out"),
            "--json");
        Assert.Equal(6, code);
        var document = JsonNode.Parse(output)!;
        Assert.Equal([6, 0, 6], document["results"]!.AsArray().Select(result => result!["exit_code"]!.GetValue<int>()));
        Assert.Equal(6, document["exit_code"]!.GetValue<int>());
        Assert.Contains("2 of 3 failed", error, StringComparison.Ordinal);
        Assert.Equal(["tagger.h5"], Results());
    }

    [Fact]
    public async Task Sources_of_one_name_are_told_how_each_keeps_its_path()
    {
        string[] sources = [.. Enumerable.Range(0, 40).Select(k => $"runs/{k}/model.npz")];
        foreach (var source in sources)
        {
            Copy(source);
        }

        var (code, _, error) = await CommandTests.Run(["tf2keras", .. sources.Select(At), "--out-dir", At("out")]);
        Assert.Equal(6, code);
        Assert.Empty(Results());
        Assert.Contains(
            $"{At("out/model.h5")} would be written from {At("runs/1/model.npz")} and {At("runs/2/model.npz")} and 37 more as well, so from none of them. With --out-dir {At("out")} --base {At("runs")} each keeps its path below that folder.",
            error,
            StringComparison.Ordinal);
        Assert.All(error.Split('\n'), line => Assert.InRange(line.Length, 0, 1_000));
        (code, _, error) = await CommandTests.Run(["tf2keras", .. sources.Select(At), "--out-dir", At("out"), "--base", At("runs")]);
        Assert.True(code == 0, error);
        Assert.Equal(sources.Select(source => source["runs/".Length..^"npz".Length] + "h5").Order(StringComparer.Ordinal), Results());
    }

    [Fact]
    public async Task Sources_that_no_folder_tells_apart_are_converted_on_their_own()
    {
        Copy("a/model.npz");
        Copy("a/model.npy.npz");
        var (code, _, error) = await CommandTests.Run("tf2keras", At("a/model.npz"), At("a/model.npy.npz"), "--out-dir", At("out"));
        Assert.Equal(6, code);
        Assert.Contains("so from none of them. Convert it on its own with -o.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_there_is_skipped_and_the_failures_are_named_again()
    {
        Directory.CreateDirectory(At("empty"));
        string[] arguments = ["tf2keras", Variables, At("empty"), Tagger, "--out-dir", At("out"), "--skip-existing"];
        Assert.Equal(3, (await CommandTests.Run(arguments)).Code);
        var before = Results().ToDictionary(name => name, name => File.GetLastWriteTimeUtc(At("out/" + name)));
        var (code, output, error) = await CommandTests.Run(arguments);
        Assert.Equal(3, code);
        Assert.Contains("0 converted, 2 there already, 1 failed", output, StringComparison.Ordinal);
        Assert.Contains("is an empty folder", error, StringComparison.Ordinal);
        Assert.All(before, pair => Assert.Equal(pair.Value, File.GetLastWriteTimeUtc(At("out/" + pair.Key))));
        Assert.Equal(6, (await CommandTests.Run([.. arguments[..^1]])).Code);
        Assert.Equal(2, (await CommandTests.Run([.. arguments, "--force"])).Code);
    }

    [Fact]
    public async Task Every_failure_is_named_with_its_reason_and_what_to_type()
    {
        Directory.CreateDirectory(At("empty"));
        File.WriteAllText(At("page.npz"), "<html>not found</html>");
        var (code, output, error) = await CommandTests.Run(
            "tf2keras",
            At("empty"),
            At("page.npz"),
            At("nowhere"),
            Tagger,
            "--out-dir",
            At("out"),
            "--jobs",
            "3");
        Assert.Equal(3, code);
        Assert.Contains("1 converted, 3 failed", output, StringComparison.Ordinal);
        Assert.Contains("3 of 4 failed:", error, StringComparison.Ordinal);
        foreach (var name in new[] { "empty", "page.npz", "nowhere" })
        {
            Assert.Contains($"exit 3  {At(name)}\n", error, StringComparison.Ordinal);
            Assert.Contains($"next: lstmconvert inspect {At(name)}\n", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Dry_runs_and_printed_code_are_what_they_are_alone()
    {
        foreach (var option in new[] { "--dry-run", "--print-keras" })
        {
            var (_, first, _) = await CommandTests.Run("tf2keras", Variables, "-o", At("out/variables.h5"), option);
            var (_, second, _) = await CommandTests.Run("tf2keras", Tagger, "-o", At("out/tagger.h5"), option);
            var (code, both, error) = await CommandTests.Run("tf2keras", Variables, Tagger, "--out-dir", At("out"), option, "--jobs", "2");
            Assert.True(code == 0, error);
            Assert.Contains(first, both, StringComparison.Ordinal);
            Assert.Contains(second, both, StringComparison.Ordinal);
            Assert.True(both.IndexOf(first, StringComparison.Ordinal) < both.IndexOf(second, StringComparison.Ordinal));
            Assert.False(Directory.Exists(At("out")));
        }
    }

    [Fact]
    public async Task A_warning_is_said_once_with_its_source()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            Directory.CreateDirectory(At($"{name}/rnn/lstm_cell"));
            var kernel = Enumerable.Repeat(0.5f, 60).ToArray();
            kernel[7] = float.NaN;
            CommandTests.WriteNpy(At($"{name}/rnn/lstm_cell/kernel.npy"), "(5, 12)", kernel);
            CommandTests.WriteNpy(At($"{name}/rnn/lstm_cell/bias.npy"), "(12,)", new float[12]);
        }

        var (code, output, error) = await CommandTests.Run("tf2keras", At("a"), At("b"), At("c"), "--out-dir", At("out"), "--json");
        Assert.Equal(0, code);
        var lines = error.Split('\n').Where(line => line.Contains("NaN", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, lines.Length);
        Assert.StartsWith($"lstmconvert: warning: {At("a")}: rnn/lstm_cell/kernel holds 1 numbers", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("lstmconvert: warning: of 2 more sources: ", lines[1], StringComparison.Ordinal);
        var document = JsonNode.Parse(output)!;
        Assert.Equal(3, document["warnings"]!.AsArray().Count);
        Assert.All(document["results"]!.AsArray(), result => Assert.Single(result!["warnings"]!.AsArray()));
    }

    [Fact]
    public async Task Each_result_is_verified_where_that_is_wanted()
    {
        var (code, output, error) = await CommandTests.Run("tf2keras", Variables, Tagger, "--out-dir", At("out"), "--verify", "--json");
        Assert.True(code == 0, error);
        foreach (var result in JsonNode.Parse(output)!["results"]!.AsArray())
        {
            Assert.Equal("same", result!["verification"]!["verdict"]!.GetValue<string>());
            Assert.Contains(
                "forget_bias = 1",
                result["verification"]!["assumed"]!.AsArray().Select(condition => condition!.GetValue<string>()));
        }

        (code, output, _) = await CommandTests.Run("tf2keras", Variables, Tagger, "--out-dir", At("other"), "--verify");
        Assert.Equal(0, code);
        Assert.Equal(2, output.Split('\n').Count(line => line.Contains("same, if forget_bias = 1", StringComparison.Ordinal)));
        (code, output, _) = await CommandTests.Run("tf2keras", Variables, "-o", At("alone.h5"), "--verify");
        Assert.Equal(0, code);
        Assert.Contains("Verdict: same, if", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_computes_something_else_is_different()
    {
        // Weights of NaN compute NaN: never the same.
        CommandTests.WriteNpy(Made("a/rnn/lstm_cell/kernel.npy"), "(5, 12)", [.. Enumerable.Repeat(float.NaN, 60)]);
        CommandTests.WriteNpy(Made("a/rnn/lstm_cell/bias.npy"), "(12,)", new float[12]);
        var (code, output, _) = await CommandTests.Run("tf2keras", At("a"), Tagger, "--out-dir", At("out"), "--verify");
        Assert.True(code is 1 or 5, $"exit {code}: {output}");
        Assert.Contains("1 converted, 1 failed", output, StringComparison.Ordinal);
        Assert.Equal(["a.h5", "tagger.h5"], Results());
    }

    [Theory]
    [InlineData("0/2")]
    [InlineData("3/2")]
    [InlineData("1")]
    [InlineData("1/2/3")]
    [InlineData("-1/2")]
    public async Task A_part_that_is_none_is_refused(string shard) =>
        Assert.Equal(2, (await CommandTests.Run("tf2keras", Variables, Tagger, "--out-dir", At("out"), "--shard", shard)).Code);

    [Fact]
    public async Task The_parts_of_a_list_are_the_list()
    {
        for (var k = 0; k < 7; k++)
        {
            Copy($"m{k}.npz");
        }

        string[] sources = [.. Enumerable.Range(0, 7).Select(k => At($"m{k}.npz"))];
        for (var part = 1; part <= 3; part++)
        {
            var before = Results().Length;
            var (code, output, error) = await CommandTests.Run([
                "tf2keras",
                .. sources,
                "--out-dir",
                At("out"),
                "--base",
                folder,
                "--shard",
                $"{part}/3",
            ]);
            Assert.True(code == 0, error);
            Assert.Contains($"{Results().Length - before} converted, 0 failed", output, StringComparison.Ordinal);
        }

        Assert.Equal(7, Results().Length);
    }

    [Fact]
    public async Task Names_that_a_terminal_would_obey_are_escaped()
    {
        var name = At("a\e[31m\nb");
        Directory.CreateDirectory(name);
        var (code, output, error) = await CommandTests.Run("tf2keras", name, Tagger, "--out-dir", At("out"));
        Assert.Equal(3, code);
        Assert.DoesNotContain('\e', output + error);
        Assert.Contains("a\\x1b[31m\\x0ab", output, StringComparison.Ordinal);
        Assert.Contains("a\\x1b[31m\\x0ab", error, StringComparison.Ordinal);
    }

    private async Task Converted(string[] sources, params string[] targets)
    {
        var (code, _, error) = await CommandTests.Run(["tf2keras", .. sources.Select(At), "--out-dir", At("out"), "--base", folder]);
        Assert.True(code == 0, error);
        Assert.Equal(targets.Order(StringComparer.Ordinal), Results().Select(name => "out/" + name));
        Directory.Delete(At("out"), recursive: true);
    }

    private string[] Results() =>
        !Directory.Exists(At("out"))
            ? []
            :
            [
                .. Directory
                    .EnumerateFiles(At("out"), "*", SearchOption.AllDirectories)
                    .Select(file => Path.GetRelativePath(At("out"), file))
                    .Order(StringComparer.Ordinal),
            ];

    private void Copy(string name) => File.Copy(Tagger, Made(name));

    private string Made(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        return At(name);
    }

    private string At(string name) => Path.Combine(folder, name);
}
