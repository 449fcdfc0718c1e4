using System.Diagnostics;
using System.IO.Compression;
using LstmConvert.Formats.Hdf5;
using LstmConvert.Formats.Numpy;

namespace LstmConvert.Tests.Formats.Hdf5;

/// <summary>Files that h5py and Keras wrote, every number and every text compared with what h5py reads.</summary>
public sealed class Hdf5OracleTests(ITestOutputHelper output) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_form_that_h5py_writes_is_read_as_h5py_reads_it()
    {
        Samples(folder);
        Compare([.. Directory.EnumerateFiles(folder, "*.h5").Order(StringComparer.Ordinal)], 13, 3000);
    }

    /// <summary>h5repack shares messages of one kind, or of every kind, between the objects of a file: types, spaces, fill values, filters
    /// and attributes, also those of an object with many.</summary>
    [Theory]
    [InlineData("-s", "1")]
    [InlineData("-L", "-s", "1")]
    [InlineData("-s", "8:dtype")]
    [InlineData("-L", "-s", "8:attr")]
    public void Messages_that_objects_share_are_read_as_h5py_reads_them(params string[] options)
    {
        const string program = "/usr/bin/h5repack";
        if (!File.Exists(program) && Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") != "required")
        {
            Assert.Skip("h5repack is not installed (Debian package hdf5-tools).");
        }

        Samples(folder);
        var packed = new List<string>();
        foreach (var path in new[] { "earliest-0", "v110-512", "latest-0", "latest-order" }.Select(name => Path.Combine(folder, name + ".h5")))
        {
            var target = path + ".shared";
            var (code, _) = Hdf5WriterTests.Run(program, [.. options, path, target]);
            if (code == 0 && File.ReadAllBytes(target).AsSpan().IndexOf("SMTB"u8) >= 0)
            {
                packed.Add(target);
            }
        }

        Compare([.. packed], 3, 100);
    }

    [Fact]
    public void Every_file_of_Keras_is_read_as_h5py_reads_it()
    {
        string[] kinds = [".h5", ".hdf5", ".keras"];
        var paths = new[] { "goldens", "real" }.Select(name => Path.Combine(Shared.Folder, name)).Where(Directory.Exists)
            .SelectMany(place => Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories))
            .Where(path => kinds.Contains(Path.GetExtension(path)) && Hdf5File.Matches(path) | InputIsArchive(path))
            .Order(StringComparer.Ordinal)
            .ToArray();
        Compare(paths, 1000, 5000);
    }

    /// <summary>Runs a script of this folder with a Python that has h5py; what it prints.</summary>
    internal static string Python(string script, IEnumerable<string> arguments, string input, int seconds = 300)
    {
        const string interpreter = "/usr/bin/python3";
        Hdf5WriterTests.Python("", "import h5py");
        var start = new ProcessStartInfo(interpreter, [Path.Combine(AppContext.BaseDirectory, "Formats", "Hdf5", script), .. arguments])
        { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LSTMCONVERT_H5PY_SECONDS"] = $"{seconds}";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return text.Result;
    }

    /// <summary>Writes the samples into a folder.</summary>
    internal static void Samples(string folder) => Python("h5py_samples.py", [folder], "");

    private static bool InputIsArchive(string path)
    {
        using var file = File.OpenRead(path);
        return file.ReadByte() == 'P' && file.ReadByte() == 'K';
    }

    private void Compare(string[] paths, int files, int entries)
    {
        var listed = Hdf5Listing.Parse(Python("h5py_listing.py", ["-"], string.Join('\n', paths)));
        var (count, differences) = (0, new List<string>());
        foreach (var path in paths)
        {
            using var archive = InputIsArchive(path) ? ZipFile.OpenRead(path) : null;
            using var entry = archive is null ? null : new ZipEntryBytes(path, archive.GetEntry("model.weights.h5")!);
            var ours = Hdf5Listing.Of(() => entry is null ? Hdf5File.Open(path) : Hdf5File.Open(entry));
            var theirs = listed[path];
            count += theirs.Count;
            differences.AddRange(
                theirs
                    .Keys.Union(ours.Keys)
                    .Where(key => ours.GetValueOrDefault(key) != theirs.GetValueOrDefault(key))
                    .Select(key =>
                        $"{path}: {key.Replace('\t', ' ')}: {ours.GetValueOrDefault(key)} and h5py {theirs.GetValueOrDefault(key)}"));
        }

        output.WriteLine($"{paths.Length} files, {count} datasets and attributes");
        Assert.True(differences.Count == 0, $"{differences.Count} of {count}: {string.Join('\n', differences.Take(20))}");
        Assert.InRange(paths.Length, files, int.MaxValue);
        Assert.InRange(count, entries, int.MaxValue);
    }
}
