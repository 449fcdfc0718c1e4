using LstmConvert.Cli.Completion;

namespace LstmConvert.Cli.Tests.Completion;

/// <summary>Completions in the real shells: what the tabulator makes of a line.</summary>
public sealed class CompletionTests : IDisposable
{
    private const string Cell1 = "rnn/multi_rnn_cell/cell_1/basic_lstm_cell";

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public CompletionTests()
    {
        // The tool under its own name, a source, and a file that is no business of the tool.
        File.WriteAllText(At("lstmconvert"), $"#!/bin/sh\nexec '{Path.Combine(AppContext.BaseDirectory, "LstmConvert.Cli")}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(At("lstmconvert"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.CreateSymbolicLink(At("source"), Path.Combine(CommandTests.Root(), "samples", "checkpoint"));
        File.WriteAllText(At("recorded.npy"), "");
    }

    /// <summary>What is typed, the tabulator included, and the words that stand there then.</summary>
    public static TheoryData<string, string[]> Lines() => new()
    {
        { "insp\t", ["inspect"] },
        { "tf2keras --forg\t", ["tf2keras", "--forget-bias"] },
        { "tf2keras source --cell GRUBlockCellV\t", ["tf2keras", "source", "--cell", "GRUBlockCellV2"] },
        { "tf2keras source --wiring stack\t", ["tf2keras", "source", "--wiring", "stack-bidirectional"] },
        { "tf2keras source --layer rnn/multi_rnn_cell/cell_1\tout", ["tf2keras", "source", "--layer", $"{Cell1}=out"] },
        { $"tf2keras source --forget-bias {Cell1}=no\t", ["tf2keras", "source", "--forget-bias", $"{Cell1}=none"] },
        { "tf2keras source --fact direction=b\t", ["tf2keras", "source", "--fact", "direction=backward"] },
        { $"verify source --exclude {Cell1}/k\t", ["verify", "source", "--exclude", $"{Cell1}/kernel"] },
        { "verify source lstm.h5 --input rec\t", ["verify", "source", "lstm.h5", "--input", "recorded.npy"] },
        { "cells LSTMBlockF\t", ["cells", "LSTMBlockFusedCell"] },
        { "completions po\t\bwsh", ["completions", "pwsh"] },
    };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Lines))]
    public Task In_bash(string typed, string[] words) =>
        Interactive(
            "bash",
            ["bash", "--norc", "--noprofile", "-i"],
            "bind 'set bell-style none'; source <(lstmconvert completions bash)",
            typed,
            words);

    [Theory]
    [MemberData(nameof(Lines))]
    public Task In_zsh(string typed, string[] words) =>
        Interactive(
            "zsh",
            ["zsh", "-f", "-i"],
            "unsetopt beep; autoload -Uz compinit && compinit -u -D; zstyle ':completion:*' insert-tab false; source <(lstmconvert completions zsh)",
            typed,
            words);

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task In_fish(string typed, string[] words)
    {
        // fish tells what its own engine offers for a line; each tabulator is asked for.
        var line = "lstmconvert ";
        foreach (
            var (part, isLast) in typed
                .Replace("\t\bwsh", "\bwsh", StringComparison.Ordinal)
                .Split('\t')
                .Select((part, k) => (part, k == typed.Count(c => c == '\t'))))
        {
            if (part.Contains('\b', StringComparison.Ordinal))
            {
                return; // the case is of line editors
            }

            line += part;
            if (isLast)
            {
                break;
            }

            var (code, output, error) = await RealProgram.Run(
                "fish",
                "fish",
                ["--no-config", "-c", $"lstmconvert completions fish | source; complete -C '{line}'"],
                with: Here);
            Assert.True(code == 0, error);
            var offered = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(offer => offer.Split('\t')[0]).ToArray();
            var only = Assert.Single(offered);
            line = line[..(line.LastIndexOf(' ') + 1)] + only;
        }

        Assert.Equal(["lstmconvert", .. words], line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void The_script_for_PowerShell_asks_as_the_others_do() =>
        Assert.Contains("lstmconvert complete pwsh $point $commandAst.ToString()", ShellScripts.Of("pwsh"), StringComparison.Ordinal);

    [Theory]
    [InlineData("lstmconvert insp", "inspect")]
    [InlineData("lstmconvert help ", "tf2keras repair keras2tf verify")]
    [InlineData("lstmconvert tf2keras a --to=keras3-m", "keras3-model")]
    [InlineData("lstmconvert tf2keras 'a b' --wiring ch", "chain")]
    [InlineData("lstmconvert tf2keras -- --wi", "")]
    [InlineData("lstmconvert tf2keras /nowhere --layer x", "")]
    [InlineData("lstmconvert nothing ", "")]
    [InlineData("lstmconvert completions ", "bash zsh fish pwsh")]
    [InlineData("lstmconvert tf2keras --no-c", "--no-crc --no-check")]
    public async Task What_is_offered_follows_from_the_words_before(string line, string offered)
    {
        var (code, output, error) = await CommandTests.Run("complete", "bash", $"{line.Length}", line);
        Assert.Equal((0, ""), (code, error));
        var words = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim()).ToArray();
        Assert.All(offered.Split(' ', StringSplitOptions.RemoveEmptyEntries), word => Assert.Contains(word, words));
        Assert.True(offered.Length > 0 || words.Length == 0 || line.EndsWith("nothing ", StringComparison.Ordinal), output);
    }

    private async Task Interactive(string package, string[] shell, string setup, string typed, string[] words)
    {
        // Behind the line's completion, its beginning becomes a command that prints its words.
        var keys = $"{setup}\nlstmconvert {typed}\u0001printf '<%s>' \nexit\n";
        _ = await RealProgram.Run(package, shell[0], ["-c", ":"]);
        var (_, output, error) = await RealProgram.Run("bsdutils", "script", ["-qec", string.Join(' ', shell), "/dev/null"], keys, Here);
        var expected = string.Concat(words.Prepend("lstmconvert").Select(word => $"<{word}>"));
        Assert.True(output.Contains(expected, StringComparison.Ordinal), $"{expected} is not in\n{output}{error}");
    }

    private void Here(System.Diagnostics.ProcessStartInfo start)
    {
        start.WorkingDirectory = folder;
        start.Environment["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["HOME"] = folder;
        start.Environment["TERM"] = "xterm";
        start.Environment.Remove("XDG_CONFIG_HOME");
    }

    private string At(string name) => Path.Combine(folder, name);
}
