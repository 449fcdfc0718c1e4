using System.Globalization;
using LstmConvert.Formats;
using LstmConvert.Formats.Numpy;
using LstmConvert.Tensors;
using LstmConvert.Tests.Formats.Hdf5;

namespace LstmConvert.Tests.Formats.Numpy;

/// <summary>Arrays that NumPy itself saved, read and compared with what NumPy says of them.</summary>
public sealed class NpyOracleTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_version_type_order_and_rank_is_read_as_numpy_reads_it()
    {
        var lines = Hdf5WriterTests.Python(folder, """
            import sys, os, numpy as np
            out = sys.argv[1]
            r = np.random.RandomState(0)
            shapes = [(), (7,), (5, 12), (3, 4, 5), (1, 1), (0, 4), (2, 3, 4, 5)]
            flat = {}
            for t in ['<f2', '<f4', '<f8', '>f2', '>f4', '>f8']:
                for n, s in enumerate(shapes):
                    for order in 'CF':
                        for version in [(1, 0), (2, 0), (3, 0)]:
                            a = np.asarray(r.randn(*s) if s else r.randn(), dtype=t, order=order)
                            key = 'v%d/%s%s%d/%s' % (version[0], 'be' if t[0] == '>' else 'le', t[1:], n, order)
                            os.makedirs(os.path.join(out, 'npy', os.path.dirname(key)), exist_ok=True)
                            with open(os.path.join(out, 'npy', key + '.npy'), 'wb') as f:
                                np.lib.format.write_array(f, a, version=version)
                            flat[key] = a
                            print(key, ','.join(map(str, s)), ' '.join(repr(float(v)) for v in a.ravel(order='C')), sep='|')
            np.savez(os.path.join(out, 'stored.npz'), **flat)
            np.savez_compressed(os.path.join(out, 'deflated.npz'), **flat)
            """).Split('\n');
        using var files = SourceCatalog.Open(Path.Combine(folder, "npy"), new SourceOptions());
        using var stored = SourceCatalog.Open(Path.Combine(folder, "stored.npz"), new SourceOptions());
        using var deflated = SourceCatalog.Open(Path.Combine(folder, "deflated.npz"), new SourceOptions());
        Assert.Equal(252, lines.Length);
        foreach (var line in lines)
        {
            var parts = line.Split('|');
            var values = parts[2]
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(text => double.Parse(text, CultureInfo.InvariantCulture))
                .ToArray();
            foreach (var set in new[] { files, stored, deflated })
            {
                var tensor = set.Find(parts[0])!;
                Assert.Equal(parts[1], string.Join(",", tensor.Shape.Dimensions.ToArray()));
                Assert.Equal(values, tensor.ToDoubles());
                if (values.Length > 3)
                {
                    var some = new double[2];
                    tensor.ReadDoubles(values.Length - 2, some);
                    Assert.Equal(values[^2..], some);
                    tensor.ReadDoubles(1, some);
                    Assert.Equal(values[1..3], some);
                }
            }
        }
    }

    [Fact]
    public void Large_arrays_in_Fortran_order_are_turned_as_numpy_turns_them()
    {
        var lines = Hdf5WriterTests.Python(folder, """
            import sys, os, numpy as np
            out = os.path.join(sys.argv[1], 'large')
            os.makedirs(out)
            for name, shape in [('wide', (4, 3000000)), ('tall', (3000000, 4)), ('deep', (3, 5, 800000)), ('one', (1, 3, 5, 700000))]:
                a = np.asfortranarray(np.arange(np.prod(shape), dtype='<f4').reshape(shape) % 8191)
                np.save(os.path.join(out, name + '.npy'), a)
                np.savez_compressed(os.path.join(out, name + '.npz'), a=a)
                print(name, *[int(np.sum(a.ravel(order='C').astype('f8') * (np.arange(a.size) % k))) for k in (7, 1009, 65537)])
            """).Split('\n');
        Assert.Equal(4, lines.Length);
        foreach (var line in lines)
        {
            var parts = line.Split(' ');
            foreach (var extension in new[] { ".npy", ".npz" })
            {
                using var set = SourceCatalog.Open(Path.Combine(folder, "large", parts[0] + extension), new SourceOptions());
                var values = Assert.Single(set.Tensors).ToDoubles();
                Assert.Equal(
                    parts[1..],
                    new[] { 7, 1009, 65537 }.Select(k =>
                        values.Select((value, at) => value * (at % k)).Sum().ToString("F0", CultureInfo.InvariantCulture)));
            }
        }
    }

    [Fact]
    public void Flat_names_and_tensor_names_stand_for_variables()
    {
        File.WriteAllBytes(Path.Combine(folder, "rnn__fw__kernel:0.npy"), Npy());
        using var flat = SourceCatalog.Open(folder, new SourceOptions());
        Assert.Equal(["rnn/fw/kernel"], flat.Tensors.Select(tensor => tensor.Name));
        using var bare = NpyFiles.Open([$"a/b:0={Path.Combine(folder, "rnn__fw__kernel:0.npy")}"], new SourceOptions());
        Assert.Equal(["a/b"], bare.Tensors.Select(tensor => tensor.Name));
    }

    [Fact]
    public void Every_prefix_of_a_file_is_refused()
    {
        var whole = Npy();
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(Path.Combine(folder, "a.npy"), whole[..length]);
            Assert.Throws<UnreadableInputException>(() => SourceCatalog.Open(folder, new SourceOptions()));
        }
    }

    [Fact]
    public void A_damaged_archive_is_refused_and_so_is_one_made_to_fill_a_disk()
    {
        Hdf5WriterTests.Python(folder, """
            import sys, os, numpy as np
            np.savez(os.path.join(sys.argv[1], 'a.npz'), kernel=np.arange(60, dtype='f4').reshape(5, 12))
            np.savez_compressed(os.path.join(sys.argv[1], 'bomb.npz'), kernel=np.zeros((5000, 4000), 'f4'))
            """);
        var bytes = File.ReadAllBytes(Path.Combine(folder, "a.npz"));
        bytes[250] ^= 1;
        File.WriteAllBytes(Path.Combine(folder, "a.npz"), bytes);
        using var damaged = SourceCatalog.Open(Path.Combine(folder, "a.npz"), new SourceOptions());
        Assert.Contains(
            "CRC-32",
            Assert.Throws<UnreadableInputException>(() => damaged.Tensors[0].ToDoubles()).Message,
            StringComparison.Ordinal);
        using var bomb = SourceCatalog.Open(Path.Combine(folder, "bomb.npz"), new SourceOptions());
        Assert.Contains(
            "fill a disk",
            Assert.Throws<UnreadableInputException>(() => bomb.Tensors[0].ReadDoubles(100_000, new double[4])).Message,
            StringComparison.Ordinal);
        Assert.Throws<UnreadableInputException>(() => SourceCatalog.Open(Write("cut.npz", bytes[..200]), new SourceOptions()));
    }

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(folder, name), bytes);
        return Path.Combine(folder, name);
    }

    private static byte[] Npy()
    {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. System.Text.Encoding.Latin1.GetBytes(header), .. new byte[24]];
    }
}
