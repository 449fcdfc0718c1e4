using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace LstmConvert.Cli.Tests;

/// <summary>The tool as a process of its own: signals, a full disk.</summary>
public sealed class ProcessTests : IDisposable
{
    private const int Interrupt = 2;

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private static string Tool => Path.Combine(AppContext.BaseDirectory, "LstmConvert.Cli");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Interrupted_it_says_so_and_leaves_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals are sent with kill, and reset with env.");
        WriteZeros(rows: 49_152, columns: 4 * 2048);

        // A process that was started in the background ignores the signal, and so would the tool.
        using var process = Start("/usr/bin/env", "--default-signal=INT", Tool, "tf2keras", At("variables"), "-o", At("o.h5"));
        var temporary = Stopwatch.StartNew();
        while (!Directory.EnumerateFiles(folder, ".o.h5*").Any() && temporary.Elapsed < TimeSpan.FromSeconds(30) && !process.HasExited)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.False(process.HasExited, "the conversion was over before it could be interrupted");
        using (var kill = Start("/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"kill -{Interrupt} {process.Id}")))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("interrupted", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public async Task On_a_full_disk_it_says_so_and_leaves_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the limit is set with ulimit.");
        WriteZeros(rows: 300, columns: 4 * 128);

        // A file may grow to 64 KiB, and the signal that would end the process is ignored: writing fails as on a full disk. The runtime's own
        // mapped file, which would be cut too, is switched off.
        using var process = Start("/bin/bash", "-c", $"trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f 64; exec '{Tool}' tf2keras '{At("variables")}' -o '{At("o.h5")}'");
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
        foreach (var (name, shape, count) in new[] { ("kernel", $"({rows}, {columns})", rows * columns), ("bias", $"({columns},)", columns) })
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
