using System.Globalization;
using System.Text.Json;
using LstmConvert.Cells;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;

namespace LstmConvert.Tests.Graphs;

/// <summary>What is found in the graphs of recorded programs, against the arguments the programs were written with.</summary>
public sealed class GraphEvidenceTests(ITestOutputHelper output)
{
    private static readonly string[] Kinds =
    [
        "LSTMCell",
        "BasicLSTMCell",
        "LSTMBlockCell",
        "LSTMBlockFusedCell",
        "CudnnCompatibleLSTMCell",
        "GRUCell",
        "GRUBlockCell",
        "GRUBlockCellV2",
        "BasicRNNCell",
        "RNNCell",
        "UGRNNCell",
        "CudnnCompatibleGRUCell",
        "CoupledInputForgetGateLSTMCell",
    ];

    [Theory]
    [InlineData("tf1")]
    [InlineData("tf-old")]
    [InlineData("tf2")]
    public void Facts_in_graphs_equal_the_arguments_of_the_programs(string set)
    {
        var (facts, absent, wrong) = (0, new List<string>(), new List<string>());
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(Shared.Goldens, set)).Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
            var root = document.RootElement;
            if (!root.TryGetProperty("layers", out var layers))
            {
                continue;
            }

            var files = root.GetProperty("files");
            foreach (var file in Graphs(folder, root))
            {
                var graph = Graph.Open(Path.Combine(folder, file));
                var cells = LstmConvert.Recognition.RecurrentSource.CellsOf(graph);
                foreach (
                    var layer in layers
                        .EnumerateArray()
                        .Where(layer => Kinds.Contains(layer.GetProperty("cell").GetString()) && !IsNormalised(layer)))
                {
                    var name = $"{Path.GetFileName(folder)}/{file} {layer.GetProperty("id").GetString()}";
                    var kernel = Kernel(layer, root);
                    var runs = cells.Where(cell => cell.Variables.Values.Any(names => names.Any(kernel.Contains))).ToArray();
                    var place = layers
                        .EnumerateArray()
                        .TakeWhile(before => before.GetRawText() != layer.GetRawText())
                        .Count(before => Kernel(before, root).SetEquals(kernel));
                    var cell = runs.Length > 0 ? runs[place % runs.Length] : null;
                    if (cell is null && files.GetProperty("format").GetString()!.Contains("object", StringComparison.Ordinal))
                    {
                        // The keys are paths of attributes; the graph has the program's names.
                        cell = cells.FirstOrDefault(cell =>
                            cell.Matches.Any(match => match.Cell.Contains("GRU", StringComparison.Ordinal))
                            == layer.GetProperty("cell").GetString()!.Contains("GRU", StringComparison.Ordinal));
                    }

                    if (cell is null)
                    {
                        absent.Add(
                            $"{name}: {layer.GetProperty("cell").GetString()} {string.Join(' ', kernel)} not found among {string.Join(" ", cells)}"
                        );
                        continue;
                    }

                    foreach (var (fact, expected, actual, node) in Facts(root, layer, cell))
                    {
                        facts++;
                        output.WriteLine($"{name}: {fact} = {actual} from {node}");
                        if (expected != actual)
                        {
                            wrong.Add($"{name}: {fact} is {expected}, and {actual} was found at {node}");
                        }
                    }

                    if (Expected(root, layer, layers, cells) is { } wiring && wiring != Found(cell))
                    {
                        wrong.Add($"{name}: fed by {Found(cell)} instead of {wiring}");
                    }

                    facts += Expected(root, layer, layers, cells) is null ? 0 : 1;
                    if (
                        cell.IsBackward is null
                        && cell.Loop.Value != GraphLoop.SingleStep
                        && cell.Loops == 1
                        && !(root.TryGetProperty("wiring", out var how) && how.GetString() == "custom"))
                    {
                        wrong.Add($"{name}: the graph does not show the direction of a {cell.Loop.Value} loop");
                    }

                    wrong.AddRange(cell.Disagreements.Concat(cell.Obstacles).Select(problem => $"{name}: {problem}"));
                }
            }
        }

        output.WriteLine($"{facts} facts, {absent.Count} cells not found, {wrong.Count} wrong");
        Assert.True(wrong.Count == 0 && absent.Count == 0, string.Join('\n', wrong.Concat(absent)));
    }

    /// <summary>The layers that feed a layer by the case's wiring, as <c>level direction</c>; null where the case does not say, or one cell
    /// stands for several layers.</summary>
    private static string? Expected(JsonElement root, JsonElement layer, JsonElement layers, IReadOnlyList<GraphCell> cells)
    {
        if (
            !root.TryGetProperty("wiring", out var wiring)
            || wiring.GetString() is not ("chain" or "bidirectional" or "stack-bidirectional" or "independent")
            || layers.GetArrayLength() != cells.Count
            || layers.EnumerateArray().Any(one => !Kinds.Contains(one.GetProperty("cell").GetString())))
        {
            return null;
        }

        var (level, direction) = (layer.GetProperty("level").GetInt32(), layer.GetProperty("direction").GetString()!);
        var below = layers
            .EnumerateArray()
            .Where(one =>
                wiring.GetString() != "independent"
                && one.GetProperty("level").GetInt32() == level - 1
                && (wiring.GetString() != "bidirectional" || one.GetProperty("direction").GetString() == direction));
        return string.Join(
            ' ',
            below.Select(one => $"{level - 1}{one.GetProperty("direction").GetString()}").Order(StringComparer.Ordinal));
    }

    /// <summary>The same of what was found.</summary>
    private static string Found(GraphCell cell)
    {
        static int Level(GraphCell cell, int depth) =>
            cell.Sources.Count == 0 || depth > 10 ? 0 : cell.Sources.Max(source => Level(source, depth + 1)) + 1;
        return string.Join(
            ' ',
            cell.Sources.Select(source => $"{Level(source, 0)}{(source.IsBackward is { Value: true } ? "bw" : "fw")}")
                .Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Graphs(string folder, JsonElement root)
    {
        var files = root.GetProperty("files");
        foreach (var kind in new[] { "meta_graph", "meta_graph_stripped", "frozen", "frozen_stripped", "saved_model" })
        {
            if (
                files.TryGetProperty(kind, out var file)
                && file.ValueKind == JsonValueKind.String
                && (File.Exists(Path.Combine(folder, file.GetString()!)) || Directory.Exists(Path.Combine(folder, file.GetString()!))))
            {
                yield return file.GetString()!;
            }
        }
    }

    private static bool IsNormalised(JsonElement layer) =>
        layer.TryGetProperty("layer_norm", out var normalised) && normalised.ValueKind == JsonValueKind.True;

    private static HashSet<string> Kernel(JsonElement layer, JsonElement root)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (
            var role in layer
                .GetProperty("variables")
                .EnumerateObject()
                .Where(role => role.Value.ValueKind is JsonValueKind.String or JsonValueKind.Array))
        {
            names.UnionWith(
                role.Value.ValueKind == JsonValueKind.Array
                    ? role.Value.EnumerateArray().Select(name => name.GetString()!)
                    : [role.Value.GetString()!]);
        }

        // A Saver that renames writes keys that a frozen graph does not know.
        if (root.TryGetProperty("renamed_by_saver", out var renamed) && renamed.ValueKind == JsonValueKind.Object)
        {
            names.UnionWith(
                renamed.EnumerateObject().Where(pair => names.Contains(pair.Name)).Select(pair => pair.Value.GetString()!).ToArray());
        }

        return names;
    }

    private static IEnumerable<(string Fact, string Expected, string Actual, string Node)> Facts(
        JsonElement root,
        JsonElement layer,
        GraphCell cell)
    {
        string? Number(string name) =>
            layer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
                ? ((float)value.GetDouble()).ToString(CultureInfo.InvariantCulture)
                : null;
        if (cell.Number("forget_bias") is { } forgetBias)
        {
            yield return (
                "forget_bias",
                Number("forget_bias") ?? "0",
                ((float)forgetBias.Value).ToString(CultureInfo.InvariantCulture),
                forgetBias.Node);
            var clip = Number("cell_clip");
            // The zoo's programs do not list arguments that they leave at their defaults, and the block cell's default was a clip of 3
            // until 1.4.
            if (clip is not null || cell.Operation != "LSTMBlockCell" || cell.Number("cell_clip") is not { Value: 3 })
            {
                yield return (
                    "cell_clip",
                    clip is null || clip.StartsWith('-') ? "none" : clip,
                    cell.Number("cell_clip") is { } found ? ((float)found.Value).ToString(CultureInfo.InvariantCulture) : "none",
                    cell.Number("cell_clip")?.Node ?? cell.Node);
            }

            yield return (
                "proj_clip",
                Number("proj_clip") ?? "none",
                cell.Number("proj_clip") is { } limit ? ((float)limit.Value).ToString(CultureInfo.InvariantCulture) : "none",
                cell.Number("proj_clip")?.Node ?? cell.Node);
            var peepholes =
                (layer.TryGetProperty("use_peepholes", out var use) || layer.TryGetProperty("use_peephole", out use))
                && use.ValueKind == JsonValueKind.True;
            yield return ("peepholes", peepholes.ToString(), cell.Variables.ContainsKey("w_f_diag").ToString(), cell.Node);
            yield return (
                "projection",
                (Number("num_proj") is not null).ToString(),
                cell.Variables.ContainsKey("projection/kernel").ToString(),
                cell.Node);
            if (cell.Word("gate_order") is { Value.Length: 4 } gates)
            {
                yield return (
                    "gates",
                    layer.TryGetProperty("gate_order", out var order) ? string.Concat(order.ToString().Where(char.IsLetter)) : "ijfo",
                    gates.Value,
                    gates.Node);
            }
        }

        var kind = layer.GetProperty("cell").GetString()!;
        var expected =
            kind == "GRUBlockCell" ? "GRUBlockCell"
            : kind.StartsWith("GRU", StringComparison.Ordinal) ? "GRUCell"
            : kind is "UGRNNCell" or "CudnnCompatibleGRUCell" or "CoupledInputForgetGateLSTMCell" ? kind
            : kind.Contains("LSTM", StringComparison.Ordinal)
                ? cell.Word("gate_order")?.Value == "ifjo" ? "BlockLSTMV2"
                    : "LSTMCell"
            : "BasicRNNCell";
        // A cell that the program wraps is found with its wrapper.
        var matched = cell.Matches[0].Cell;
        var isAround = matched == $"HighwayWrapper({expected})" || (expected == "LSTMCell" && matched == "AttentionCellWrapper");
        yield return ("cell", expected, isAround ? expected : matched, cell.Node);

        if (cell.Word("activation") is { } activation)
        {
            yield return (
                "activation",
                layer.TryGetProperty("activation", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "tanh",
                activation.Value,
                activation.Node);
        }

        yield return (
            "residual",
            (layer.TryGetProperty("residual", out var residual) && residual.ValueKind == JsonValueKind.True).ToString(),
            (cell.Residual is { Value: true }).ToString(),
            cell.Residual?.Node ?? cell.Node);
        var loop = root.GetProperty("loop").GetString()!;
        if (loop.Contains("dynamic_rnn", StringComparison.Ordinal) || loop.Contains("static_rnn", StringComparison.Ordinal))
        {
            var isDynamic = loop.Contains("dynamic_rnn", StringComparison.Ordinal);
            var isLoop = cell.Loop.Value is GraphLoop.While or GraphLoop.Functional;
            yield return ("loop", isDynamic ? "loop" : "Unrolled", isLoop ? "loop" : cell.Loop.Value.ToString(), cell.Loop.Node);
            var wiring = root.TryGetProperty("wiring", out var how) ? how.GetString() : "";
            if (wiring is "chain" or "bidirectional" or "stack-bidirectional" && root.TryGetProperty("nodes", out var nodes))
            {
                yield return (
                    "sequence_length",
                    nodes.TryGetProperty("sequence_length", out _).ToString(),
                    (cell.SequenceLengths is { Value: true }).ToString(),
                    cell.SequenceLengths?.Node ?? cell.Node);
            }
        }

        if (cell.IsBackward is { } backward)
        {
            yield return ("direction", layer.GetProperty("direction").GetString()!, backward.Value ? "bw" : "fw", backward.Node);
        }
    }
}
