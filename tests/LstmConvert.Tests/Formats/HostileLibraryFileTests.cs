using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using LstmConvert.Formats;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Formats;

/// <summary>
/// Mutated and cut files of other libraries: whatever the bytes, opening, reading and recognising give variables or one of our exceptions,
/// in bounded memory and time. The number of mutants
/// of each format is 1,500, or what LSTMCONVERT_FUZZ says.
/// </summary>
public sealed class HostileLibraryFileTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Files here have up to 20 KB; an archive inside an archive is held, and what is read of it.</summary>
    private const long AllocationLimit = 16L << 20;

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public static TheoryData<string, string> Seeds => new()
    {
        { "torch-lstm/model.safetensors", "" },
        { "torch-lstm/model.pt", "" },
        { "torch-lstm/model.pt", "data.pkl" },
        { "onnx-lstm/model.onnx", "" },
        { "onnx-gru-bi/model.onnx", "" },
        { "mxnet-lstm/model.params", "" },
        { "flax-grucell/model.msgpack", "" },
        { "stable-baselines-a2c-mlplstm/model.zip", "" },
        { "stable-baselines-a2c-mlplstm/model.zip", "parameters" },
        { "chainer-lstm/model.h5", "" },
    };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Any_mutation_is_read_or_refused_in_bounded_memory_and_time(string seed, string entry)
    {
        var intact = File.ReadAllBytes(Path.Combine(Shared.Bundled, "dialects", seed));
        var path = Path.Combine(folder, Path.GetFileName(seed));
        var random = new Random(20261128);
        var executions = int.Parse(Environment.GetEnvironmentVariable("LSTMCONVERT_FUZZ") ?? "1500", CultureInfo.InvariantCulture);
        var (read, refused, most, slowest) = (0, 0, 0L, TimeSpan.Zero);
        for (var k = 0; k < executions; k++)
        {
            File.WriteAllBytes(path, entry.Length == 0 ? Mutant(intact, random) : WithEntry(intact, entry, bytes => Mutant(bytes, random)));
            var (before, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            try
            {
                Use(path);
                read++;
            }
            catch (LstmConvertException)
            {
                refused++;
            }

            (most, slowest) = (
                Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before),
                TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(start).Ticks)));
        }

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{executions:N0} mutants: {read:N0} read, {refused:N0} refused, at most {most:N0} bytes allocated, the slowest {slowest.TotalMilliseconds:F0} ms"
            ));
        Assert.True(most < AllocationLimit, $"{most} bytes allocated");
        Assert.True(refused > executions / 20, $"{refused} of {executions} refused");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Any_prefix_is_refused(string seed, string entry)
    {
        var intact = File.ReadAllBytes(Path.Combine(Shared.Bundled, "dialects", seed));
        var path = Path.Combine(folder, Path.GetFileName(seed));
        var whole = entry.Length == 0 ? intact : EntryOf(intact, entry);
        var step = Math.Max(1, whole.Length / 400);
        for (var length = 0; length < whole.Length; length += length < 200 ? 1 : step)
        {
            File.WriteAllBytes(path, entry.Length == 0 ? whole[..length] : WithEntry(intact, entry, bytes => bytes[..length]));

            // A model of ONNX that ends between two fields is a whole message with less in it: what is left says that weights are missing.
            Assert.True(
                Assert.ThrowsAny<LstmConvertException>(() => Use(path)) is UnreadableInputException or UnsupportedModelException,
                $"{length} bytes");
        }
    }

    /// <summary>Opens, reads every number and recognises.</summary>
    private static void Use(string path)
    {
        using (var set = SourceCatalog.Open(path, new SourceOptions()))
        {
            foreach (var tensor in set.Tensors.Where(tensor => tensor.Info.ByteCount is > 0 and < 1 << 20))
            {
                tensor.Read(0, new byte[tensor.Info.ByteCount]);
            }
        }

        using var source = RecurrentSource.Open([path], new SourceOptions(), new RecognitionOptions());
        if (source.Model.Problem is { } problem)
        {
            throw new UnsupportedModelException(problem);
        }
    }

    private static byte[] Mutant(byte[] intact, Random random)
    {
        var bytes = new List<byte>(intact);
        for (var times = random.Next(1, 4); times > 0 && bytes.Count > 8; times--)
        {
            // Structures lie at the beginning of most of these, and at the end of archives.
            var at = random.Next(4) switch
            {
                0 => random.Next(bytes.Count),
                1 => Math.Max(0, bytes.Count - 1 - random.Next(400)),
                _ => random.Next(Math.Min(bytes.Count, 700)),
            };
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[at] = (byte)(random.Next(2) == 0 ? 0xff : 0x7f);
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                case 4:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)random.Next(256), random.Next(1, 9)));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(Math.Max(1, bytes.Count - 16)), Math.Min(16, bytes.Count)));
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] EntryOf(byte[] archive, string name)
    {
        using var zip = new ZipArchive(new MemoryStream(archive), ZipArchiveMode.Read);
        return Bytes(zip.Entries.First(entry => entry.FullName == name || entry.FullName.EndsWith("/" + name, StringComparison.Ordinal)));
    }

    /// <summary>The archive with one entry changed, and its checksum right.</summary>
    private static byte[] WithEntry(byte[] archive, string name, Func<byte[], byte[]> change)
    {
        using var old = new ZipArchive(new MemoryStream(archive), ZipArchiveMode.Read);
        using var stream = new MemoryStream();
        using (var made = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in old.Entries)
            {
                var bytes = Bytes(entry);
                using var target = made.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                target.Write(
                    entry.FullName == name || entry.FullName.EndsWith("/" + name, StringComparison.Ordinal) ? change(bytes) : bytes);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
