using LstmConvert.Tests.Formats.Hdf5;

namespace LstmConvert.Tests.Formats;

/// <summary>Debian's Python with a library; tests skip where it is absent, and fail where LSTMCONVERT_ORACLES is <c>required</c>.</summary>
internal static class LibraryPython
{
    private const string Interpreter = "/usr/bin/python3";

    /// <summary>Runs a program and gives its lines.</summary>
    /// <param name="module">The library: <c>torch</c>.</param>
    /// <param name="package">Its Debian package.</param>
    /// <param name="folder">The program's argument.</param>
    /// <param name="program">The program.</param>
    public static string[] Run(string module, string package, string folder, string program)
    {
        if (
            Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") != "required"
            && (!File.Exists(Interpreter) || Hdf5WriterTests.Run(Interpreter, ["-c", $"import {module}"]).Code != 0))
        {
            Assert.Skip($"{module} is not installed (Debian package {package}).");
        }

        var (code, output) = Hdf5WriterTests.Run(Interpreter, ["-c", program, folder]);
        Assert.True(code == 0, output);
        return output.Trim().Split('\n');
    }
}
