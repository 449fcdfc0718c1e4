using System.Text;

namespace LstmConvert.Cli.Tests;

/// <summary>The line <c>Next:</c> is a command that works as it stands.</summary>
public sealed class NextLineTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private static string Variables => Path.Combine(CommandTests.Root(), "samples", "seed-post", "variables");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("--forget-bias", "0.5")]
    [InlineData("--forget-bias", "rnn/fw=2", "--forget-bias", "rnn/bw=none")]
    [InlineData("--activation", "relu")]
    [InlineData("--residual", "none", "--wiring", "independent")]
    [InlineData("--cell", "LSTMBlockCell", "--forget-bias", "0.5", "--cell-clip", "none")]
    [InlineData("--fact", "rnn/fw:direction=backward", "--wiring", "independent")]
    [InlineData("--exclude", "rnn/bw/*", "--cell", "rnn/fw=LSTMCell")]
    [InlineData("--include", "rnn/fw/*", "--cell", "LSTMCell")]
    [InlineData("--layer", "rnn/fw=a layer", "--layer", "rnn/bw=another", "--no-merge-bidirectional")]
    public async Task It_repeats_what_decided_a_fact_or_a_name(params string[] options)
    {
        var words = Words(await Next([Variables], options));
        Assert.Equal(["lstmconvert", "verify", Variables, Target], words[..4]);
        foreach (var option in options.Where(option => option != "--no-merge-bidirectional"))
        {
            Assert.Contains(option, words);
        }

        Assert.Equal(0, (await CommandTests.Run(words[1..])).Code);
    }

    [Fact]
    public async Task It_quotes_every_one_of_several_sources()
    {
        var copies = Directory.CreateDirectory(Path.Combine(folder, "my variables' copy")).FullName;
        var files = Directory
            .EnumerateFiles(Variables, "*.npy", SearchOption.AllDirectories)
            .Select(file =>
                (From: file, To: Path.Combine(copies, Path.GetRelativePath(Variables, file).Replace("/", "__", StringComparison.Ordinal))))
            .Order()
            .ToArray();
        foreach (var (from, to) in files)
        {
            File.Copy(from, to);
        }

        var words = Words(await Next([.. files.Select(file => file.To)], []));
        Assert.Equal([.. files.Select(file => file.To), Target], words[2..]);
        Assert.Equal(0, (await CommandTests.Run(words[1..])).Code);
    }

    [Fact]
    public async Task It_is_not_there_where_nothing_was_written()
    {
        foreach (var option in new[] { "--dry-run", "--print-keras" })
        {
            var (code, output, _) = await CommandTests.Run("tf2keras", Variables, "-o", Target, option);
            Assert.Equal(0, code);
            Assert.DoesNotContain("Next:", output, StringComparison.Ordinal);
            Assert.False(File.Exists(Target));
        }
    }

    /// <summary>What keras2tf prints holds for layers whose cells have other settings than TensorFlow's, in both directions, without a bias,
    /// and for the last output alone.</summary>
    [Theory]
    [InlineData("hard-sigmoid")]
    [InlineData("bidirectional-last")]
    [InlineData("no-bias")]
    [InlineData("go-backwards")]
    [InlineData("lstm-stack-2")]
    [InlineData("nested")]
    public async Task After_the_way_back_every_line_is_a_command_that_verifies(string example)
    {
        var shared = Environment.GetEnvironmentVariable("LSTMCONVERT_SHARED");
        var model = Path.Combine(shared ?? "", "goldens", "keras-2.2.4", example, "model.h5");
        Assert.SkipUnless(File.Exists(model), "LSTMCONVERT_SHARED names no folder of reference data.");
        var (code, output, error) = await CommandTests.Run("keras2tf", model, "-o", Path.Combine(folder, "v.npz"));
        Assert.True(code == 0, error);
        var lines = output.Split('\n').Where(line => line.Contains("lstmconvert verify", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(lines);
        foreach (var words in lines.Select(line => Words(line.Replace("Next: ", "", StringComparison.Ordinal).Trim())))
        {
            var verified = await CommandTests.Run(words[1..]);
            Assert.True(verified.Code == 0, string.Join(' ', words) + verified.Output + verified.Error);
        }
    }

    private string Target => Path.Combine(folder, "o f.h5");

    private async Task<string> Next(string[] sources, string[] options)
    {
        var (code, output, error) = await CommandTests.Run(["tf2keras", .. sources, "-o", Target, .. options]);
        Assert.True(code == 0, error);
        return Assert.Single(output.Split('\n'), line => line.StartsWith("Next: ", StringComparison.Ordinal))["Next: ".Length..];
    }

    /// <summary>The words of a line as a POSIX shell splits it: single quotes, and a backslash outside of them.</summary>
    private static string[] Words(string line)
    {
        var (words, word, isQuoted, isOpen) = (new List<string>(), new StringBuilder(), false, false);
        for (var k = 0; k < line.Length; k++)
        {
            if (line[k] == '\'')
            {
                (isQuoted, isOpen) = (!isQuoted, true);
            }
            else if (line[k] == '\\' && !isQuoted)
            {
                word.Append(line[++k]);
            }
            else if (line[k] == ' ' && !isQuoted)
            {
                words.Add(word.ToString());
                word.Clear();
                isOpen = false;
            }
            else
            {
                word.Append(line[k]);
            }
        }

        return word.Length > 0 || isOpen ? [.. words, word.ToString()] : [.. words];
    }
}
