using System.Globalization;
using System.Text.Json;
using LstmConvert.Arrays;
using LstmConvert.Formats;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Reading;
using LstmConvert.Tensors;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Graphs.Execution;

/// <summary>A recorded program's graph, in one of the files that hold it, and what TensorFlow computed at its tensors.</summary>
/// <param name="Name">Case and file.</param>
/// <param name="GraphPath">The graph.</param>
/// <param name="Source">Its variables; null where they are constants of the graph.</param>
/// <param name="Root">What case.json says.</param>
/// <param name="NodesKey">The property of case.json that names the tensors.</param>
/// <param name="Recorded">The recorded arrays.</param>
internal sealed record RecordedGraph(string Name, string GraphPath, string? Source, JsonElement Root, string NodesKey, string Recorded)
{
    private static readonly string[] Inputs =
    [
        "x",
        "sequence_length",
        "seq_len_max",
        "time",
        "memory",
        "ids",
        "mask",
        "source",
        "target",
        "source_length",
        "target_length",
        "step_x",
    ];

    /// <summary>Every graph of a golden.</summary>
    public static IEnumerable<RecordedGraph> Of(string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
        var root = document.RootElement.Clone();
        var golden = new GoldenCase(folder);
        if (golden.Recorded is not { } recorded)
        {
            yield break;
        }

        foreach (var graph in Directory.GetFiles(folder, "*.pb").Concat(Directory.GetFiles(folder, "*.meta")).Order(StringComparer.Ordinal))
        {
            var isMeta = graph.EndsWith(".meta", StringComparison.Ordinal);
            var key = Path.GetFileName(graph) switch
            {
                "frozen-v2.pb" => "nodes_frozen_v2",
                "frozen-v2-lowered.pb" => "nodes_frozen_v2_lowered",
                _ => "nodes",
            };
            if (!root.TryGetProperty(key, out _))
            {
                key = "nodes";
            }

            yield return new RecordedGraph(
                $"{golden.Name}/{Path.GetFileName(graph)}",
                graph,
                isMeta ? Own(golden) : null,
                root,
                key,
                recorded);
        }

        var saved = Path.Combine(folder, "saved_model");
        if (File.Exists(Path.Combine(saved, "saved_model.pb")))
        {
            var hasNodes =
                root.TryGetProperty("nodes", out var nodes) && nodes.ValueKind == JsonValueKind.Object && nodes.EnumerateObject().Any();
            yield return new RecordedGraph($"{golden.Name}/saved_model", saved, saved, root, hasNodes ? "nodes" : "signature", recorded);
        }
    }

    /// <summary>The largest difference from what was recorded, each divided by the limit of its element type; and how many arrays were
    /// compared.</summary>
    public (double Worst, string Where, int Compared, IReadOnlyList<string> Notes) Run(Precision precision)
    {
        var graph = Graph.Open(GraphPath);
        using var source = Source is null ? null : SourceCatalog.Open(Source, new SourceOptions());
        var program = source is null ? new GraphProgram(graph, _ => null) : GraphProgram.Of(graph, source);
        var recorded = NumberArray.ReadNpz(Recorded);
        var (worst, where, compared, notes) = (0.0, "", 0, new List<string>());
        var tensors = Tensors(graph, recorded).ToArray();
        foreach (var sample in Samples(recorded, tensors))
        {
            var (feeds, fetches) = (new Dictionary<string, GraphValue>(StringComparer.Ordinal), new List<(string Key, string Tensor)>());
            foreach (var (key, tensor) in tensors)
            {
                if (!recorded.TryGetValue(sample + key, out var array))
                {
                    // Where states are no placeholders the first sample begins with the program's own zeros.
                    if (!recorded.TryGetValue("b_" + key, out var other) || !IsState(key))
                    {
                        continue;
                    }

                    array = new NumberArray(other.Shape, new double[other.Values.Length]);
                }

                if (IsInput(key, tensor, graph))
                {
                    var fed = Arranged(key, array);
                    feeds[tensor] = GraphValue.Numbers(fed.Values, fed.Shape);
                }
                else
                {
                    fetches.Add((key, tensor));
                }
            }

            var result = program.Run(feeds, [.. fetches.Select(fetch => fetch.Tensor)], precision);
            notes.AddRange(result.Notes);
            foreach (var ((key, _), value) in fetches.Zip(result.Values))
            {
                var expected = Arranged(key, recorded[sample + key]);
                var limit = Limit(value.Type);
                var difference =
                    Distance(expected, value, IsReturnn && key == "outputs" ? recorded[sample + "sequence_length"] : null) / limit;
                compared++;
                if (difference > worst)
                {
                    (worst, where) = (
                        difference,
                        string.Create(CultureInfo.InvariantCulture, $"{sample}{key} {difference * limit:0.0e+00}"));
                }
            }
        }

        return (worst, where, compared, notes);
    }

    /// <summary>The checkpoint; where a program has none, its variables as they were recorded.</summary>
    private static string Own(GoldenCase golden) =>
        golden.Own.EndsWith(".meta", StringComparison.Ordinal) && golden.Variables is { } variables ? variables : golden.Own;

    /// <summary>The samples that the graph can be fed; a graph without initial states has only those that begin with zeros.</summary>
    private IEnumerable<string> Samples(Dictionary<string, NumberArray> recorded, (string Key, string Tensor)[] tensors)
    {
        var samples = new[] { "a_", "b_", "c_", "" }
            .Where(sample => Array.Exists(tensors, tensor => recorded.ContainsKey(sample + tensor.Key)))
            .ToArray();
        return samples.Where(sample =>
            (sample.Length > 0 || samples.Length == 1)
            && !(
                NodesKey.StartsWith("nodes_", StringComparison.Ordinal)
                && recorded.Keys.Any(key => key.StartsWith(sample + "init_", StringComparison.Ordinal))));
    }

    private IEnumerable<(string Key, string Tensor)> Tensors(Graph graph, Dictionary<string, NumberArray> recorded)
    {
        if (NodesKey == "signature")
        {
            return Signature(graph, recorded);
        }

        return Root.TryGetProperty(NodesKey, out var nodes) && nodes.ValueKind == JsonValueKind.Object
            ? nodes
                .EnumerateObject()
                .Where(node => node.Value.ValueKind == JsonValueKind.String)
                .Select(node => (node.Name, node.Value.GetString()!))
            : [];
    }

    /// <summary>The one input of a layer that was saved, and its outputs: the sequence, then the final states, in the order of their names
    /// and of their recordings.</summary>
    private static IEnumerable<(string Key, string Tensor)> Signature(Graph graph, Dictionary<string, NumberArray> recorded)
    {
        var signature = graph.Signatures["serving_default"];
        var keys = recorded.Keys.Where(key => key.StartsWith("a_", StringComparison.Ordinal) && key != "a_x").Select(key => key[2..]);
        return signature
            .Inputs.Select(input => ("x", input.Value))
            .Concat(
                keys.Zip(
                    signature.Outputs.OrderBy(output => output.Key.Length).ThenBy(output => output.Key, StringComparer.Ordinal),
                    (key, output) => (key, output.Value)));
    }

    /// <summary>What is fed: what is called as an input is, and what is a placeholder.</summary>
    private bool IsInput(string key, string tensor, Graph graph) =>
        NodesKey == "signature"
            ? key == "x"
            : ((Inputs.Contains(key) || IsState(key)) && !(key == "x" && HasIds))
                || graph.Nodes.Exists(node => node.Name + ":0" == tensor && node.Op == "Placeholder");

    private static bool IsState(string key) =>
        key.StartsWith("init_", StringComparison.Ordinal) || key.StartsWith("step_init", StringComparison.Ordinal);

    private bool HasIds => Root.GetProperty(NodesKey).TryGetProperty("ids", out _);

    /// <summary>Recorded arrays are batch-major whatever the program is.</summary>
    private NumberArray Arranged(string key, NumberArray array)
    {
        if (
            NodesKey == "signature"
            || !(Root.TryGetProperty("time_major", out var major) && major.ValueKind == JsonValueKind.True)
            || array.Rank < 2
            || IsReturnn
            || !(key is "x" or "cs" or "ids" or "time" or "mask" || key.StartsWith("outputs", StringComparison.Ordinal)))
        {
            return array;
        }

        var (b, t) = (array.Shape[0], array.Shape[1]);
        var inner = array.Values.Length / Math.Max(1, b * t);
        var turned = new double[array.Values.Length];
        for (var k = 0; k < turned.Length; k++)
        {
            var (row, step) = (k / inner / t, k / inner % t);
            turned[(((step * b) + row) * inner) + (k % inner)] = array.Values[k];
        }

        return new NumberArray([t, b, .. array.Shape[2..]], turned);
    }

    internal static double Limit(DType type) =>
        type switch
        {
            DType.Float64 => 1e-10,
            DType.Float16 => 2e-3,
            DType.BFloat16 => 2e-2,
            _ => 1e-6,
        };

    /// <summary>RETURNN's programs are time-major inside only; past a row's end they leave what they computed.</summary>
    private bool IsReturnn => Name.StartsWith("returnn", StringComparison.Ordinal);

    internal static double Distance(NumberArray expected, GraphValue value, NumberArray? lengths = null)
    {
        if (!expected.Shape.SequenceEqual(value.Shape))
        {
            return double.PositiveInfinity;
        }

        var (worst, actual) = (0.0, value.ToDoubles());
        for (var k = 0; k < actual.Length; k++)
        {
            if (lengths is not null && k / value.Shape[2] % value.Shape[1] >= lengths.Values[k / (value.Shape[1] * value.Shape[2])])
            {
                continue;
            }

            var difference = Math.Abs(actual[k] - expected.Values[k]) / Math.Max(1, Math.Abs(expected.Values[k]));
            worst =
                double.IsNaN(difference) && !(double.IsNaN(actual[k]) && double.IsNaN(expected.Values[k]))
                    ? double.PositiveInfinity
                    : Math.Max(worst, difference);
        }

        return worst;
    }
}
