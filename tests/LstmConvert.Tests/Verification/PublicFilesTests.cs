using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using LstmConvert.Conversion;
using LstmConvert.Facts;
using LstmConvert.Formats;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Tensors;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Verification;

/// <summary>Checkpoints and graphs that people published, against what TensorFlow computed with their weights.</summary>
public sealed class PublicFilesTests(ITestOutputHelper output)
{
    private static string Recordings => Path.Combine(Shared.Folder, "real", "recorded-tf");

    [Fact]
    public void Trained_weights_convert_with_the_facts_of_their_graphs_and_compute_what_TensorFlow_computed()
    {
        var (agreed, failures) = (0, new List<string>());
        foreach (var record in Directory.GetFiles(Recordings, "recorded.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(record));
            var root = json.RootElement;
            var name = Path.GetRelativePath(Recordings, Path.GetDirectoryName(record)!);
            if (
                !root.TryGetProperty("layers", out var layers)
                || layers.GetArrayLength() == 0
                || !File.Exists(Path.Combine(Path.GetDirectoryName(record)!, "io.npz")))
            {
                output.WriteLine($"{name}: nothing recurrent recorded");
                continue;
            }

            try
            {
                output.WriteLine($"{name}: {Compare(record, root, layers, failures)}");
                agreed++;
            }
            catch (UnsupportedModelException e)
            {
                output.WriteLine($"{name}: refused: {e.Message}");
                var cell = layers[0].GetProperty("cell").GetString()!;
                if (cell != "sonnet2.GRU")
                {
                    failures.Add($"{name}: {e.Message}");
                }
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.True(agreed >= 16, $"only {agreed}");
    }

    [Fact]
    public void Constants_of_frozen_graphs_are_the_weights_that_TensorFlow_listed()
    {
        var count = 0;
        foreach (var record in Directory.GetFiles(Recordings, "recorded.json", SearchOption.AllDirectories))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(record));
            if (json.RootElement.GetProperty("kind").GetString() != "frozen")
            {
                continue;
            }

            using var set = SourceCatalog.Open(
                Path.Combine(Shared.Folder, "real", "checkpoints", json.RootElement.GetProperty("source").GetString()!),
                new SourceOptions());
            foreach (var variable in json.RootElement.GetProperty("variables").EnumerateArray())
            {
                var tensor = set.Find(variable.GetProperty("name").GetString()!)!;
                var bytes = new byte[tensor.Info.ByteCount];
                tensor.Read(0, bytes);
                Assert.Equal(variable.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
                count++;
            }
        }

        Assert.True(count > 5);
    }

    [Fact]
    public void Facts_of_public_frozen_graphs_are_those_with_which_TensorFlow_agreed()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Recordings, "tf1_graphs", "tf115_check.json")));
        var (found, failures) = (0, new List<string>());
        foreach (
            var row in json
                .RootElement.EnumerateArray()
                .Where(row =>
                    row.TryGetProperty("forget_bias", out var values)
                    && values.ValueKind == JsonValueKind.Array
                    && values.GetArrayLength() > 0))
        {
            var name = row.GetProperty("case").GetString()!;
            var folder = Path.Combine(Shared.Folder, "real", "tf1_graphs", name);
            var file =
                Directory.Exists(folder) ? Directory.GetFiles(folder, "*.pb").FirstOrDefault()
                : File.Exists(folder + ".pb") ? folder + ".pb"
                : null;
            if (file is null)
            {
                output.WriteLine($"{name}: no graph");
                continue;
            }

            var cells = RecurrentSource.CellsOf(Graph.Open(file));
            string Of(IEnumerable<string> values) => string.Join(' ', values.Distinct().Order(StringComparer.Ordinal));
            string Told(string key) =>
                Of(
                    row.GetProperty(key)
                        .EnumerateArray()
                        .Select(value =>
                            value.ToString() is "None" ? "None"
                            : value.ValueKind == JsonValueKind.String
                            && !double.TryParse(value.GetString(), CultureInfo.InvariantCulture, out _)
                                ? value.GetString()!
                            : ((float)double.Parse(value.ToString(), CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture))
                );
            var facts = new[]
            {
                (
                    "forget_bias",
                    Told("forget_bias"),
                    Of(cells.Select(cell => ((float)cell.Number("forget_bias")!.Value).ToString(CultureInfo.InvariantCulture)))),
                (
                    "cell_clip",
                    Told("cell_clip"),
                    Of(
                        cells.Select(cell =>
                            cell.Number("cell_clip") is { } clip ? ((float)clip.Value).ToString(CultureInfo.InvariantCulture) : "None"))),
                ("output_activation", Told("output_activation"), Of(cells.Select(cell => cell.Word("activation")!.Value))),
                (
                    "peepholes",
                    row.GetProperty("peepholes").GetBoolean().ToString(),
                    Of(cells.Select(cell => cell.Variables.ContainsKey("w_f_diag").ToString()))),
            };
            failures.AddRange(
                facts.Where(fact => fact.Item2 != fact.Item3).Select(fact => $"{name}: {fact.Item1} is {fact.Item2}, found {fact.Item3}"));
            found++;
        }

        output.WriteLine($"{found} graphs");
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.True(found >= 8, $"only {found}");
    }

    private static string Compare(string record, JsonElement root, JsonElement layers, List<string> failures)
    {
        var name = Path.GetRelativePath(Recordings, Path.GetDirectoryName(record)!);
        var source = Path.Combine(Shared.Folder, "real", "checkpoints", root.GetProperty("source").GetString()!);
        var isMetaOnly = root.GetProperty("kind").GetString() == "meta_only";
        using var opened = isMetaOnly
            ? RecurrentSource.Of(Sines(root), Graph.Open(source), new RecognitionOptions())
            : RecurrentSource.Open(source);
        var model = opened.Model;
        foreach (var layer in layers.EnumerateArray())
        {
            var variables = layer
                .GetProperty("variables")
                .EnumerateObject()
                .Where(role => role.Value.ValueKind == JsonValueKind.String)
                .Select(role => role.Value.GetString()!)
                .ToHashSet(StringComparer.Ordinal);
            var isObjectBased = variables.Any(name => name.Contains(".ATTRIBUTES", StringComparison.Ordinal));
            var cell = isObjectBased
                ? model.Layers.Single()
                : model.Layers.Single(cell => cell.Variables.Values.Any(tensor => variables.Contains(tensor.Name)));
            if (layer.TryGetProperty("forget_bias", out var forgetBias) && forgetBias.ValueKind == JsonValueKind.Number && isObjectBased)
            {
                // Layers that keep it in the bias have no such fact unless the graph shows one.
                if (
                    cell.Facts.FirstOrDefault(fact => fact.Name == "forget_bias")?.Value.Number is { } value
                        ? value != forgetBias.GetDouble()
                        : forgetBias.GetDouble() != 0)
                {
                    failures.Add($"{name}: {cell.Scope}: forget bias {forgetBias}, found {cell.Cell.Find("forget_bias")}");
                }
            }
            else if (forgetBias.ValueKind == JsonValueKind.Number)
            {
                var nodes = layer.GetProperty("forget_bias_evidence").EnumerateArray().Select(node => node.GetString()!).ToArray();
                if (
                    cell.Cell.Find("forget_bias") is not { Evidence: { Kind: EvidenceKind.Graph, Detail: var detail } } fact
                    || fact.Value.Number != forgetBias.GetDouble()
                    || !nodes.Any(node =>
                        node.Contains(detail, StringComparison.Ordinal) || detail.Contains(node, StringComparison.Ordinal)))
                {
                    failures.Add(
                        $"{name}: {cell.Scope}: forget bias {forgetBias} ({string.Join(", ", nodes)}), found {cell.Cell.Find("forget_bias")}"
                    );
                }
            }

            if (
                cell.Units != layer.GetProperty("units").GetInt32()
                || cell.Level != layer.GetProperty("level").GetInt32()
                || cell.IsBackward != (layer.GetProperty("direction").GetString() == "bw"))
            {
                failures.Add($"{name}: {cell.Scope}: {cell.Units} units, level {cell.Level}, backward {cell.IsBackward}");
            }
        }

        var target = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.h5");
        try
        {
            opened.Plan().Write(target);
            using var io = SourceCatalog.Open(Path.Combine(Path.GetDirectoryName(record)!, "io.npz"), new SourceOptions());
            var (worst, count) = (0.0, 0);
            foreach (var prefix in new[] { "a_", "b_", "g_" }.Where(prefix => io.Find(prefix + "x") is not null))
            {
                var recorded = new RecordedValues(io, prefix);
                var report = Verifier.Run(opened, target, new VerificationOptions { Input = recorded, Expected = recorded });
                count += report.Expectations.Count;
                worst = Math.Max(worst, report.Expectations.Select(expectation => expectation.Difference.MaxAbs).DefaultIfEmpty(0).Max());
                if (report.Verdict == Verdict.Different || report.Expectations.Count == 0)
                {
                    failures.Add($"{name} {prefix}: {string.Join(" ", report.Reasons)}");
                }
            }

            return string.Create(CultureInfo.InvariantCulture, $"agrees, largest difference {worst:g2} in {count} comparisons");
        }
        finally
        {
            File.Delete(target);
        }
    }

    /// <summary>The variables of a graph without data, filled as the recording says: element k, from 1, is float32(0.1 sin k).</summary>
    private static TensorSet Sines(JsonElement root) =>
        new(
            root.GetProperty("source").GetString()!,
            "variables made for a graph",
            [
                .. root.GetProperty("variables")
                    .EnumerateArray()
                    .Select(variable =>
                    {
                        var info = new TensorInfo(
                            variable.GetProperty("name").GetString()!,
                            DType.Float32,
                            new Shape([.. variable.GetProperty("shape").EnumerateArray().Select(length => length.GetInt64())]));
                        var values = new float[info.Shape.ElementCount];
                        for (var k = 0; k < values.Length; k++)
                        {
                            values[k] = (float)(0.1 * Math.Sin(k + 1));
                        }

            return (Tensor)new MemoryTensor(info, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        })]);
}
