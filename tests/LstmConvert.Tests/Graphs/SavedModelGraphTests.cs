using System.Text.Json;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Recognition;

namespace LstmConvert.Tests.Graphs;

/// <summary>The cells in the graphs of whole models that four releases of Keras saved, against the configurations of the same
/// models.</summary>
public sealed class SavedModelGraphTests(ITestOutputHelper output)
{
    [Fact]
    public void Cells_facts_and_directions_in_the_graphs_of_saved_models_equal_their_configurations()
    {
        var (models, cells, wrong) = (0, 0, new List<string>());
        foreach (
            var folder in Directory
                .EnumerateDirectories(Path.Combine(Shared.Goldens, "saved-models"))
                .Where(folder => File.Exists(Path.Combine(folder, "model.json")))
                .Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "model.json")));
            var name = Path.GetFileName(folder);
            var expected = Layers(document.RootElement, isTurned: false)
                .Select(layer =>
                    Line(layer.Class, layer.Configuration, layer.IsBackward, isKeras3: name.StartsWith("keras-3", StringComparison.Ordinal))
                )
                .OfType<string>()
                .Order(StringComparer.Ordinal)
                .ToArray();
            var found = GraphEvidence.CellsOf(Graph.Open(Path.Combine(folder, "saved_model")));
            var actual = found.Select(Line).Order(StringComparer.Ordinal).ToArray();
            if (expected.Length == 0 && found.Count > 0)
            {
                // A model without a list of layers says nothing of them.
                continue;
            }

            models++;
            cells += expected.Length;
            if (!expected.SequenceEqual(actual))
            {
                wrong.Add($"{name}: expected\n  {string.Join("\n  ", expected)}\n found\n  {string.Join("\n  ", actual)}");
            }

            wrong.AddRange(found.SelectMany(cell => cell.Obstacles.Concat(cell.Disagreements)).Select(problem => $"{name}: {problem}"));
            wrong.AddRange(found.Where(cell => cell.Loops != 1).Select(cell => $"{name}: {cell} is run by {cell.Loops} loops"));
        }

        output.WriteLine($"{models} models, {cells} cells");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(models > 50 && cells > 70, $"{models} models, {cells} cells");
    }

    private static string Line(GraphCell cell)
    {
        var match = cell.Matches.First(match => match.Cell.StartsWith("Keras", StringComparison.Ordinal));
        string Word(string name) => match.Words.TryGetValue(name, out var fact) ? fact.Value : "";
        return $"{match.Cell["Keras".Length..]} {Word("activation")} {Word("recurrent_activation")} {(cell.IsBackward is { Value: true } ? "backward" : "forward")}";
    }

    private static string? Line(string className, JsonElement configuration, bool isBackward, bool isKeras3)
    {
        string Text(string name) =>
            !configuration.TryGetProperty(name, out var value) ? ""
            : value.ValueKind is JsonValueKind.True ? "true"
            : value.ValueKind is JsonValueKind.False ? "false"
            : value.ToString();

        // Keras 3 computes another function under this name: x / 6 + 0.5 in place of x / 5 + 0.5.
        var gates = Text("recurrent_activation") is "hard_sigmoid" && isKeras3 ? "hard_sigmoid3" : Text("recurrent_activation");
        var layer = className.Replace("Cell", "", StringComparison.Ordinal);
        return layer is "LSTM" or "GRU" or "SimpleRNN"
            ? $"{layer}{(Text("reset_after") == "true" ? "ResetAfter" : "")} {Text("activation")} {gates} {(isBackward ? "backward" : "forward")}"
            : null;
    }

    /// <summary>The recurrent layers and cells of a configuration, however deep, each direction on its own.</summary>
    private static (string Class, JsonElement Configuration, bool IsBackward)[] Layers(JsonElement layer, bool isTurned)
    {
        var className = layer.GetProperty("class_name").GetString()!;
        var configuration = layer.GetProperty("config");
        if (configuration.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        isTurned ^= configuration.TryGetProperty("go_backwards", out var backwards) && backwards.ValueKind == JsonValueKind.True;
        if (className == "Bidirectional")
        {
            var forward = configuration.GetProperty("layer");
            return
            [
                .. Layers(forward, isTurned),
                .. configuration.TryGetProperty("backward_layer", out var backward) && backward.ValueKind == JsonValueKind.Object
                    ? Layers(backward, isTurned)
                    : Layers(forward, !isTurned),
            ];
        }

        var inner = new[] { "layers", "cells" }
            .SelectMany(name =>
                configuration.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
                    ? list.EnumerateArray().ToArray()
                    : [])
            .Concat(
                new[] { "layer", "cell" }
                    .Select(name => configuration.TryGetProperty(name, out var one) ? one : default)
                    .Where(one => one.ValueKind == JsonValueKind.Object))
            .Where(one => one.ValueKind == JsonValueKind.Object && one.TryGetProperty("class_name", out _))
            .SelectMany(one => Layers(one, isTurned))
            .ToArray();
        return inner.Length > 0 ? inner : [(className, configuration, isTurned)];
    }
}
