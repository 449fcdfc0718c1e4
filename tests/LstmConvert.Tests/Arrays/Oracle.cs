using System.Diagnostics;
using LstmConvert.Arrays;
using LstmConvert.Formats;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Arrays;

/// <summary>Programs that are not ours and compute the same: NumPy, and real Keras on its NumPy backend. Each writes what it took and gave
/// into an .npz.</summary>
internal static class Oracle
{
    /// <summary>Runs a script with NumPy; <c>out</c> is the file to write.</summary>
    public static Recorded Numpy(string script)
    {
        const string python = "/usr/bin/python3";
        return Runs(python, "import numpy") ? Run(python, script) : Missing("NumPy is not installed (Debian package python3-numpy).");
    }

    /// <summary>Runs a script with real Keras; LSTMCONVERT_KERAS_PYTHON names a Python that has it.</summary>
    public static Recorded Keras(string script)
    {
        var python = Environment.GetEnvironmentVariable("LSTMCONVERT_KERAS_PYTHON") is { Length: > 0 } named ? named : "python3";
        var shared = Environment.GetEnvironmentVariable("LSTMCONVERT_SHARED") ?? "";
        var prologue = $"""
            import os, sys
            os.environ['KERAS_BACKEND'] = 'numpy'
            sys.path.insert(0, '{shared}/oracle')
            try:
                import no_jax
            except ImportError:
                no_jax = None
            import numpy as np
            import keras
            if no_jax: no_jax.seal()
            from keras.src.backend.common import dtypes
            dtypes.BIT64_TO_BIT32_DTYPE['float64'] = 'float64'      # as on TensorFlow; on NumPy, Keras takes float32 for it


            """;
        return Runs(python, "import importlib.util, sys; sys.exit(0 if importlib.util.find_spec('keras') else 1)")
            ? Run(python, prologue + script) : Missing("No Python has keras: name one in LSTMCONVERT_KERAS_PYTHON.");
    }

    private static Recorded Run(string python, string script)
    {
        var folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;
        try
        {
            var (file, program) = (Path.Combine(folder, "out.npz"), Path.Combine(folder, "oracle.py"));
            File.WriteAllText(program, $"out = '{file}'\n{script}");
            var (code, errors) = Start(python, program);
            Assert.True(code == 0, errors);
            using var set = SourceCatalog.Open(file, new SourceOptions());
            return new Recorded(set);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Recorded Missing(string reason)
    {
        Assert.False(Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") == "required", reason);
        Assert.Skip(reason);
        throw new UnreachableException();
    }

    private static bool Runs(string python, string statement)
    {
        try
        {
            return Start(python, "-c", statement).Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static (int Code, string Errors) Start(string python, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(python, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors + output.Result);
    }
}
