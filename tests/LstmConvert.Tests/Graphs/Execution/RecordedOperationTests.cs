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
            var (graph, feeds) = (new GraphDef(), new Dictionary<string, GraphValue>(StringComparer.Ordinal));
            var node = new NodeDef { Name = "operation", Op = operation };
            foreach (var (k, input) in one.GetProperty("inputs").EnumerateArray().Index())
            {
                var placeholder = new NodeDef { Name = $"input_{k}", Op = "Placeholder" };
                placeholder.Attr["dtype"] = new AttrValue { Type = input.GetProperty("dtype").GetString() switch { "int32" => 3, "bool" => 10, _ => 1 } };
                graph.Node.Add(placeholder);
                node.Input.Add(placeholder.Name);
                var array = ArrayOf(input);
                feeds[placeholder.Name] = GraphValue.Numbers(array.Values, array.Shape);
            }

            foreach (var attribute in one.GetProperty("attr").EnumerateObject())
            {
                node.Attr[attribute.Name] = ValueOf(attribute.Value);
            }

            graph.Node.Add(node);
            var path = Path.Combine(folder, "one.pb");
            File.WriteAllBytes(path, graph.ToByteArray());
            var expected = one.GetProperty("outputs").EnumerateArray().Select(ArrayOf).ToArray();
            try
            {
                var result = new GraphProgram(Graph.Open(path), _ => null).Run(feeds, [.. Enumerable.Range(0, expected.Length).Select(k => $"operation:{k}")], precision);
                var difference = result.Values.Zip(expected, (value, array) => RecordedGraph.Distance(array, value)).Max();
                count++;
                if (!(difference <= 2e-6))
                {
                    wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{operation} {one.GetProperty("attr")} {string.Join("; ", result.Values)} for ({string.Join(", ", expected[0].Shape)}): {difference:0.0e+00}"));
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

    private static NumberArray ArrayOf(JsonElement tensor) => new(
        [.. tensor.GetProperty("shape").EnumerateArray().Select(length => length.GetInt32())],
        [.. tensor.GetProperty("values").EnumerateArray().Select(value => value.ValueKind == JsonValueKind.String ? value.GetString() switch { "Infinity" => double.PositiveInfinity, "-Infinity" => double.NegativeInfinity, _ => double.NaN } : value.GetDouble())]);

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
