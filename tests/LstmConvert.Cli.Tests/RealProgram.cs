using System.Diagnostics;

namespace LstmConvert.Cli.Tests;

/// <summary>A program of the system that a test asks.</summary>
internal static class RealProgram
{
    /// <summary>Runs a program; where it is missing, the test is skipped, or fails where witnesses are required.</summary>
    public static async Task<(int Code, string Output, string Error)> Run(
        string package,
        string program,
        IEnumerable<string> arguments,
        string? input = null,
        Action<ProcessStartInfo>? with = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        with?.Invoke(start);
        try
        {
            using var process = Process.Start(start)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.StandardInput.WriteAsync(input ?? "");
            process.StandardInput.Close();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output, await error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.False(
                Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") == "required",
                $"{program} is not installed (Debian package {package}).");
            Assert.Skip($"{program} is not installed (Debian package {package}).");
            throw new UnreachableException();
        }
    }
}
