using System.Diagnostics;
using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Reading;

namespace LstmConvert.Tests.Graphs.Execution;

/// <summary>Whatever a graph says of itself: executing it ends with a result or one of our exceptions, in bounded time and
/// memory.</summary>
public sealed class HostileExecutionTests(ITestOutputHelper output)
{
    /// <summary>For a file of up to 1 MiB; the process around it takes as much again.</summary>
    private const long MemoryLimit = 256L << 20;

    private const double SecondsLimit = 2;

    [Fact]
    public void Any_mutation_of_a_graph_is_executed_or_refused_in_bounded_time_and_memory()
    {
        var executions = int.Parse(Environment.GetEnvironmentVariable("LSTMCONVERT_FUZZ") ?? "800", CultureInfo.InvariantCulture);
        var seeds = Directory
            .GetFiles(Shared.Bundled, "*.pb", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(Shared.Bundled, "*.meta", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal)
            .Select(path => (Name: Path.GetFileName(path), Bytes: File.ReadAllBytes(path)))
            .ToArray();
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var (random, counts, slowest, longest) = (
                new Random(20261127),
                new SortedDictionary<string, int>(StringComparer.Ordinal),
                0.0,
                "");
            for (var k = 0; k < executions; k++)
            {
                var (name, intact) = seeds[random.Next(seeds.Length)];
                var path = Path.Combine(folder, $"{k % 7}-{name}");
                File.WriteAllBytes(path, Mutated(intact, random));
                var watch = Stopwatch.StartNew();
                foreach (var outcome in Execute(path, random))
                {
                    counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
                }

                if (watch.Elapsed.TotalSeconds > slowest)
                {
                    (slowest, longest) = (watch.Elapsed.TotalSeconds, $"{k} {name}");
                }
            }

            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{executions} graphs of {seeds.Length} seeds, slowest {slowest:0.00} s ({longest}); {string.Join(", ", counts.Select(count => $"{count.Key} {count.Value}"))}"
                ));
            Assert.True(counts["computed"] > executions / 20);
            Assert.True(slowest < SecondsLimit * 3, $"{longest} took {slowest} s");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Graphs_made_to_take_long_are_executed_or_refused_at_once()
    {
        foreach (var path in Directory.GetFiles(Path.Combine(Shared.Folder, "hostile", "graph"), "*.pb").Order(StringComparer.Ordinal))
        {
            var watch = Stopwatch.StartNew();
            var before = GC.GetTotalAllocatedBytes();
            var outcomes = Execute(path, new Random(1)).GroupBy(outcome => outcome).Select(group => $"{group.Key} {group.Count()}");
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Path.GetFileName(path)}: {string.Join(", ", outcomes)}, {watch.Elapsed.TotalSeconds:0.00} s, {(GC.GetTotalAllocatedBytes() - before) >> 20} MiB allocated"
                ));
            Assert.True(watch.Elapsed.TotalSeconds < SecondsLimit * 2, path);
            Assert.True(GC.GetTotalAllocatedBytes() - before < 4 * MemoryLimit, path);
        }
    }

    /// <summary>Fetches what nothing reads, with numbers at every placeholder.</summary>
    private static List<string> Execute(string path, Random random)
    {
        var outcomes = new List<string>();
        try
        {
            var graph = Graph.Open(path);
            var program = new GraphProgram(graph, _ => null);
            var feeds = new Dictionary<string, GraphValue>(StringComparer.Ordinal);
            foreach (var node in graph.Nodes.Where(node => node.Op is "Placeholder" or "Variable" or "VariableV2"))
            {
                int[] shape =
                    node.Attribute("shape")?.Shape is { UnknownRank: false } known && known.Dim.Count <= 4
                        ? [.. known.Dim.Select(dim => (int)Math.Clamp(dim.Size, 2, 40))]
                        : [3];
                feeds.TryAdd(
                    node.Name,
                    GraphValue.Numbers(
                        [
                            .. Enumerable
                                .Range(0, shape.Aggregate(1, (product, length) => product * length))
                                .Select(_ => random.NextDouble()),
                        ],
                        shape));
            }

            var ends = graph
                .Nodes.Where(node => node.Users.Count == 0 && !node.Op.StartsWith("Save", StringComparison.Ordinal))
                .Select(node => node.Name)
                .Distinct()
                .ToArray();
            foreach (var end in ends.Take(4).Concat(ends.Reverse().Take(4)))
            {
                try
                {
                    var result = program.Run(
                        feeds.Where(feed => program.Has(feed.Key)).ToDictionary(),
                        [end],
                        random.Next(2) == 0 ? Precision.Single : Precision.Double);
                    outcomes.Add(result.Values.Count > 0 ? "computed" : "nothing");
                }
                catch (LstmConvertException e)
                {
                    outcomes.Add(e.GetType().Name);
                }
            }
        }
        catch (LstmConvertException e)
        {
            outcomes.Add($"not read: {e.GetType().Name}");
        }

        return outcomes;
    }

    private static byte[] Mutated(byte[] intact, Random random)
    {
        var bytes = new List<byte>(intact);
        for (var times = random.Next(1, 10); times > 0; times--)
        {
            var at = random.Next(bytes.Count - 16);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    // A name that reads like another: edges to elsewhere, loops where none were.
                    for (var c = 0; c < 4; c++)
                    {
                        bytes[at + c] = bytes[(at + 50 + c) % bytes.Count];
                    }

                    break;
                case 3:
                    // Digits in names: other inputs, other outputs.
                    for (var c = at; c < bytes.Count && c < at + 400; c++)
                    {
                        if (bytes[c] is >= (byte)'0' and <= (byte)'9')
                        {
                            bytes[c] = (byte)('0' + random.Next(10));
                            break;
                        }
                    }

                    break;
                default:
                    // Values of constants: shapes, axes, sizes.
                    bytes[at] = (byte)(random.Next(2) == 0 ? 0xff : random.Next(8));
                    break;
            }
        }

        return [.. bytes];
    }
}
