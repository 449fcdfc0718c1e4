using System.IO.Compression;
using LstmConvert.Files;
using LstmConvert.Formats.Hdf5;
using LstmConvert.Formats.Numpy;
using LstmConvert.Tensors;
using PureHDF;

namespace LstmConvert.Tests.Formats.Hdf5;

/// <summary>What is refused, in which words, and how files are opened. The files are h5py's.</summary>
public sealed class Hdf5ReaderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("f['x'] = h5py.SoftLink('/a')", "a soft link to /a, which is never followed")]
    [InlineData("f['x'] = h5py.ExternalLink('other.h5', '/a')", "an external link to other.h5 /a, which is never followed")]
    [InlineData("f.create_dataset('x', (4,), 'f4', external=[('other.bin', 0, 16)])", "external storage")]
    [InlineData(
        "v = h5py.VirtualLayout((4,), 'f4'); v[:] = h5py.VirtualSource('other.h5', 'a', (4,)); f.create_virtual_dataset('x', v)",
        "is virtual")]
    [InlineData("f.create_dataset('x', (4,), 'f4', compression='lzf')", "the filter 32000 (LZF)")]
    [InlineData("f.create_dataset('x', (4,), 'i4', scaleoffset=2)", "the filter 6 (scale-offset)")]
    [InlineData("f.create_dataset('x', (1 << 40,), 'f4', chunks=(1 << 20,))", "more than 16 times as many")]
    [InlineData("f.create_dataset('x', (1, 1), 'f4', chunks=(1 << 14, 1 << 13), maxshape=(None, None))", "1 chunks of 536870912 bytes")]
    [InlineData("f.create_dataset('x', (4,), np.dtype('c8'))", "compounds of 8 bytes, and numbers are expected")]
    [InlineData(
        "t = h5py.h5t.IEEE_F32LE.copy(); t.set_ebias(126); h5py.h5d.create(f.id, b'x', t, h5py.h5s.create_simple((4,)))",
        "no IEEE ones (precision 32 at 0, sign at 31, 8 bits of exponent at 23 with bias 126")]
    [InlineData(
        "t = h5py.h5t.STD_I32LE.copy(); t.set_precision(24); h5py.h5d.create(f.id, b'x', t, h5py.h5s.create_simple((4,)))",
        "integers of 24 bits at 0")]
    [InlineData(
        "p = h5py.h5p.create(h5py.h5p.DATASET_CREATE); p.set_fill_time(h5py.h5d.FILL_TIME_NEVER); h5py.h5d.create(f.id, b'x', h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((4,)), p)",
        "has no numbers, and no value")]
    [InlineData("f.create_group('x')", "x is no dataset")]
    [InlineData("f['b/x'] = 1", "has no x")]
    public void What_is_not_read_is_refused_by_name(string python, string words)
    {
        using var file = Hdf5File.Open(Make($"f['a'] = np.arange(4.)\n{python}"));
        var problem = Assert.Throws<UnreadableInputException>(() => file.Root.Dataset("x").Read(0, new byte[16]));
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        Assert.StartsWith(file.Path, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_that_lead_into_themselves_are_walked_once_and_not_followed()
    {
        using var file = Hdf5File.Open(Make("""
            g = f.create_group('a/b/c')
            g['back'] = f['a']
            for k in range(40):
                h = g.create_group('h')
                g['i'] = h
                g = h
            g['x'] = np.arange(4.)
            """));
        Assert.Equal(44, file.Root.Walk().Count());
        Assert.Contains(
            "leads back into its own path over back",
            Assert.Throws<UnreadableInputException>(() => file.Root.Group("a/b/c/back/b")).Message,
            StringComparison.Ordinal);
        Assert.Equal([("back", Hdf5Kind.Group), ("h", Hdf5Kind.Group), ("i", Hdf5Kind.Group)], file.Root.Group("a/b/c").Children);
        Assert.True(file.Root.Has("a/b/c/h/i"));
        Assert.True(file.Root.Group("a").Has("/b//./c"));
        Assert.False(file.Root.Has("a/x/c"));
    }

    [Fact]
    public void A_file_that_is_cut_off_is_refused_and_one_with_more_behind_it_is_read()
    {
        var bytes = File.ReadAllBytes(Make("f['x'] = np.arange(4.)"));
        Assert.Contains("is cut off", Refusal(bytes[..^1]), StringComparison.Ordinal);
        using var file = Hdf5File.Open(new HeldBytes("longer.h5", [.. bytes, 1, 2, 3]));
        Assert.Equal([0, 1, 2, 3], file.Root.Dataset("x").ToDoubles());
        Assert.Contains("is no HDF5 file", Refusal([.. new byte[40]]), StringComparison.Ordinal);
        Assert.Contains("is no HDF5 file", Refusal([]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_still_open_for_writing_is_refused()
    {
        var path = Make("""
            import shutil
            f['x'] = np.arange(4.)
            f.flush()
            shutil.copy(sys.argv[1], sys.argv[1] + '.copy')
            """, "latest");
        Assert.Contains("still open for writing", Refusal(File.ReadAllBytes(path + ".copy")), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_changed_byte_of_a_structure_with_a_checksum_is_seen()
    {
        var bytes = File.ReadAllBytes(Make("f.attrs['layer_names'] = np.array([b'lstm'])", "latest"));
        for (var k = 0; k < bytes.Length; k++)
        {
            var changed = bytes.ToArray();
            changed[k] ^= 0x10;
            Assert.Throws<UnreadableInputException>(() => Hdf5File.Open(new HeldBytes("changed.h5", changed)));
        }
    }

    [Fact]
    public void Texts_are_expected_where_texts_are_meant()
    {
        using var file = Hdf5File.Open(
            Make("f.attrs['layer_names'] = np.arange(3)\nf.attrs['empty'] = np.zeros(0)\nf.attrs['odd'] = np.bytes_(b'\\xff\\xfe')"));
        Assert.Contains(
            "attribute layer_names holds 3 int64, and a text is expected",
            Assert.Throws<UnreadableInputException>(() => file.Root.Texts("layer_names")).Message,
            StringComparison.Ordinal);
        Assert.False(file.Root.Attributes.IsText("layer_names"));
        Assert.Equal([], file.Root.Texts("empty"));
        Assert.Contains(
            "no UTF-8 (fffe)",
            Assert.Throws<UnreadableInputException>(() => file.Root.Texts("odd")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "the root has no attribute missing",
            Assert.Throws<UnreadableInputException>(() => file.Root.Texts("missing")).Message,
            StringComparison.Ordinal);
        Assert.Equal(["empty", "layer_names", "odd"], file.Root.AttributeNames);
    }

    [Fact]
    public void A_member_of_an_archive_is_read_stored_and_deflated()
    {
        var path = Make("f['x'] = np.arange(4.)");
        var archive = Path.Combine(folder, "a.keras");
        using (var zip = ZipFile.Open(archive, ZipArchiveMode.Create))
        {
            zip.CreateEntryFromFile(path, "stored.h5", CompressionLevel.NoCompression);
            zip.CreateEntryFromFile(path, "deflated.h5", CompressionLevel.Optimal);
        }

        using var opened = ZipFile.OpenRead(archive);
        foreach (var entry in opened.Entries)
        {
            using var bytes = new ZipEntryBytes(archive, entry);
            using var file = Hdf5File.Open(bytes);
            Assert.Equal([0, 1, 2, 3], file.Root.Dataset("x").ToDoubles());
            Assert.Contains("a.keras, entry", file.Path, StringComparison.Ordinal);
            using var unpacked = new UnpackedBytes(bytes);
            using var again = Hdf5File.Open(unpacked);
            Assert.Equal([0, 1, 2, 3], again.Root.Dataset("x").ToDoubles());
        }
    }

    [Fact]
    public void Several_threads_read_the_same_tensors()
    {
        using var file = Hdf5File.Open(Make("""
            for k in range(8):
                f.create_dataset('x%d' % k, data=np.arange(40000.).reshape(200, 200) + k, chunks=(30, 70), compression='gzip')
            """));
        Parallel.For(0, 64, k =>
        {
            var tensor = file.Root.Dataset($"x{k % 8}");
            var values = new double[200];
            for (var row = k % 7; row < 200; row += 7)
            {
                tensor.ReadDoubles(row * 200, values);
                Assert.Equal(Enumerable.Range(0, 200).Select(column => (row * 200.0) + column + (k % 8)), values);
            }
        });
    }

    [Fact]
    public void Structures_that_are_read_again_and_again_are_refused()
    {
        // One name of 60 KB in the heap, and every link of a full symbol node points to it: each is a link of its own to whoever reads it.
        var bytes = File.ReadAllBytes(Make("""
            for k in range(7):
                f['%d' % k + 'x' * 60000] = k
            """));
        using var intact = Hdf5File.Open(new HeldBytes("intact.h5", bytes));
        Assert.Equal(7, intact.Root.Children.Count);
        var file = new Hdf5Bytes(new HeldBytes("small.h5", new byte[1024]));
        var problem = Assert.Throws<UnreadableInputException>(() =>
        {
            for (var k = 0; k < 40_000; k++)
            {
                file.Structure(0, 1024, "a structure");
            }
        });
        Assert.Contains("read again and again", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PureHDF_reads_the_same_numbers()
    {
        var path = Make("""
            r = np.random.RandomState(5)
            for k, kind in enumerate(['f4', 'f8']):
                f.create_dataset('plain%d' % k, data=r.randn(30, 7).astype(kind))
                f.create_dataset('packed%d' % k, data=r.randn(30, 7).astype(kind), chunks=(8, 3), compression='gzip', shuffle=True)
            """);
        using var file = Hdf5File.Open(path);
        using var other = H5File.OpenRead(path);
        foreach (var (name, _) in file.Root.Children)
        {
            var tensor = file.Root.Dataset(name);
            var theirs =
                tensor.DType == DType.Float32
                    ? other.Dataset(name).Read<float[,]>().Cast<float>().Select(value => (double)value)
                    : other.Dataset(name).Read<double[,]>().Cast<double>();
            Assert.Equal(theirs, tensor.ToDoubles());
        }
    }

    private static string Refusal(byte[] bytes) =>
        Assert.Throws<UnreadableInputException>(() => Hdf5File.Open(new HeldBytes("bytes.h5", bytes))).Message;

    private string Make(string python, string version = "earliest")
    {
        var path = Path.Combine(folder, $"{Guid.NewGuid():n}.h5");
        Hdf5WriterTests.Python(
            path,
            $"import sys, h5py, numpy as np\nwith h5py.File(sys.argv[1], 'w', libver='{version}') as f:\n    {python.ReplaceLineEndings("\n").Replace("\n", "\n    ", StringComparison.Ordinal)}"
        );
        return path;
    }
}
