using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using LstmConvert.Arrays;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Reading;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Graphs.Execution;

/// <summary>Single operations, many of which no recorded program has, against TensorFlow.js.</summary>
public sealed class RecordedOperationTests(ITestOutputHelper output)
{
    private static string Recording => Path.Combine(Shared.Bundled, "..", "operations", "operations.json");

    [Theory]
    [InlineData(Precision.Single)]
    [InlineData(Precision.Double)]
    public void Every_operation_computes_what_was_recorded(Precision precision)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Recording));
        var folder = Directory.CreateTempSubdirectory().FullName;
        var (wrong, count) = (new List<string>(), 0);
        foreach (var one in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            var operation = one.GetProperty("op").GetString()!;
            var (path, feeds) = Written(one, folder, (_, array) => array, (_, value) => value);
            var expected = one.GetProperty("outputs").EnumerateArray().Select(ArrayOf).ToArray();
            try
            {
                var result = new GraphProgram(Graph.Open(path), _ => null).Run(
                    feeds,
                    [.. Enumerable.Range(0, expected.Length).Select(k => $"operation:{k}")],
                    precision);
                var difference = result.Values.Zip(expected, (value, array) => RecordedGraph.Distance(array, value)).Max();
                count++;
                if (!(difference <= 2e-6))
                {
                    wrong.Add(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{operation} {one.GetProperty("attr")} {string.Join("; ", result.Values)} for ({string.Join(", ", expected[0].Shape)}): {difference:0.0e+00}"
                        ));
                }
            }
            catch (LstmConvertException e)
            {
                wrong.Add($"{operation} {one.GetProperty("attr")}: {e.Message}");
            }
        }

        output.WriteLine($"{count} cases");
        wrong.ForEach(output.WriteLine);
        Assert.Empty(wrong);
        Assert.True(count > 200);
    }

    /// <summary>One thing changed in what fits: a length, a number, an attribute.</summary>
    [Fact]
    public void Any_change_of_an_operation_is_computed_or_refused()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Recording));
        var (folder, random, computed, refused, largest) = (Directory.CreateTempSubdirectory().FullName, new Random(20261129), 0, 0, 0L);
        double[] odd = [-1, 0, 1, 2, 1e6, int.MaxValue, int.MinValue, double.NaN, double.PositiveInfinity];
        foreach (var one in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            for (var round = 0; round < 12; round++)
            {
                var (changed, inputs) = (random.Next(4), one.GetProperty("inputs").GetArrayLength());
                var which = random.Next(Math.Max(1, inputs));
                var (path, feeds) = Written(
                    one,
                    folder,
                    (k, array) =>
                        k != which
                            ? array
                            : changed switch
                            {
                                0 => new NumberArray([.. array.Shape.Select(_ => random.Next(4))], []),
                                1 => array with
                                {
                                    Values = [.. array.Values.Select(value => random.Next(3) == 0 ? odd[random.Next(odd.Length)] : value)],
                                },
                                _ => array,
                            },
                    (_, value) =>
                        changed == 2 && value.ValueCase == AttrValue.ValueOneofCase.I
                            ? new AttrValue
                            {
                                I =
                                    random.Next(2) == 0
                                        ? (long)Math.Clamp(odd[random.Next(7)], int.MinValue, int.MaxValue)
                                        : random.Next(16),
                            }
                        : changed == 3 && value.List is { } list ? Longer(list, random)
                        : value);
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    _ = new GraphProgram(Graph.Open(path), _ => null).Run(
                        feeds,
                        ["operation"],
                        random.Next(2) == 0 ? Precision.Single : Precision.Double);
                    computed++;
                }
                catch (LstmConvertException)
                {
                    refused++;
                }

                largest = Math.Max(largest, GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }

        output.WriteLine($"{computed} computed, {refused} refused, at most {largest >> 20} MiB");
        Assert.True(largest < 1L << 30);
    }

    private static AttrValue Longer(AttrValue.Types.ListValue list, Random random)
    {
        var other = new AttrValue.Types.ListValue();
        other.I.AddRange(
            list.I.Select(number =>
                    random.Next(3) == 0
                        ? random.Next(5) == 0
                            ? random.Next()
                            : random.Next(5)
                        : number)
                .Take(random.Next(3, list.I.Count + 1)));
        return new AttrValue { List = other };
    }

    private static (string Path, Dictionary<string, GraphValue> Feeds) Written(
        JsonElement one,
        string folder,
        Func<int, NumberArray, NumberArray> input,
        Func<string, AttrValue, AttrValue> attribute)
    {
        var (graph, feeds) = (new GraphDef(), new Dictionary<string, GraphValue>(StringComparer.Ordinal));
        var node = new NodeDef { Name = "operation", Op = one.GetProperty("op").GetString()! };
        foreach (var (k, tensor) in one.GetProperty("inputs").EnumerateArray().Index())
        {
            var placeholder = new NodeDef { Name = $"input_{k}", Op = "Placeholder" };
            placeholder.Attr["dtype"] = new AttrValue
            {
                Type = tensor.GetProperty("dtype").GetString() switch
                {
                    "int32" => 3,
                    "bool" => 10,
                    _ => 1,
                },
            };
            graph.Node.Add(placeholder);
            node.Input.Add(placeholder.Name);
            var array = input(k, ArrayOf(tensor));
            var count = array.Shape.Aggregate(1, (product, length) => product * length);
            feeds[placeholder.Name] = GraphValue.Numbers(
                array.Values.Length == count ? array.Values : [.. Enumerable.Range(0, count).Select(place => place % 3.0)],
                array.Shape);
        }

        foreach (var property in one.GetProperty("attr").EnumerateObject())
        {
            node.Attr[property.Name] = attribute(property.Name, ValueOf(property.Value));
        }

        graph.Node.Add(node);
        var path = Path.Combine(folder, "one.pb");
        File.WriteAllBytes(path, graph.ToByteArray());
        return (path, feeds);
    }

    private static NumberArray ArrayOf(JsonElement tensor) =>
        new(
            [.. tensor.GetProperty("shape").EnumerateArray().Select(length => length.GetInt32())],
            [
                .. tensor
                    .GetProperty("values")
                    .EnumerateArray()
                    .Select(value =>
                        value.ValueKind == JsonValueKind.String
                            ? value.GetString() switch
                            {
                                "Infinity" => double.PositiveInfinity,
                                "-Infinity" => double.NegativeInfinity,
                                _ => double.NaN,
                            }
                            : value.GetDouble()),
            ]);

    private static AttrValue ValueOf(JsonElement value)
    {
        var (kind, content) = value.EnumerateObject().Select(property => (property.Name, property.Value)).Single();
        if (kind == "list")
        {
            var list = new AttrValue.Types.ListValue();
            list.I.AddRange(content.EnumerateArray().Select(number => number.GetInt64()));
            return new AttrValue { List = list };
        }

        return kind switch
        {
            "b" => new AttrValue { B = content.GetBoolean() },
            "f" => new AttrValue { F = content.GetSingle() },
            "i" => new AttrValue { I = content.GetInt64() },
            _ => new AttrValue { S = ByteString.CopyFromUtf8(content.GetString()!) },
        };
    }
}
