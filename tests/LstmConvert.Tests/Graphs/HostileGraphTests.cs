using System.Globalization;
using LstmConvert.Cells;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;

namespace LstmConvert.Tests.Graphs;

/// <summary>Mutated graphs: whatever the bytes, reading one and searching it for cells ends, with a result or one of our exceptions, in
/// bounded memory.</summary>
public sealed class HostileGraphTests(ITestOutputHelper output)
{
    /// <summary>A few hundred times the file: nodes, edges and what following them takes.</summary>
    private const long AllocationLimit = 256L << 20;

    [Fact]
    public void Any_mutation_of_a_graph_is_read_or_refused_in_bounded_memory()
    {
        var executions = int.Parse(Environment.GetEnvironmentVariable("LSTMCONVERT_FUZZ") ?? "1500", CultureInfo.InvariantCulture) / 4;
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var seeds = Directory
                .GetFiles(Shared.Bundled, "*.meta", SearchOption.AllDirectories)
                .Concat(Directory.GetFiles(Shared.Bundled, "saved_model.pb", SearchOption.AllDirectories))
                .Order(StringComparer.Ordinal)
                .Select(path => (Name: Path.GetFileName(path), Bytes: File.ReadAllBytes(path)))
                .ToArray();
            var random = new Random(20261124);
            var (read, refused, largest) = (0, 0, 0L);
            for (var k = 0; k < executions; k++)
            {
                var (name, intact) = seeds[random.Next(seeds.Length)];
                var bytes = new List<byte>(intact);
                if (random.Next(4) == 0)
                {
                    bytes.RemoveRange(random.Next(bytes.Count), 0);
                    bytes = bytes.GetRange(0, random.Next(bytes.Count));
                }

                for (var times = random.Next(1, 12); times > 0 && bytes.Count > 16; times--)
                {
                    var at = random.Next(bytes.Count - 8);
                    switch (random.Next(4))
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
                        default:
                            bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - 8), 8));
                            break;
                    }
                }

                var path = Path.Combine(folder, name);
                File.WriteAllBytes(path, [.. bytes]);
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    var graph = Graph.Open(path);
                    _ = LstmConvert.Recognition.RecurrentSource.CellsOf(graph);
                    foreach (var constant in graph.Constants.Where(constant => constant.Info.ByteCount < 1 << 20))
                    {
                        constant.Check();
                    }

                    read++;
                }
                catch (LstmConvertException)
                {
                    refused++;
                }

                largest = Math.Max(largest, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{executions} executions: {read} read, {refused} refused, at most {largest:N0} bytes allocated"));
            Assert.True(largest < AllocationLimit, $"{largest} bytes allocated");
            Assert.True(refused > 0 && read > 0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
