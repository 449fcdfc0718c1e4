using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace LstmConvert.Cli.Tests;

/// <summary>The tool as a process of its own: signals, a full disk.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private static string Tool => Path.Combine(AppContext.BaseDirectory, "LstmConvert.Cli");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public async Task Interrupted_it_says_so_and_leaves_nothing(string signal, int code)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals are sent with kill, and reset with env.");
        WriteZeros(rows: 49_152, columns: 4 * 2048);

        // A process that was started in the background ignores the signal, and so would the tool.
        using var process = Start("/usr/bin/env", $"--default-signal={signal}", Tool, "tf2keras", At("variables"), "-o", At("o.h5"));
        await UntilItWrites(process);
        await Kill(process, signal);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(code, process.ExitCode);
        Assert.Contains("interrupted", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public async Task What_a_killed_run_left_is_removed_by_the_next_run_of_that_target()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals are sent with kill.");
        WriteZeros(rows: 49_152, columns: 4 * 2048);
        for (var run = 0; run < 2; run++)
        {
            using var process = Start(Tool, "tf2keras", At("variables"), "-o", At("o.h5"));
            await UntilItWrites(process);
            await Kill(process, "KILL");
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Single(Directory.GetFiles(folder));
        }

        // Another run that lives holds its own.
        using var alive = Start(Tool, "tf2keras", At("variables"), "-o", At("o.h5"));
        await UntilItWrites(alive);
        var held = Directory.GetFiles(folder);
        await Kill(alive, "STOP");
        var variables = Path.Combine(CommandTests.Root(), "samples", "seed-post", "variables");
        Assert.Equal(0, (await CommandTests.Run("tf2keras", variables, "-o", At("o.h5"), "-q")).Code);
        Assert.Equal([.. held, At("o.h5")], Directory.GetFiles(folder).Order(StringComparer.Ordinal));
        await Kill(alive, "KILL");
        await alive.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, (await CommandTests.Run("tf2keras", variables, "-o", At("o.h5"), "-q", "--force")).Code);
        Assert.Equal([At("o.h5")], Directory.GetFiles(folder));
    }

    [Theory]
    [InlineData("> /dev/full", 6)]
    [InlineData(">&-", 6)]
    [InlineData("-q 2> /dev/full", 0)]
    [InlineData("-q >&- 2>&-", 0)]
    public async Task A_full_or_closed_stream_is_no_bug(string redirection, int code)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's.");
        var variables = Path.Combine(CommandTests.Root(), "samples", "seed-post", "variables");
        using var process = Start("/bin/bash", "-c", $"exec '{Tool}' tf2keras '{variables}' -o '{At("o.h5")}' {redirection}");
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == code, error);
        Assert.Equal(0, (await CommandTests.Run("inspect", At("o.h5"))).Code);
    }

    [Fact]
    public async Task In_a_folder_that_was_removed_it_says_so()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere the current folder cannot be removed.");
        var variables = Path.Combine(CommandTests.Root(), "samples", "seed-post", "variables");
        foreach (
            var arguments in new[]
            {
                $"tf2keras '{variables}'",
                "tf2keras a b --out-dir c",
                "inspect a",
                "verify a b",
                "repair a -o b.keras",
                "keras2tf a -o b",
            })
        {
            using var process = Start(
                "/bin/bash",
                "-c",
                $"mkdir '{At("gone")}' && cd '{At("gone")}' && rmdir '{At("gone")}' && exec '{Tool}' {arguments}");
            var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode is 3 or 6, error);
        }
    }

    private static async Task Kill(Process process, string signal)
    {
        using var kill = Start("/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {process.Id}"));
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private async Task UntilItWrites(Process process)
    {
        // It has begun when its temporary file grows: one that a killed run left does not.
        var temporary = Stopwatch.StartNew();
        var left = Directory.EnumerateFiles(folder, ".o.h5*").ToDictionary(file => file, File.GetCreationTimeUtc, StringComparer.Ordinal);
        while (
            !Directory
                .EnumerateFiles(folder, ".o.h5*")
                .Any(file =>
                    (!left.TryGetValue(file, out var created) || File.GetCreationTimeUtc(file) != created) && new FileInfo(file).Length > 0)
            && temporary.Elapsed < TimeSpan.FromSeconds(30)
            && !process.HasExited)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.False(process.HasExited, "the conversion was over before it could be interrupted");
    }

    [Fact]
    public async Task On_a_full_disk_it_says_so_and_leaves_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the limit is set with ulimit.");
        WriteZeros(rows: 300, columns: 4 * 128);

        // A file may grow to 64 KiB, and the signal that would end the process is ignored: writing fails as on a full disk. The runtime's
        // own
        // mapped file, which would be cut too, is switched off.
        using var process = Start(
            "/bin/bash",
            "-c",
            $"trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f 64; exec '{Tool}' tf2keras '{At("variables")}' -o '{At("o.h5")}'"
        );
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 6, error);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Empty(Directory.GetFiles(folder));
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;

    /// <summary>An LSTM's variables whose kernel is a sparse file: no disk is used for its zeros.</summary>
    private void WriteZeros(long rows, long columns)
    {
        var scope = Directory.CreateDirectory(At("variables/rnn/lstm_cell")).FullName;
        foreach (
            var (name, shape, count) in new[] { ("kernel", $"({rows}, {columns})", rows * columns), ("bias", $"({columns},)", columns) })
        {
            var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n";
            using var file = File.Create(Path.Combine(scope, name + ".npy"));
            file.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0]);
            file.Write(MemoryMarshal.AsBytes<ushort>(new ushort[] { (ushort)header.Length }));
            file.Write(System.Text.Encoding.ASCII.GetBytes(header));
            file.SetLength(file.Position + (4 * count));
        }
    }

    private string At(string name) => Path.Combine(folder, name);
}
