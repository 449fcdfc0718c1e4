using System.Globalization;
using LstmConvert.Files;
using LstmConvert.Formats;
using LstmConvert.Formats.Checkpoints;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Formats.Checkpoints;

/// <summary>
/// Mutated checkpoints: whatever the bytes, opening and reading gives tensors or one of our exceptions, in bounded memory. The number of
/// executions is 4,000, or what LSTMCONVERT_FUZZ says.
/// </summary>
public sealed class HostileCheckpointTests(ITestOutputHelper output)
{
    /// <summary>More than a small file can ask for: its blocks, decompressed, and their records.</summary>
    private const long AllocationLimit = 64L << 20;

    [Fact]
    public void Any_mutation_of_a_checkpoint_is_read_or_refused_in_bounded_memory()
    {
        var executions = int.Parse(Environment.GetEnvironmentVariable("LSTMCONVERT_FUZZ") ?? "4000", CultureInfo.InvariantCulture);
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var seeds = Seeds(folder).ToArray();
            var random = new Random(20261124);
            var (read, refused, largest) = (0, 0, 0L);
            for (var k = 0; k < executions; k++)
            {
                var (index, data, isV2) = seeds[random.Next(seeds.Length)];
                var prefix = Path.Combine(folder, "mutant");
                File.WriteAllBytes(isV2 ? prefix + ".index" : prefix, Mutate(index, random));
                if (isV2)
                {
                    File.WriteAllBytes(prefix + ".data-00000-of-00001", data);
                }

                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    // Without checksums most mutations reach the records; with them none may be taken for intact.
                    using var set = SourceCatalog.Open(prefix, new SourceOptions { VerifyChecksums = k % 4 == 0 });
                    foreach (
                        var tensor in set
                            .Tensors.Concat(set.WithoutNumbers)
                            .Where(tensor => tensor.DType.ItemSize() == 0 || tensor.Info.ByteCount < 1 << 20))
                    {
                        tensor.Check();
                    }

                    read++;
                }
                catch (LstmConvertException)
                {
                    refused++;
                }

                largest = Math.Max(largest, GC.GetAllocatedBytesForCurrentThread() - before);
                File.Delete(isV2 ? prefix + ".index" : prefix);
            }

            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{executions} executions: {read} read, {refused} refused, at most {largest:N0} bytes allocated"));
            Assert.True(largest < AllocationLimit, $"{largest} bytes allocated");
            Assert.True(refused > read / 10);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Any_prefix_of_an_index_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            foreach (var (index, _, isV2) in Seeds(folder).Take(1))
            {
                for (var length = 0; length < index.Length; length++)
                {
                    File.WriteAllBytes(Path.Combine(folder, "cut.index"), index[..length]);
                    Assert.True(isV2);
                    Assert.Throws<UnreadableInputException>(() => SourceCatalog.Open(Path.Combine(folder, "cut"), new SourceOptions()));
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<(byte[] Index, byte[] Data, bool IsV2)> Seeds(string folder)
    {
        var prefix = Path.Combine(folder, "seed");
        var bytes = new byte[4 * 12 * 16];
        new Random(1).NextBytes(bytes);
        CheckpointV2Writer.Write(prefix, [
            new MemoryTensor(new TensorInfo("rnn/basic_lstm_cell/kernel", DType.Float32, new Shape(12, 16)), bytes),
            new MemoryTensor(new TensorInfo("rnn/basic_lstm_cell/bias", DType.Float32, new Shape(16)), bytes),
            new MemoryTensor(new TensorInfo("global_step", DType.Int64, Shape.Scalar), bytes),
        ]);
        yield return (File.ReadAllBytes(prefix + ".index"), File.ReadAllBytes(prefix + ".data-00000-of-00001"), true);
        if (Environment.GetEnvironmentVariable("LSTMCONVERT_SHARED") is not { } shared)
        {
            yield break;
        }

        var tf1 = Path.Combine(shared, "goldens", "tf1");
        foreach (var name in new[] { "kind-partitioned-slots/model.ckpt", "kind-many-variables/model.ckpt", "kind-other-types/model.ckpt" })
        {
            yield return (
                File.ReadAllBytes(Path.Combine(tf1, name + ".index")),
                File.ReadAllBytes(Path.Combine(tf1, name + ".data-00000-of-00001")),
                true);
        }

        foreach (var name in new[] { "kind-v1/model.ckpt", "kind-v1-partitioned/model.ckpt" })
        {
            yield return (File.ReadAllBytes(Path.Combine(tf1, name)), [], false);
        }

        var sonnet = Path.Combine(
            shared,
            "real",
            "checkpoints",
            "deepmind__sonnet",
            "sonnet",
            "src",
            "conformance",
            "checkpoints",
            "lstm_1",
            "checkpoint-1");
        yield return (File.ReadAllBytes(sonnet + ".index"), File.ReadAllBytes(sonnet + ".data-00000-of-00001"), true);
    }

    [Theory]
    [InlineData(40_000, 10, "32768 is the most")]
    [InlineData(30_000, 3000, "32 times the file's")]
    public void Names_that_grow_out_of_a_small_file_are_refused(int length, int count, string words)
    {
        List<byte> keys = [0, .. Varint(length), 0, .. Enumerable.Repeat((byte)'a', length)];
        for (var k = 1; k < count; k++)
        {
            keys.AddRange([.. Varint(length - 2), 2, 0, (byte)(0x62 + (k >> 8)), (byte)k]);
        }

        byte[] table = [];
        var data = Block(keys);
        var empty = Block([]);
        var index = Block([0, 1, (byte)data.Length, (byte)'z', .. data]);
        byte[] footer = [.. empty, .. index];
        var bytes = new HeldBytes("m.index", [.. table, .. footer, .. new byte[40 - footer.Length], .. LevelDbTable.Magic]);
        Assert.Contains(
            words,
            Assert.Throws<UnreadableInputException>(() => LevelDbTable.Open(bytes, verify: false).Entries().Count()).Message,
            StringComparison.Ordinal);

        // Adds a block with one restart and returns its handle.
        byte[] Block(List<byte> entries)
        {
            byte[] handle = [.. Varint(table.Length), .. Varint(entries.Count + 8)];
            table = [.. table, .. entries, 0, 0, 0, 0, 1, 0, 0, 0, 0, .. new byte[4]];
            return handle;
        }

        static byte[] Varint(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];
    }

    private static byte[] Mutate(byte[] intact, Random random)
    {
        var bytes = new List<byte>(intact);
        for (var times = random.Next(1, 5); times > 0 && bytes.Count > 8; times--)
        {
            // The end holds the footer: hits there would all be refused for the same reason.
            var at = random.Next(random.Next(8) == 0 ? bytes.Count : Math.Max(1, bytes.Count - 60));
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[at] = random.Next(2) == 0 ? (byte)0xff : (byte)0x80;
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                case 4:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)random.Next(256), random.Next(1, 9)));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - 8), 8));
                    bytes.RemoveRange(Math.Min(at + 8, bytes.Count - 8), 8);
                    break;
            }
        }

        return [.. bytes];
    }
}
