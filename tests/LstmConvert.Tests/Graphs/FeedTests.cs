using System.Text.Json;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Recognition;

namespace LstmConvert.Tests.Graphs;

/// <summary>What each cell reads, found in the graphs of recorded programs, against the way in which the programs put their layers
/// together.</summary>
public sealed class FeedTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("tf1")]
    [InlineData("tf-old")]
    public void Feeds_in_graphs_equal_the_wiring_of_the_programs(string set)
    {
        var (feeds, wrong) = (0, new List<string>());
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(Shared.Goldens, set)).Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
            var root = document.RootElement;
            var how = root.TryGetProperty("wiring", out var wiring) ? wiring.GetString() : null;
            if (
                !root.TryGetProperty("layers", out var layers)
                || how is not ("chain" or "bidirectional" or "stack-bidirectional" or "independent"))
            {
                continue;
            }

            foreach (
                var file in new[] { "meta_graph", "frozen", "saved_model" }
                    .Select(kind =>
                        root.GetProperty("files").TryGetProperty(kind, out var name) && name.ValueKind == JsonValueKind.String
                            ? Path.Combine(folder, name.GetString()!)
                            : "")
                    .Where(Path.Exists))
            {
                var cells = GraphEvidence.CellsOf(Graph.Open(file));
                var byLayer = layers
                    .EnumerateArray()
                    .Select((layer, place) =>
                        (
                            Layer: layer,
                            Cell: Runs(cells, layer) is { Length: > 0 } runs
                                ? runs[layers.EnumerateArray().Take(place).Count(before => Names(before).SetEquals(Names(layer))) % runs.Length]
                                : null))
                    .ToArray();
                if (byLayer.Length != cells.Count || byLayer.Any(pair => pair.Cell is null))
                {
                    continue;
                }

                var names = byLayer.DistinctBy(pair => pair.Cell).ToDictionary(pair => pair.Cell!, pair => Name(pair.Layer));
                foreach (var (layer, cell) in byLayer.Where(pair => pair.Cell!.Loop.Value != GraphLoop.SingleStep))
                {
                    feeds++;
                    var (expected, actual) = (Expected(layer, layers, how), Text(cell!.Feed, names));
                    if (expected != actual)
                    {
                        wrong.Add(
                            $"{Path.GetFileName(folder)}/{Path.GetFileName(file)} {Name(layer)}: fed by {actual} instead of {expected}");
                    }
                }
            }
        }

        output.WriteLine($"{feeds} feeds, {wrong.Count} wrong");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(feeds > 20, $"{feeds} feeds");
    }

    [Fact]
    public void A_dropout_between_two_levels_changes_nothing_in_the_chain()
    {
        var folder = Path.Combine(Shared.Folder, "cases", "dropout");
        string Feeds(string file) =>
            string.Join('\n', Find(Path.Combine(folder, file)).Select(cell => $"{cell}: {cell.Feed}, {cell.IsBackward?.Value}"));
        Assert.Equal(Feeds("two_level_no_dropout.pb"), Feeds("two_level_dropout.pb"));
        var cells = Find(Path.Combine(folder, "two_level_dropout.pb"));
        Assert.Same(cells[0], Assert.IsType<GraphFeed.FromCell>(cells[1].Feed).Cell);
    }

    [Fact]
    public void A_constant_as_input_hides_no_direction()
    {
        var graphs = 0;
        foreach (
            var file in Directory
                .EnumerateFiles(Path.Combine(Shared.Folder, "real", "tf1_graphs"), "frozen_model.pb", SearchOption.AllDirectories)
                .Where(file => !file.Contains("/tr_", StringComparison.Ordinal)))
        {
            foreach (var cell in Find(file))
            {
                var name = cell.Kernels[0];
                Assert.True(cell.Loop.Value == GraphLoop.SingleStep || cell.IsBackward is not null, $"{file}: {name} has no direction");
                Assert.True(
                    cell.IsBackward?.Value != true == !name.Contains("/bw/", StringComparison.Ordinal),
                    $"{file}: {name} is {cell.IsBackward}");
                Assert.DoesNotContain("reversed", cell.Feed?.ToString() ?? "", StringComparison.Ordinal);
            }

            graphs++;
        }

        Assert.True(graphs > 30, $"{graphs} graphs");
    }

    [Fact]
    public void A_decoder_starts_with_the_last_states_of_its_encoder()
    {
        foreach (var release in new[] { "tf-2.1.4", "tf-2.15.1", "keras-3.6.0" })
        {
            var cells = Find(Path.Combine(Shared.Goldens, "saved-models", $"{release}-seq2seq", "saved_model"));
            var decoder = Assert.Single(cells, cell => cell.InitialStates.Count > 0);
            var encoder = Assert.Single(cells, cell => cell != decoder);
            foreach (var state in new[] { "c", "h" })
            {
                var start = Assert.IsType<GraphFeed.FromCell>(decoder.InitialStates[state]);
                Assert.Same(encoder, start.Cell);
                Assert.Equal(state, start.FinalState);
            }

            Assert.IsType<GraphFeed.FromProgram>(decoder.Feed);
        }
    }

    [Fact]
    public void A_dense_layer_behind_a_cell_is_told_with_its_variable()
    {
        var cell = Assert.Single(Find(Path.Combine(Shared.Goldens, "tf1", "program-char-rnn", "model.ckpt.meta")), cell =>
            cell.Readers.Any(reader => reader.Variables.Count > 0));
        Assert.Contains(cell.Readers, reader => reader.Variables.Any(name => name.Contains("softmax", StringComparison.OrdinalIgnoreCase)));
    }

    private static IReadOnlyList<GraphCell> Find(string path) => GraphEvidence.CellsOf(Graph.Open(path));

    private static string Name(JsonElement layer) => $"{layer.GetProperty("level").GetInt32()}{layer.GetProperty("direction").GetString()}";

    /// <summary>The cells with a layer's variables: several where several loops run one.</summary>
    private static GraphCell[] Runs(IReadOnlyList<GraphCell> cells, JsonElement layer) =>
        [.. cells.Where(cell => cell.Variables.Values.Any(names => names.Any(Names(layer).Contains)))];

    private static HashSet<string> Names(JsonElement layer) =>
        [
            .. layer
                .GetProperty("variables")
                .EnumerateObject()
                .SelectMany(role =>
                    role.Value.ValueKind == JsonValueKind.Array ? role.Value.EnumerateArray().Select(name => name.GetString()!)
                    : role.Value.ValueKind == JsonValueKind.String ? [role.Value.GetString()!]
                    : []),
        ];

    /// <summary>The feed of a layer in words: <c>x</c>, <c>0fw</c>, <c>[0fw; 0bw]</c>, <c>(0fw + x)</c> where the layer below adds its
    /// input.</summary>
    private static string Expected(JsonElement layer, JsonElement layers, string wiring)
    {
        var (level, direction) = (layer.GetProperty("level").GetInt32(), layer.GetProperty("direction").GetString()!);
        var below = layers
            .EnumerateArray()
            .Where(one =>
                wiring != "independent"
                && one.GetProperty("level").GetInt32() == level - 1
                && (wiring != "bidirectional" || one.GetProperty("direction").GetString() == direction))
            .OrderByDescending(one => one.GetProperty("direction").GetString(), StringComparer.Ordinal)
            .Select(one =>
                one.TryGetProperty("residual", out var residual) && residual.ValueKind == JsonValueKind.True
                    ? Sum([Name(one), Expected(one, layers, wiring)])
                    : Name(one))
            .ToArray();
        return below.Length switch
        {
            0 => "x",
            1 => below[0],
            _ => $"[{string.Join("; ", below)}]",
        };
    }

    private static string Sum(IEnumerable<string> terms) => $"({string.Join(" + ", terms.Order(StringComparer.Ordinal))})";

    private static string Text(GraphFeed? feed, Dictionary<GraphCell, string> names) =>
        feed switch
        {
            null => "nothing",
            GraphFeed.FromCell one => names.GetValueOrDefault(one.Cell, "?") + (one.FinalState is null ? "" : $" {one.FinalState}"),
            GraphFeed.FromProgram => "x",
            GraphFeed.Joined joined => $"[{string.Join("; ", joined.Parts.Select(part => Text(part, names)))}]",
            GraphFeed.Added added => Sum(added.Terms.Select(term => Text(term, names))),
            GraphFeed.Alternatives several => $"({string.Join(" | ", several.Feeds.Select(one => Text(one, names)))})",
            GraphFeed.Computed computed =>
                $"computed({computed.Operation}: {string.Join(", ", computed.From.Select(one => Text(one, names)))})",
            _ => feed.ToString(),
        };
}
