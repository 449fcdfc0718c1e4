using System.Globalization;
using System.Text.Json;
using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.Formats.Numpy;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Verification;

/// <summary>
/// Checkpoints, SavedModels and frozen graphs as programs left them, converted with no option at all: what the conversion needs to know
/// comes from the graph. Both sides are compared with what TensorFlow recorded, or the case is refused by name.
/// </summary>
public sealed class EndToEndTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("tf1", 72)]
    [InlineData("tf-old", 95)]
    [InlineData("tf2", 34)]
    [InlineData("dialects", 31)]
    public void Converted_without_an_option_both_sides_agree_with_what_TensorFlow_recorded(string set, int atLeast) =>
        Run([Path.Combine(Shared.Goldens, set)], atLeast);

    [Fact]
    public void Bundled_cases_converted_without_an_option_both_sides_agree_with_what_TensorFlow_recorded() =>
        Run(Directory.GetDirectories(Shared.Bundled), atLeast: 9);

    private void Run(string[] sets, int atLeast)
    {
        var (agreed, refused, weightsOnly, failures) = (0, 0, 0, new List<string>());
        foreach (var folder in sets.SelectMany(Directory.EnumerateDirectories).Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
            var name = Path.GetFileName(folder);
            if (Source(folder, document.RootElement) is not { } source || !File.Exists(Path.Combine(folder, "io.npz")))
            {
                output.WriteLine($"{name}: no variables, or nothing recorded");
                continue;
            }

            try
            {
                var said = Compare(folder, source, document.RootElement, failures);
                output.WriteLine($"{name}: {said}");
                _ = said.StartsWith("agrees", StringComparison.Ordinal) ? agreed++ : weightsOnly++;
            }
            catch (LstmConvertException e) when (e is UnsupportedModelException or UndecidedException or UnreadableInputException)
            {
                output.WriteLine($"{name}: refused: {e.Message}");
                refused++;
            }
        }

        output.WriteLine($"{agreed} agree, {refused} refused by name, {weightsOnly} converted with nothing recorded to compare, {failures.Count} differ");
        Assert.True(failures.Count == 0, string.Join("\n", failures));
        Assert.True(agreed >= atLeast, $"only {agreed} cases agree");
    }

    private static string? Source(string folder, JsonElement root)
    {
        foreach (var kind in new[] { "saved_model", "checkpoint", "frozen" })
        {
            if (root.TryGetProperty("files", out var files) && files.ValueKind == JsonValueKind.Object && files.TryGetProperty(kind, out var file) && file.ValueKind == JsonValueKind.String)
            {
                return Path.Combine(folder, file.GetString()!);
            }
        }

        return File.Exists(Path.Combine(folder, "model.ckpt.index")) ? Path.Combine(folder, "model.ckpt") : null;
    }

    private static string Compare(string folder, string source, JsonElement root, List<string> failures)
    {
        using var set = SourceCatalog.Open(source, new SourceOptions());
        using var io = SourceCatalog.Open(Path.Combine(folder, "io.npz"), new SourceOptions());
        var graph = set.GraphPath is { } path ? Graph.Open(path) : null;
        var model = Recognizer.Recognize(set, new RecognitionOptions { Graph = graph });
        var plan = ConversionPlan.Make(model, new ConversionOptions());
        if (graph is not null)
        {
            var assumed = model.Cells.Where(cell => !cell.Variables.ContainsKey("recurrent_kernel") && !cell.Variables.ContainsKey("w_h")).Where(cell => cell.ForgetBias is { Evidence: EvidenceKind.Assumed } || cell.Activation.Evidence == EvidenceKind.Assumed).Select(cell => cell.Scope).ToArray();
            if (assumed.Length > 0)
            {
                failures.Add($"{Path.GetFileName(folder)}: assumed although there is a graph: {string.Join(", ", assumed)}");
            }
        }

        var target = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.h5");
        try
        {
            Converter.Convert(plan, set, target, overwrite: false, check: true, null, CancellationToken.None);
            using var keras = KerasWeightsFile.Open(target);
            var pairs = LayerPairing.Pair(model, keras, []);
            var (worst, count) = (0.0, 0);
            // Lengths that a library takes from rows of zeros, and states in an array of its own layout, are not in these keys.
            if (model.Groups.Count > 1 && !root.TryGetProperty("wiring", out _))
            {
                return "weights only: several layers, and the case does not say which feeds which";
            }

            var hasOwnLengths = root.TryGetProperty("note", out var note) && note.GetString()!.Contains("not all zero", StringComparison.Ordinal);
            foreach (var prefix in new[] { "a_", "b_" }.Where(prefix => io.Find(prefix + "x") is not null && !(prefix == "b_" && (hasOwnLengths || io.Find("b_state") is not null))))
            {
                var recorded = new RecordedValues(io, prefix);
                var limit = root.TryGetProperty("dtype", out var dtype) ? dtype.GetString() switch { "bfloat16" => 2e-2, "float16" => 2e-3, _ => (double?)null } : null;
                var report = Verifier.Verify(model, pairs, new VerificationOptions { ExpectationLimit = limit, Input = recorded.X, Lengths = recorded.Lengths, InitialStates = recorded, Expected = recorded });
                count += report.Expectations.Count;
                worst = Math.Max(worst, report.Expectations.Select(expectation => expectation.Difference.MaxAbs / expectation.Limit).DefaultIfEmpty(0).Max());
                if (report.Verdict == Verdict.Different)
                {
                    failures.Add($"{Path.GetFileName(folder)} {prefix}: {string.Join(" ", report.Reasons)}");
                }
            }

            return count == 0 ? "weights only" : string.Create(CultureInfo.InvariantCulture, $"agrees ({worst:p0} of the limit, {count} comparisons) {string.Join(" ", model.Warnings)}");
        }
        catch (Exception e) when (e is UsageException or UnreadableInputException)
        {
            // The program's input or output is that of a wrapper around the cell.
            return $"weights only: {e.Message}";
        }
        finally
        {
            File.Delete(target);
        }
    }
}
