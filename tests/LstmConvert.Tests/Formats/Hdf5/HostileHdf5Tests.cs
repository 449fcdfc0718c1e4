using System.Diagnostics;
using System.Globalization;
using LstmConvert.Files;
using LstmConvert.Formats.Hdf5;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Formats.Hdf5;

/// <summary>
/// Mutated HDF5 files: whatever the bytes, all of a file is read as h5py reads it, or is refused by one of our exceptions, in bounded
/// memory and
/// time. The number of mutants is small, or what LSTMCONVERT_FUZZ says; of those that h5py reads, too, what LSTMCONVERT_FUZZ_H5PY says.
/// </summary>
public sealed class HostileHdf5Tests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Structures, unpacked chunks and what is kept of them; files here have up to 40 KB.</summary>
    private const long AllocationLimit = 256L << 20;

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Any_mutation_of_a_file_is_read_or_refused_in_bounded_memory_and_time()
    {
        var seeds = Seeds();
        var random = new Random(20261127);
        var (read, refused, most, slowest) = (0, 0, 0L, TimeSpan.Zero);
        var executions = Number("LSTMCONVERT_FUZZ", 3000);
        for (var k = 0; k < executions; k++)
        {
            var bytes = Mutant(seeds[random.Next(seeds.Count)], random);
            var (before, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());

            // Without checksums mutations reach what is behind them; whoever makes a file to do harm makes its checksums, too.
            var listed = Hdf5Listing.Of(() => Hdf5File.Open(new HeldBytes("mutant.h5", bytes), verifyChecksums: k % 4 == 0));
            (most, slowest) = (
                Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before),
                Max(slowest, Stopwatch.GetElapsedTime(start)));
            (read, refused) = listed.Values.Any(IsRefused) ? (read, refused + 1) : (read + 1, refused);
        }

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{executions:N0} mutants: {read:N0} read, {refused:N0} refused, at most {most:N0} bytes allocated, the slowest {slowest.TotalMilliseconds:F0} ms"
            ));
        Assert.True(most < AllocationLimit, $"{most} bytes allocated");
        Assert.True(slowest < TimeSpan.FromSeconds(2), $"{slowest}");
        Assert.True(refused > read / 10);
    }

    [Fact]
    public void A_mutation_is_refused_or_read_as_h5py_reads_it()
    {
        var seeds = Seeds();
        var random = new Random(20261128);
        var (read, refused, changed) = (0, 0, 0);
        List<string> wrong = [];
        var executions = Number("LSTMCONVERT_FUZZ_H5PY", 200);
        var originals = seeds.Select(seed => Hdf5Listing.Of(() => Hdf5File.Open(new HeldBytes("seed.h5", seed)))).ToArray();
        for (var done = 0; done < executions;)
        {
            var batch = new Dictionary<string, int>();
            for (var k = 0; k < 1000 && done < executions; k++, done++)
            {
                var path = Path.Combine(folder, $"mutant{k}.h5");
                var seed = random.Next(seeds.Count);
                File.WriteAllBytes(path, Mutant(seeds[seed], random));
                batch.Add(path, seed);
            }

            var listed = Hdf5Listing.Parse(Hdf5OracleTests.Python("h5py_listing.py", ["-"], string.Join('\n', batch.Keys), seconds: 20));
            foreach (var (path, seed) in batch)
            {
                var (ours, theirs) = (Hdf5Listing.Of(() => Hdf5File.Open(path)), listed[path]);
                (read, refused) = ours.Values.Any(IsRefused) ? (read, refused + 1) : (read + 1, refused);
                changed +=
                    theirs.Count == originals[seed].Count
                    && theirs.All(entry => originals[seed].GetValueOrDefault(entry.Key) == entry.Value)
                        ? 0
                        : 1;

                // A mutant may leave its traces in h5py's process: a difference counts if it is there in a new one.
                var differences = Differences(ours, theirs).Any()
                    ? Differences(ours, Hdf5Listing.Parse(Hdf5OracleTests.Python("h5py_listing.py", [path], "", seconds: 20))[path])
                        .ToArray()
                    : [];
                if (differences.Length > 0)
                {
                    wrong.Add($"{path}: {string.Join("; ", differences.Take(2))}");
                    if (Environment.GetEnvironmentVariable("LSTMCONVERT_FUZZ_KEEP") is { } keep)
                    {
                        File.Copy(path, Path.Combine(keep, $"{wrong.Count}-{seed}-{Path.GetFileName(path)}"));
                    }
                }
            }
        }

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{executions:N0} mutants, {changed:N0} of which h5py refuses or reads as something else: {read:N0} read as h5py reads them, {refused:N0} refused, {wrong.Count} otherwise"
            ));
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {executions}\n{string.Join('\n', wrong.Take(20))}");
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static bool IsRefused(string value) => value.StartsWith(Hdf5Listing.Refused, StringComparison.Ordinal);

    private static int Number(string variable, int otherwise) =>
        int.Parse(Environment.GetEnvironmentVariable(variable) ?? $"{otherwise}", CultureInfo.InvariantCulture);

    /// <summary>What is read must be what h5py reads, and what h5py reads may be missing only where something is refused.</summary>
    private static IEnumerable<string> Differences(Dictionary<string, string> ours, Dictionary<string, string> theirs)
    {
        var isComplete = !ours.Values.Any(IsRefused);

        // What kills h5py says nothing of the file's other objects.
        return theirs.ContainsKey("C\t")
            ? isComplete
                ? ["h5py dies, and all is read"]
                : []
            : ours.Where(entry => !IsRefused(entry.Value) && theirs.GetValueOrDefault(entry.Key) != entry.Value)
                .Select(entry =>
                    $"{entry.Key.Replace('\t', ' ')} is {entry.Value}, and h5py's is {theirs.GetValueOrDefault(entry.Key, "none")} ({string.Join(", ", theirs.Where(other => IsRefused(other.Value)).Select(other => other.Key.Replace('\t', ' ')).Take(3))})"
                )
                .Concat(
                    theirs
                        .Where(entry => isComplete && !IsRefused(entry.Value) && !ours.ContainsKey(entry.Key))
                        .Select(entry => $"{entry.Key.Replace('\t', ' ')} is missing"))
                .Concat(
                    theirs
                        .Where(entry => isComplete && IsRefused(entry.Value))
                        .Select(entry => $"{entry.Key.Replace('\t', ' ')} is not refused"));
    }

    private List<byte[]> Seeds()
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, "seeds")).FullName;
        Hdf5OracleTests.Python("h5py_seeds.py", [place], "");
        var seeds = Directory.EnumerateFiles(place).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList();
        var root = new Hdf5Group();
        root.Attributes.Add(new Hdf5Attribute("layer_names", ["lstm", "a"], false));
        root.Path(["lstm", "lstm"]).Datasets["kernel:0"] = new Hdf5Dataset(DType.Float32, new Shape(2, 3));
        var own = Path.Combine(folder, "own.h5");
        File.Delete(own);
        using (var writer = new Hdf5Writer(own, root))
        {
            writer.Append(root.Path(["lstm", "lstm"]).Datasets["kernel:0"], new byte[24]);
            writer.Finish();
        }

        seeds.Add(File.ReadAllBytes(own));
        if (Environment.GetEnvironmentVariable("LSTMCONVERT_SHARED") is { } shared)
        {
            string[] files = ["keras-2.2.4/lstm/weights.h5", "keras-2.15.0/gru/model.weights.h5", "keras-3.15.1/lstm/model.weights.h5"];
            seeds.AddRange(files.Select(name => Path.Combine(shared, "goldens", name)).Where(File.Exists).Select(File.ReadAllBytes));
        }

        return seeds;
    }

    /// <summary>One to three changed bytes, most of them in what is no number; or the file cut; or a part of it put over another.</summary>
    private static byte[] Mutant(byte[] seed, Random random)
    {
        var bytes = seed.ToArray();
        switch (random.Next(20))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                var length = random.Next(1, 65);
                var (from, to) = (random.Next(bytes.Length - length), random.Next(bytes.Length - length));
                seed.AsSpan(from, length).CopyTo(bytes.AsSpan(to));
                return bytes;
            default:
                for (var times = random.Next(1, 4); times > 0; times--)
                {
                    // Most bytes of old files are the zeros of nodes that have room: half of the hits are where something is.
                    var at = random.Next(bytes.Length);
                    for (var tries = random.Next(2) * 20; tries > 0 && seed[at] is 0 or 0xff; tries--)
                    {
                        at = random.Next(bytes.Length);
                    }

                    bytes[at] = random.Next(4) switch
                    {
                        0 => (byte)(bytes[at] ^ (1 << random.Next(8))),
                        1 => (byte)(bytes[at] + random.Next(3) - 1),
                        2 => (byte)(random.Next(2) == 0 ? 0 : 0xff),
                        _ => (byte)random.Next(256),
                    };
                }

                return bytes;
        }
    }
}
