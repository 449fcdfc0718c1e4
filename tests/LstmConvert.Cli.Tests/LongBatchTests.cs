using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace LstmConvert.Cli.Tests;

/// <summary>Long lists: a thousand checkpoints with damaged ones among them, and a plan under GNU parallel whose worker is
/// killed.</summary>
public sealed class LongBatchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private static string[] Kinds =>
        [
            .. new[] { "gru", "basic-rnn", "block-lstm-v2", "lstm-peephole", "time-reversed-fused-rnn" }.Select(name =>
                Path.Combine(CommandTests.Root(), "tests", "data", "goldens", "tf1", name)),
        ];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Of_a_thousand_checkpoints_fifty_that_are_damaged_are_named_and_the_others_converted()
    {
        string[] sources = [.. Enumerable.Range(0, 1000).Select(k => Checkpoint($"sources/{k:0000}", Kinds[k % Kinds.Length]))];
        string[] damaged = [.. Enumerable.Range(0, 50).Select(way => sources[(way * 20) + (way % 20)])];
        for (var way = 0; way < damaged.Length; way++)
        {
            Damage(damaged[way], way);
        }

        await File.WriteAllLinesAsync(At("list.txt"), sources, TestContext.Current.CancellationToken);
        string[] line =
        [
            "tf2keras",
            "--sources-from",
            At("list.txt"),
            "--out-dir",
            At("out"),
            "--base",
            At("sources"),
            "--skip-existing",
            "--jobs",
            "2",
        ];
        var (code, output, error) = await CommandTests.Run(line);
        Assert.Contains("950 converted, 50 failed", output, StringComparison.Ordinal);
        Named(code, error);
        Assert.All(sources.Except(damaged), source => Assert.True(File.Exists(Target(source)), source));
        Assert.All(damaged, source => Assert.False(File.Exists(Target(source)), source));
        var before = Directory.GetFiles(At("out")).ToDictionary(file => file, File.GetLastWriteTimeUtc);
        Assert.Equal(950, before.Keys.Count(file => file.EndsWith(".h5", StringComparison.Ordinal)));
        Assert.All(before.Keys, file =>
            Assert.True(file.EndsWith(".h5", StringComparison.Ordinal) || file.EndsWith("_layers.py", StringComparison.Ordinal), file));

        (code, output, error) = await CommandTests.Run(line);
        Assert.Contains("0 converted, 950 there already, 50 failed", output, StringComparison.Ordinal);
        Named(code, error);
        Assert.Equal(before, Directory.GetFiles(At("out")).ToDictionary(file => file, File.GetLastWriteTimeUtc));

        void Named(int code, string error)
        {
            Assert.Equal(3, code);
            Assert.Contains("50 of 1,000 failed", error, StringComparison.Ordinal);
            Assert.Equal(
                damaged,
                error
                    .Split('\n')
                    .Where(text => text.TrimStart().StartsWith("exit 3", StringComparison.Ordinal))
                    .Select(text => text.Split("exit 3")[1].Trim()));
        }
    }

    [Fact]
    public async Task Under_parallel_a_part_whose_process_is_killed_is_started_again_and_every_entry_is_done_once()
    {
        const int Count = 120;
        if (!File.Exists("/usr/bin/parallel") && Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") != "required")
        {
            Assert.Skip("/usr/bin/parallel is not there (Debian: parallel).");
        }

        string[] sources = [.. Enumerable.Range(0, Count).Select(k => Checkpoint($"sources/{k:000}", Kinds[k % Kinds.Length]))];
        await File.WriteAllLinesAsync(At("list.txt"), sources, TestContext.Current.CancellationToken);
        Assert.Equal(
            0,
            (
                await CommandTests.Run(
                    "plan",
                    "--sources-from",
                    At("list.txt"),
                    "--out-dir",
                    At("out"),
                    "--base",
                    At("sources"),
                    "-o",
                    At("plan.json"),
                    "-q")).Code);

        // The first process of the first part is killed as soon as it has said a line.
        await File.WriteAllTextAsync(At("tool"), $$"""
            #!/bin/bash
            tool="{{Path.Combine(AppContext.BaseDirectory, "LstmConvert.Cli")}}"
            case "$*" in *"--shard 1/2") ;; *) exec "$tool" "$@" ;; esac
            if ! mkdir "{{At("killed")}}" 2>/dev/null; then exec "$tool" "$@"; fi
            coproc "$tool" "$@"
            pid=$COPROC_PID
            read -r line <&"${COPROC[0]}"
            kill -KILL "$pid"
            ls "{{At("out")}}" > "{{At("killed/there")}}"
            echo "$line"
            exit 137
            """, TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(At("tool"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var start = new ProcessStartInfo(
            "/bin/bash",
            [Path.Combine(CommandTests.Root(), "samples", "batch", "parallel.sh"), At("plan.json"), "2", "2"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LSTMCONVERT"] = At("tool") },
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"exit {process.ExitCode}: {await error}");
        Assert.DoesNotContain('\r', output + await error);

        var there = await File.ReadAllLinesAsync(At("killed/there"), TestContext.Current.CancellationToken);
        Assert.InRange(there.Count(name => name.EndsWith(".h5", StringComparison.Ordinal)), 1, Count - 1);
        var modules = Enumerable
            .Range(0, Count)
            .Where(k => Path.GetFileName(Kinds[k % Kinds.Length]) == "lstm-peephole")
            .Select(k => At($"out/_{k:000}_layers.py"));
        Assert.Equal([.. sources.Select(Target), .. modules], Directory.GetFileSystemEntries(At("out")).Order(StringComparer.Ordinal));
        var lines = output
            .Split('\n')
            .Where(text => text.Contains(" -> ", StringComparison.Ordinal))
            .ToLookup(text => text.Split(" -> ")[0], StringComparer.Ordinal);
        foreach (var source in sources)
        {
            // What was written and not yet said as the process died is there already for the next one.
            Assert.True(
                lines[source].Count(text => !text.Contains("there already", StringComparison.Ordinal)) <= 1,
                $"{source} was converted twice");
            Assert.NotEmpty(lines[source]);
        }

        Assert.Contains(lines[sources[0]], text => text.Contains("there already", StringComparison.Ordinal));
        var (code, again, said) = await CommandTests.Run("apply", At("plan.json"));
        Assert.True(code == 0, said);
        Assert.Contains($"0 converted, {Count} there already, 0 failed", again, StringComparison.Ordinal);
        Assert.Equal(2, File.ReadAllLines(At("plan.log")).Length - 1);
    }

    private string Checkpoint(string name, string kind)
    {
        Directory.CreateDirectory(At(name));
        foreach (var file in Directory.GetFiles(kind, "model.ckpt*"))
        {
            File.Copy(file, Path.Combine(At(name), Path.GetFileName(file)));
        }

        return At(name);
    }

    /// <summary>Damages a checkpoint in one of fifty ways: ten of a kind differ in the place.</summary>
    private static void Damage(string checkpoint, int way)
    {
        var (index, data, place) = (
            Path.Combine(checkpoint, "model.ckpt.index"),
            Path.Combine(checkpoint, "model.ckpt.data-00000-of-00001"),
            way / 10);
        var (indexBytes, dataBytes) = (File.ReadAllBytes(index), File.ReadAllBytes(data));
        switch (way % 10)
        {
            case 0:
                File.WriteAllBytes(data, dataBytes[..(dataBytes.Length * place / 5)]);
                break;
            case 1:
                File.WriteAllBytes(index, indexBytes[..(indexBytes.Length * place / 5)]);
                break;
            case 2:
                dataBytes[dataBytes.Length * place / 5] ^= (byte)(1 << place);
                File.WriteAllBytes(data, dataBytes);
                break;
            case 3:
                indexBytes[(indexBytes.Length - 48) * place / 5] ^= (byte)(1 << place);
                File.WriteAllBytes(index, indexBytes);
                break;
            case 4:
                File.WriteAllBytes(
                    place < 3 ? index : data,
                    Encoding.ASCII.GetBytes(
                        new[]
                        {
                            "<!DOCTYPE html><title>404</title>",
                            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n",
                            "/annex/objects/MD5E-s176--0",
                            "null",
                            "",
                        }[place]));
                break;
            case 5:
                File.Delete(place < 3 ? data : index);
                File.WriteAllText(Path.Combine(checkpoint, string.Create(CultureInfo.InvariantCulture, $"left-{place}.txt")), "");
                break;
            case 6:
                indexBytes.AsSpan(indexBytes.Length - 8 + place, 1).Fill(0x5a);
                File.WriteAllBytes(index, indexBytes);
                break;
            case 7:
                dataBytes.AsSpan(place * 8, 8).Fill(0xff);
                File.WriteAllBytes(data, dataBytes);
                break;
            case 8:
                Array.Reverse(place % 2 == 0 ? indexBytes : dataBytes, place, (place % 2 == 0 ? indexBytes : dataBytes).Length - place);
                File.WriteAllBytes(index, indexBytes);
                File.WriteAllBytes(data, dataBytes);
                break;
            default:
                File.WriteAllBytes(index, [.. Enumerable.Repeat((byte)place, indexBytes.Length)]);
                break;
        }
    }

    private string Target(string source) => Path.Combine(At("out"), Path.GetFileName(source) + ".h5");

    private string At(string name) => Path.Combine(folder, name);
}
