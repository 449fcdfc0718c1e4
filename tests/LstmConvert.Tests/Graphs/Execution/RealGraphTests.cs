using System.Globalization;
using System.Text.Json;
using LstmConvert.Arrays;
using LstmConvert.Formats;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Reading;
using LstmConvert.Tensors;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Graphs.Execution;

/// <summary>Graphs that other people's programs wrote, against what TensorFlow makes of them.</summary>
public sealed class RealGraphTests(ITestOutputHelper output)
{
    private static string Real => Path.Combine(Shared.Folder, "real") is var folder && Directory.Exists(folder) ? folder : Skipped();

    /// <summary>Each node that was recorded, one by one: 34 graphs with their inputs inside.</summary>
    [Fact]
    public void Every_node_computes_what_was_recorded_of_it()
    {
        var (compared, inLoops, worst, wrong) = (0, 0, 0.0, new List<string>());
        var graphs = Directory.GetFiles(Path.Combine(Real, "tf1_graphs"), "frozen_model.pb", SearchOption.AllDirectories);
        foreach (var path in graphs.Order(StringComparer.Ordinal))
        {
            var folder = Path.GetDirectoryName(path)!;
            var graph = Graph.Open(path);
            var program = new GraphProgram(graph, _ => null);
            var loops = graph
                .Nodes.Where(node =>
                    node.Op is "TensorArrayV3" or "TensorArrayScatterV3" or "TensorArrayWriteV3" or "Enter" or "NextIteration")
                .Select(node => node.Name)
                .ToHashSet(StringComparer.Ordinal);
            foreach (var file in Directory.GetFiles(folder, "*.prediction*.csv"))
            {
                var tensor = TensorOf(Path.GetFileName(file), program);
                if (tensor is null || loops.Contains(tensor.Split(':')[0]))
                {
                    continue;
                }

                GraphValue result;
                try
                {
                    result = program.Run(new Dictionary<string, GraphValue>(), [tensor], Precision.Single).Values[0];
                }
                catch (UnsupportedModelException e) when (e.Message.Contains("lies in a loop", StringComparison.Ordinal))
                {
                    inLoops++;
                    continue;
                }

                double[] expected = [.. File.ReadAllLines(file).Where(line => line.Length > 0).Select(Number)];
                var limit = result.Type == DType.Float64 ? 1e-7 : 1e-6;
                var difference =
                    expected.Length == result.Count
                        ? result
                            .ToDoubles()
                            .Zip(expected)
                            .Select(pair => Math.Abs(pair.First - pair.Second) / Math.Max(1, Math.Abs(pair.Second)))
                            .DefaultIfEmpty(0)
                            .Max()
                        : double.PositiveInfinity;
                compared++;
                worst = Math.Max(worst, difference / limit);
                if (!(difference <= limit))
                {
                    wrong.Add(
                        string.Create(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(Real, folder)} {tensor} {difference:0.0e+00}"));
                }
            }
        }

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{graphs.Length} graphs, {compared} nodes, {inLoops} in loops, worst {worst:0.00} of the limit"));
        Assert.Empty(wrong);
        Assert.True(compared >= 2284, $"{compared} nodes were compared");
    }

    /// <summary>Sample g: what was fed to the original graph, and what it answered.</summary>
    [Fact]
    public void Every_real_graph_answers_as_it_did()
    {
        var (compared, wrong) = (0, new List<string>());
        foreach (
            var path in Directory
                .GetFiles(Path.Combine(Real, "recorded-tf"), "recorded.json", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path));
            var root = document.RootElement;
            if (!root.TryGetProperty("nodes", out var nodes) || nodes.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            var recorded = NumberArray.ReadNpz(Path.Combine(Path.GetDirectoryName(path)!, "io.npz"));
            var source = Path.Combine(Real, "checkpoints", root.GetProperty("source").GetString()!);
            using var set = root.GetProperty("kind").GetString() == "checkpoint" ? SourceCatalog.Open(source, new SourceOptions()) : null;
            var graph = Graph.Open(set?.GraphPath ?? source);
            var program = set is null ? new GraphProgram(graph, name => Made(root, name)) : GraphProgram.Of(graph, set);
            var (feeds, fetches) = (new Dictionary<string, GraphValue>(StringComparer.Ordinal), new List<(string Key, string[] Tensors)>());
            foreach (var node in nodes.EnumerateObject())
            {
                string[] tensors =
                    node.Value.ValueKind == JsonValueKind.Array
                        ? [.. node.Value.EnumerateArray().Select(one => one.GetString()!)]
                        : [node.Value.GetString()!];
                if (!recorded.TryGetValue(node.Name, out var array))
                {
                    continue;
                }

                if (node.Name is "g_x" or "g_sequence_length" || node.Name.StartsWith("g_init", StringComparison.Ordinal))
                {
                    foreach (var (step, tensor) in tensors.Index())
                    {
                        var one = tensors.Length > 1 ? array.Step(step) : array;
                        feeds[tensor] = GraphValue.Numbers(one.Values, one.Shape);
                    }
                }
                else
                {
                    fetches.Add((node.Name, tensors));
                }
            }

            foreach (
                var kept in root.GetProperty("graph").TryGetProperty("keep_prob_set_to_1", out var list)
                && list.ValueKind == JsonValueKind.Array
                    ? list.EnumerateArray()
                    : default)
            {
                feeds.TryAdd(kept.GetString()!, GraphValue.Numbers([1]));
            }

            foreach (var (key, tensors) in fetches)
            {
                try
                {
                    var (single, wide) = (Distances(Precision.Single), Distances(Precision.Double));
                    for (var step = 0; step < single.Length; step++)
                    {
                        compared++;

                        // In float32 TensorFlow itself is as far from the program as its roundings take it.
                        if (!(wide[step] <= 2e-5 && single[step] <= Math.Max(1e-6, 2 * wide.Max())))
                        {
                            wrong.Add(
                                string.Create(
                                    CultureInfo.InvariantCulture,
                                    $"{root.GetProperty("source")} {key} {tensors[step]} {single[step]:0.0e+00}, in float64 {wide[step]:0.0e+00}"
                                ));
                        }
                    }

                    double[] Distances(Precision precision) =>
                        [
                            .. program
                                .Run(feeds, tensors, precision)
                                .Values.Index()
                                .Select(one =>
                                    RecordedGraph.Distance(tensors.Length > 1 ? recorded[key].Step(one.Index) : recorded[key], one.Item)),
                        ];
                }
                catch (LstmConvertException e)
                {
                    wrong.Add($"{root.GetProperty("source")} {key}: {e.Message}");
                }
            }
        }

        output.WriteLine($"{compared} tensors");
        wrong.ForEach(output.WriteLine);
        Assert.Empty(wrong);
        Assert.True(compared > 50, $"{compared} tensors were compared");
    }

    /// <summary>Values of variables that no file holds, as the recording made them: element k is 0.1 sin(k).</summary>
    private static MemoryTensor? Made(JsonElement root, string name)
    {
        foreach (
            var variable in root.GetProperty("variables")
                .EnumerateArray()
                .Where(variable => variable.GetProperty("name").GetString() == name))
        {
            var shape = new Shape([.. variable.GetProperty("shape").EnumerateArray().Select(length => length.GetInt64())]);
            var numbers = new byte[4 * shape.ElementCount];
            for (var k = 0; k < shape.ElementCount; k++)
            {
                BitConverter.TryWriteBytes(numbers.AsSpan(4 * k), (float)(0.1 * Math.Sin(k + 1)));
            }

            return new MemoryTensor(new TensorInfo(name, DType.Float32, shape), numbers);
        }

        return null;
    }

    private static double Number(string text) => text.Trim() switch
    {
        "True" or "true" => 1,
        "False" or "false" => 0,
        var number => double.Parse(number, CultureInfo.InvariantCulture),
    };

    /// <summary><c>import____A____B.0.prediction_inbw.csv</c> is output 0 of A/B; <c>A.prediction.csv</c> an output of the graph.</summary>
    private static string? TensorOf(string file, GraphProgram program)
    {
        var name = file.Replace("import____", "", StringComparison.Ordinal).Replace("____", "/", StringComparison.Ordinal);
        var end = name.IndexOf(".prediction", StringComparison.Ordinal);
        name = name[..end];
        var dot = name.LastIndexOf('.');
        var tensor = dot > 0 && int.TryParse(name[(dot + 1)..], out var index) ? $"{name[..dot]}:{index}" : name;
        return program.Has(tensor) ? tensor : null;
    }

    private static string Skipped()
    {
        Assert.Skip("The reference data has no folder of real programs.");
        return "";
    }
}
