using System.Diagnostics;
using System.Text.Json.Nodes;

namespace LstmConvert.Cli.Tests;

/// <summary>What every command prints with <c>--json</c>, where it succeeds and where it fails, against the schema in the repository, by
/// Python's jsonschema.</summary>
public sealed class JsonSchemaTests : IDisposable
{
    private const string Validator = """
        import json, pathlib, sys
        from jsonschema import Draft202012Validator
        schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        for path in sorted(pathlib.Path(sys.argv[2]).glob("*.json")):
            for error in validator.iter_errors(json.loads(path.read_text())):
                print(f"{path.name}: {error.json_path}: {error.message[:300]}")
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;
    private readonly List<(string Command, int Code)> seen = [];

    private static string Schema => Path.Combine(CommandTests.Root(), "src", "LstmConvert.Cli", "Schemas", "lstmconvert-2.json");

    private static string Variables => Sample("seed-post/variables");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Every_document_has_the_shape_of_the_schema()
    {
        Directory.CreateDirectory(At("documents"));
        await File.WriteAllTextAsync(At("page.npz"), "<html>", TestContext.Current.CancellationToken);
        foreach (var line in Lines())
        {
            await Document(line);
        }

        Assert.Equal("", await Invalid(At("documents")));
        var commands = JsonNode.Parse(await File.ReadAllTextAsync(Schema, TestContext.Current.CancellationToken))!["properties"]![
            "command"
        ]!["enum"]!
            .AsArray()
            .Select(name => name!.GetValue<string>())
            .ToArray();
        Assert.All(commands, command => Assert.Contains(seen, one => one.Command == command && one.Code != 0));
        Assert.All(commands.Where(command => command.Length > 0), command =>
            Assert.Contains(seen, one => one.Command == command && one.Code == 0));
    }

    [Fact]
    public async Task A_document_that_is_another_one_is_found()
    {
        Directory.CreateDirectory(At("documents"));
        Directory.CreateDirectory(At("others"));
        await Document(["tf2keras", Variables, "-o", At("o.h5")]);
        await Document(["verify", Variables, At("o.h5")]);
        var count = 0;
        foreach (var path in Directory.GetFiles(At("documents")))
        {
            var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
            foreach (var key in JsonNode.Parse(text)!.AsObject().Select(pair => pair.Key).ToArray())
            {
                await Other(text, document => document.Remove(key));
            }

            await Other(text, document => document["more"] = 1);
            await Other(text, document => document["exit_code"] = 9);
            await Other(text, document => document["error"] = "it failed, and says 0");
            await Other(text, document => (document["layers"] ?? document["results"])![0]!["more"] = 1);
        }

        var said = await Invalid(At("others"));
        Assert.All(Enumerable.Range(0, count), k => Assert.Contains($"{k:000}.json: ", said, StringComparison.Ordinal));

        async Task Other(string text, Action<JsonObject> change)
        {
            var document = JsonNode.Parse(text)!.AsObject();
            change(document);
            await File.WriteAllTextAsync(At($"others/{count++:000}.json"), document.ToJsonString(), TestContext.Current.CancellationToken);
        }
    }

    private static string Sample(string name) => Path.Combine(CommandTests.Root(), "samples", name);

    private static string Golden(string name) => Path.Combine(CommandTests.Root(), "tests", "data", "goldens", name);

    /// <summary>Command lines in the order in which they are run: some need what others wrote.</summary>
    private IEnumerable<string[]> Lines() =>
        [
            ["tf2keras", Variables, "-o", At("a.h5")],
            ["tf2keras", Variables, "-o", At("a.h5")],
            ["tf2keras", Variables, "-o", At("b.h5"), "--dry-run"],
            ["tf2keras", Variables, "-o", At("b.h5"), "--print-keras"],
            ["tf2keras", Variables, "-o", At("b.h5"), "--verify"],
            ["tf2keras", Sample("saved-model"), "-o", At("m.keras"), "--verify"],
            ["tf2keras", Golden("tf1/lstm-peephole"), "-o", At("p.h5")],
            ["tf2keras", Variables, At("page.npz"), Sample("batch/tagger.npz"), "--out-dir", At("out"), "--verify"],
            ["tf2keras", Variables, Sample("batch/tagger.npz"), "--out-dir", At("out"), "--skip-existing"],
            ["tf2keras", At("page.npz"), "-o", At("c.h5")],
            ["tf2keras", Variables, "--strict", "-o", At("c.h5")],
            ["tf2keras"],
            ["tf2keras", Variables, "--no-such-option"],
            ["plan", Variables, At("page.npz"), "--out-dir", At("planned"), "-o", At("plan.json")],
            ["plan", Sample("saved-model"), "--out-dir", At("planned"), "--to", "keras3-model"],
            ["plan", At("nowhere")],
            ["apply", At("plan.json"), "--dry-run"],
            ["plan", Variables, Golden("tf1/gru"), "--out-dir", At("planned"), "-o", At("plan.json"), "--force"],
            ["apply", At("plan.json"), "--dry-run"],
            ["apply", At("plan.json"), "--verify"],
            ["apply", At("plan.json")],
            ["apply", At("page.npz")],
            ["verify", Variables, At("a.h5"), "--show-difference"],
            ["verify", Variables, At("a.h5"), "--forget-bias", "0"],
            ["verify", Variables, At("a.h5"), "--report", At("r.html")],
            ["verify", Sample("saved-model"), At("m.keras"), "--expect", Sample("saved-model/io.npz")],
            ["verify", Golden("tf1/lstm-peephole"), At("p.h5")],
            ["verify", Variables, At("nowhere.h5")],
            ["inspect", Variables],
            ["inspect", Sample("checkpoint"), "--check"],
            ["inspect", Sample("saved-model")],
            ["inspect", Path.Combine(Sample("saved-model"), "saved_model.pb")],
            ["inspect", Path.Combine(Sample("checkpoint"), "model.ckpt.meta")],
            ["inspect", Sample("char-rnn/model.ckpt")],
            ["inspect", At("a.h5")],
            ["inspect", At("m.keras")],
            ["inspect", At("page.npz")],
            ["inspect", Variables, "--strict"],
            ["keras2tf", At("a.h5"), "-o", At("back.npz")],
            ["keras2tf", At("page.npz"), "-o", At("back2.npz")],
            ["repair", At("m.keras"), "-o", At("repaired.keras"), "--dry-run"],
            ["repair", At("m.keras"), "-o", At("repaired.keras")],
            ["repair", At("page.npz"), "-o", At("repaired2.keras")],
            [
                "identify",
                Golden("tf1/gru/variables.npz"),
                "--input",
                Golden("tf1/gru/io.npz"),
                "--expect",
                Golden("tf1/gru/io.npz"),
                "--sample",
                "a_",
            ],
            ["identify", Variables, "--input", Sample("seed-post/x.npy"), "--expect", Sample("seed-post/x.npy")],
            ["identify", At("page.npz"), "--input", At("page.npz"), "--expect", At("page.npz")],
            ["cells"],
            ["cells", "LSTMCell"],
            ["cells", "NoSuchCell"],
            ["dialects"],
            ["dialects", "no-such-dialect"],
            ["no-such-command"],
        ];

    private async Task Document(string[] line)
    {
        var (code, output, error) = await CommandTests.Run([.. line, "--json"]);
        Assert.True(output.Length > 0, $"{string.Join(' ', line)}: exit {code}, no document: {error}");
        var document = JsonNode.Parse(output)!;
        Assert.Equal(code, document["exit_code"]!.GetValue<int>());
        seen.Add((document["command"]!.GetValue<string>(), code));
        await File.WriteAllTextAsync(
            At($"documents/{seen.Count:00} {document["command"]}.json"),
            output,
            TestContext.Current.CancellationToken);
    }

    private static async Task<string> Invalid(string documents)
    {
        if (Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") != "required" && await Python("import jsonschema") is (not 0, _, _))
        {
            Assert.Skip("/usr/bin/python3 has no jsonschema (Debian: python3-jsonschema).");
        }

        var (code, output, error) = await Python(Validator, Schema, documents);
        Assert.True(code == 0, error);
        return output;
    }

    private static async Task<(int Code, string Output, string Error)> Python(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (!File.Exists(start.FileName) && Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") != "required")
        {
            Assert.Skip("/usr/bin/python3 is not there.");
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }

    private string At(string name) => Path.Combine(folder, name);
}
