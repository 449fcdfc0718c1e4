using System.Diagnostics;
using System.Runtime.InteropServices;
using LstmConvert.Formats.Hdf5;
using LstmConvert.KerasFiles;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Formats.Hdf5;

public sealed class Hdf5WriterTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_dataset_and_attribute_is_read_by_h5py()
    {
        var path = Write(300, [16383, 7]);
        Assert.Equal(
            "300 16383 7 lstm_299 S 3.0 b'caf\\xc3\\xa9' True",
            Python(
                path,
                """
                import h5py, sys, numpy as np
                f = h5py.File(sys.argv[1], 'r')
                g = f['lstm_299/lstm_299']
                a = g['kernel:0'][()]
                ok = all((f['lstm_%d/lstm_%d/kernel:0' % (k, k)][()].ravel() == np.arange(16383 * 7) % 1000 + k % 4).all() for k in (0, 1, 150, 299))
                t = f['lstm_0'].attrs.get_id('weight_names').get_type()
                print(len(f.attrs['layer_names']), *a.shape, f.attrs['layer_names'][299].decode(), f.attrs['layer_names'].dtype.kind, a[0, 0], f.attrs['text'], ok and not t.is_variable_str() and t.get_cset() == 0)
                """
            ));
    }

    [Fact]
    public void The_reader_gives_back_what_was_written()
    {
        var path = Write(3, [5, 4]);
        using var file = KerasWeightsFile.Open(path);
        Assert.Equal(["lstm_0", "lstm_1", "lstm_2"], file.Layers.Select(layer => layer.Name));
        var tensor = file.Layers[2].Weights[0];
        Assert.Equal(new Shape(5, 4), tensor.Shape);
        var values = new float[8];
        tensor.ReadSingles(6, values);
        Assert.Equal([8, 9, 10, 11, 12, 13, 14, 15], values);
        Assert.Equal(Enumerable.Range(2, 20).Select(k => (double)k), tensor.ToDoubles());
    }

    [Fact]
    public void An_incomplete_dataset_is_refused()
    {
        var root = new Hdf5Group();
        root.Datasets["a"] = new Hdf5Dataset(DType.Float32, new Shape(4));
        using var writer = new Hdf5Writer(Path.Combine(folder, "a.h5"), root);
        writer.Append(root.Datasets["a"], new byte[12]);
        Assert.Throws<InvalidOperationException>(writer.Finish);
        Assert.Throws<InvalidOperationException>(() => writer.Append(root.Datasets["a"], new byte[8]));
    }

    [Fact]
    public void Long_lists_of_names_are_cut_as_keras_cuts_them()
    {
        var names = Enumerable.Range(0, 3000).Select(k => $"{k:d4}{new string('x', 49)}").ToArray();
        var chunks = Hdf5Attribute.List("weight_names", names).ToArray();
        Assert.Equal(["weight_names0", "weight_names1", "weight_names2"], chunks.Select(chunk => chunk.Name));
        Assert.Equal(names, chunks.SelectMany(chunk => chunk.Values));
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes() =>
        Assert.Equal(File.ReadAllBytes(Write(4, [9, 8])), File.ReadAllBytes(Write(4, [9, 8])));

    private string Write(int layers, long[] shape)
    {
        var path = Path.Combine(folder, $"{Guid.NewGuid():n}.h5");
        var root = new Hdf5Group();
        var datasets = new List<Hdf5Dataset>();
        for (var k = 0; k < layers; k++)
        {
            var name = $"lstm_{k}";
            var group = root.Path([name]);
            group.Attributes.Add(new Hdf5Attribute("weight_names", [$"{name}/kernel:0"], false));
            datasets.Add(group.Path([name]).Datasets["kernel:0"] = new Hdf5Dataset(DType.Float32, new Shape(shape)));
        }

        root.Attributes.AddRange(Hdf5Attribute.List("layer_names", [.. Enumerable.Range(0, layers).Select(k => $"lstm_{k}")]));
        root.Attributes.Add(Hdf5Attribute.Scalar("text", "café"));
        using var writer = new Hdf5Writer(path, root);
        for (var k = 0; k < layers; k++)
        {
            var values = Enumerable.Range(0, (int)(shape[0] * shape[1])).Select(n => (float)(n % 1000) + (k % 4)).ToArray();
            writer.Append(datasets[k], MemoryMarshal.AsBytes(values.AsSpan(0, values.Length / 2)));
            writer.Append(datasets[k], MemoryMarshal.AsBytes(values.AsSpan(values.Length / 2)));
        }

        writer.Finish();
        return path;
    }

    internal static string Python(string argument, string program)
    {
        const string interpreter = "/usr/bin/python3";
        var isThere = File.Exists(interpreter) && Run(interpreter, ["-c", "import h5py"]).Code == 0;
        if (!isThere && Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") != "required")
        {
            Assert.Skip("h5py is not installed (Debian package python3-h5py).");
        }

        var (code, output) = Run(interpreter, ["-c", program, argument]);
        Assert.True(code == 0, output);
        return output.Trim();
    }

    /// <summary>What h5dump prints of a file's structure and attributes.</summary>
    internal static string Dump(string path)
    {
        const string program = "/usr/bin/h5dump";
        if (!File.Exists(program) && Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") != "required")
        {
            Assert.Skip("h5dump is not installed (Debian package hdf5-tools).");
        }

        var (code, output) = Run(program, ["-B", "-A", path]);
        Assert.True(code == 0, output);
        return output;
    }

    internal static (int Code, string Output) Run(string program, string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }
}
