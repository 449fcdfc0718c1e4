using System.Text.RegularExpressions;

namespace LstmConvert.Cli.Tests;

/// <summary>The help against its golden text, and the commands of the README against what it says of them.</summary>
public sealed partial class DocumentTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("lstmconvert")]
    [InlineData("tf2keras")]
    [InlineData("verify")]
    [InlineData("inspect")]
    [InlineData("repair")]
    [InlineData("keras2tf")]
    [InlineData("identify")]
    [InlineData("cells")]
    [InlineData("dialects")]
    [InlineData("completions")]
    [InlineData("help")]
    public async Task The_help_is_the_golden_text(string command)
    {
        var (code, output, _) = await CommandTests.Run(command == "lstmconvert" ? ["--help"] : [command, "--help"]);
        Assert.Equal(0, code);
        var golden = Path.Combine(CommandTests.Root(), "tests", "data", "help", command + ".txt");
        if (Environment.GetEnvironmentVariable("LSTMCONVERT_REWRITE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(golden)!);
            await File.WriteAllTextAsync(golden, output, TestContext.Current.CancellationToken);
        }

        Assert.Equal(
            (await File.ReadAllTextAsync(golden, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n"),
            output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Every_command_that_the_README_shows_ends_as_it_says()
    {
        var commands = Commands().ToArray();
        Assert.True(commands.Length >= 5, "the README shows hardly any command");
        foreach (var (line, code, shown) in commands)
        {
            var arguments = line.Split(' ')
                .Skip(1)
                .Select(word =>
                    word.StartsWith("samples/", StringComparison.Ordinal) ? Path.Combine(CommandTests.Root(), word)
                    : word.EndsWith(".h5", StringComparison.Ordinal) || word.EndsWith(".keras", StringComparison.Ordinal)
                        ? Path.Combine(folder, word)
                    : word);
            var (actual, output, error) = await CommandTests.Run([.. arguments]);
            Assert.True(actual == code, $"{line}: exit {actual}\n{output}{error}");
            foreach (var text in shown)
            {
                Assert.Contains(text, output, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Every line of a shell's block and every command in a sentence or a table: each in a folder of its own, where what it names
    /// is.</summary>
    [Theory]
    [MemberData(nameof(Typed))]
    public async Task Every_other_command_of_the_README_does_what_it_says(string line)
    {
        var words = line.Split(" #")[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        Prepare();
        foreach (var made in words.Where((word, k) => (word is "lstm.h5" or "model.keras") && !IsOutput(words, k)).ToArray())
        {
            var source = words.FirstOrDefault(word => word is "model.ckpt" or "variables") ?? "variables";
            Assert.Equal(0, (await CommandTests.Run("tf2keras", At(source), "-o", At(made), "-q")).Code);
        }

        var arguments = words
            .Select((word, k) => IsOutput(words, k) || Path.Exists(At(word)) || Path.Exists(At(word + ".index")) ? At(word) : word)
            .ToArray();
        var (code, output, error) = await CommandTests.Run(arguments);
        Assert.True(
            code == (Exit().Match(line) is { Success: true } exit ? exit.Groups["code"].Value[0] - '0' : 0),
            $"{line}: exit {code}\n{output}{error}");
        Assert.All(words.Where((_, k) => IsOutput(words, k) && !words.Contains("--print-keras")), word =>
            Assert.True(Path.Exists(At(word)), word));
    }

    public static TheoryData<string> Typed()
    {
        var readme = File.ReadAllText(Path.Combine(CommandTests.Root(), "README.md"));
        var blocks = Blocks()
            .Matches(readme)
            .SelectMany(block => block.Groups["text"].Value.Split('\n'))
            .Select(line => Within().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Value);
        return
        [
            .. blocks.Concat(Inline().Matches(readme).Select(match => match.Groups["line"].Value)).Select(line => line.Trim()).Distinct(),
        ];
    }

    /// <summary>What the commands name: a checkpoint with its graph, a SavedModel, variables with a sample, an old Keras file, a
    /// batch.</summary>
    private void Prepare()
    {
        var samples = Path.Combine(CommandTests.Root(), "samples");
        foreach (var file in Directory.GetFiles(Path.Combine(samples, "char-rnn"), "model.ckpt*"))
        {
            File.Copy(file, At(Path.GetFileName(file)));
        }

        foreach (
            var (name, target) in new[]
            {
                ("saved_model", "saved-model"),
                ("variables", "seed-post/variables"),
                ("x.npy", "seed-post/x.npy"),
                ("outputs.npz", "seed-post/outputs.npz"),
                ("io.npz", "char-rnn/io.npz"),
                ("runs", "batch"),
                ("samples", "."),
            })
        {
            File.CreateSymbolicLink(At(name), Path.GetFullPath(Path.Combine(samples, target)));
        }

        var old = CommandTests.Run("tf2keras", At("variables"), "--to", "keras-model", "-o", At("old.h5"), "-q");
        Assert.Equal(0, old.GetAwaiter().GetResult().Code);
    }

    private static bool IsOutput(string[] words, int k) => k > 0 && (words[k - 1] is "-o" or "--out-dir" or "--man");

    private string At(string name) => Path.Combine(folder, name.TrimStart('~', '/'));

    [GeneratedRegex("^```bash\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("(?<=^|<\\()lstmconvert [^()]*(\\(exit [0-9]\\))?")]
    private static partial Regex Within();

    [GeneratedRegex("`(?<line>lstmconvert [^`]*)`")]
    private static partial Regex Inline();

    /// <summary>Lines <c>$ lstmconvert …</c>, the exit code that a later line names, and the beginnings of the lines of output
    /// between.</summary>
    private static IEnumerable<(string Line, int Code, string[] Shown)> Commands()
    {
        (string Line, int Code, List<string> Shown)? current = null;
        foreach (var line in File.ReadLines(Path.Combine(CommandTests.Root(), "README.md")))
        {
            if (line.StartsWith("$ ", StringComparison.Ordinal) || line.StartsWith("```", StringComparison.Ordinal))
            {
                if (current is { } done)
                {
                    yield return (done.Line, done.Code, [.. done.Shown]);
                }

                current = line.StartsWith("$ lstmconvert", StringComparison.Ordinal) ? (line[2..], 0, []) : null;
            }
            else if (current is { } open && line.Trim().Length > 0)
            {
                if (Exit().Match(line) is { Success: true } exit)
                {
                    current = open with { Code = exit.Groups["code"].Value[0] - '0' };
                }

                // A remark stands in brackets behind spaces, three dots stand for what is left out.
                var text = Remark().Replace(line, "").Trim().Split('…')[0].TrimEnd();
                if (text.Length > 3)
                {
                    open.Shown.Add(text);
                }
            }
        }
    }

    [GeneratedRegex("\\(exit (?<code>[0-9])\\)")]
    private static partial Regex Exit();

    [GeneratedRegex(" {4,}\\(.*$")]
    private static partial Regex Remark();
}
