using System.Globalization;
using System.Text.Json;
using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Tensors;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Verification;

/// <summary>Programs that real TensorFlow ran: converted from their variables, and compared with what TensorFlow recorded.</summary>
public sealed class GoldenTests(ITestOutputHelper output)
{
    private static readonly string[] Convertible =
    [
        "LSTMCell", "BasicLSTMCell", "LSTMBlockCell", "LSTMBlockFusedCell", "CudnnCompatibleLSTMCell", "GRUCell", "GRUBlockCell", "GRUBlockCellV2", "BasicRNNCell",
    ];

    [Theory]
    [InlineData("tf1", 40)]
    [InlineData("tf-old", 90)]
    public void Every_case_of_a_convertible_kind_agrees_with_what_TensorFlow_recorded(string set, int atLeast) =>
        Run([Path.Combine(Shared.Goldens, set)], atLeast);

    [Fact]
    public void Every_bundled_case_agrees_with_what_TensorFlow_recorded() =>
        Run(Directory.GetDirectories(Shared.Bundled), atLeast: 6);

    private void Run(string[] sets, int atLeast)
    {
        var (agreed, failures, refused) = (0, new List<string>(), 0);
        foreach (var folder in sets.SelectMany(Directory.EnumerateDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(folder);
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
            if (Reason(folder, document.RootElement) is { } reason)
            {
                output.WriteLine($"{name}: not compared ({reason}){(File.Exists(Path.Combine(folder, "variables.npz")) ? $"; {Refusal(folder)}" : "")}");
                refused++;
                continue;
            }

            try
            {
                output.WriteLine($"{name}: {Compare(folder, document.RootElement, failures)}");
                agreed++;
            }
            catch (LstmConvertException e)
            {
                failures.Add($"{name}: {e.Message}");
            }
        }

        output.WriteLine(FormattableString.Invariant($"{agreed} compared, {refused} of other kinds"));
        Assert.Empty(failures);
        Assert.True(agreed >= atLeast, FormattableString.Invariant($"{agreed} cases"));
    }

    /// <summary>Why a case is of another kind, or null.</summary>
    private static string? Reason(string folder, JsonElement root)
    {
        if (!File.Exists(Path.Combine(folder, "variables.npz")) || !File.Exists(Path.Combine(folder, "io.npz")))
        {
            return "no variables or no recorded values";
        }

        if (root.GetProperty("files").TryGetProperty("format", out var format) && format.GetString()!.Contains("object", StringComparison.Ordinal))
        {
            return "keys of an object-based checkpoint";
        }

        if (!root.TryGetProperty("wiring", out var wiring) || wiring.GetString() is "custom")
        {
            return "wiring that no option names";
        }

        var layers = root.GetProperty("layers").EnumerateArray().ToArray();
        foreach (var layer in layers)
        {
            var cell = layer.GetProperty("cell").GetString()!;
            if (!Convertible.Contains(cell))
            {
                return cell;
            }

            foreach (var argument in new[] { "cell_clip", "proj_clip", "residual", "use_peepholes", "use_peephole" })
            {
                if (layer.TryGetProperty(argument, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.Number && (value.ValueKind == JsonValueKind.True || value.GetDouble() > 0 || (argument == "cell_clip" && cell == "LSTMCell")))
                {
                    return $"{argument} {value}";
                }
            }
        }

        using var io = SourceCatalog.Open(Path.Combine(folder, "io.npz"), new SourceOptions());
        if (layers.Length > 1 && io.Tensors.Any(tensor => tensor.Name.EndsWith("_all_ch", StringComparison.Ordinal)))
        {
            return "the states of all layers in one array";
        }

        var scopes = layers.Select(layer => layer.GetProperty("scope").GetString()).ToArray();
        return scopes.Distinct().Count() < scopes.Length ? "one cell used twice"
            : wiring.GetString() == "chain" && layers.Any(layer => layer.GetProperty("direction").GetString() == "bw") ? "a backward chain"
            : null;
    }

    private static string Refusal(string folder)
    {
        try
        {
            using var set = SourceCatalog.Open(Path.Combine(folder, "variables.npz"), new SourceOptions());
            ConversionPlan.Make(Recognizer.Recognize(set, new RecognitionOptions()), new ConversionOptions());
            return "its weights convert";
        }
        catch (LstmConvertException e)
        {
            return e.Message;
        }
    }

    private static string Compare(string folder, JsonElement root, List<string> failures)
    {
        var layers = root.GetProperty("layers").EnumerateArray().ToArray();
        var options = new RecognitionOptions
        {
            Wiring = root.GetProperty("wiring").GetString()!,
            ForgetBias = [.. layers.Where(layer => layer.TryGetProperty("forget_bias", out var value) && value.ValueKind == JsonValueKind.Number).Select(layer => new Scoped<double>(Scope(layer), layer.GetProperty("forget_bias").GetDouble()))],
            Activation = [.. layers.Where(layer => layer.TryGetProperty("activation", out _)).Select(layer => new Scoped<string>(Scope(layer), layer.GetProperty("activation").GetString()!))],
        };
        using var set = SourceCatalog.Open(Path.Combine(folder, "variables.npz"), new SourceOptions());
        using var io = SourceCatalog.Open(Path.Combine(folder, "io.npz"), new SourceOptions());
        var model = Recognizer.Recognize(set, options);
        Assert.Equal(layers.Select(Scope).Order(StringComparer.Ordinal), model.Cells.Select(cell => cell.Scope).Order(StringComparer.Ordinal));
        foreach (var cell in model.Cells)
        {
            var layer = layers.Single(layer => Scope(layer) == cell.Scope);
            Assert.Equal((layer.GetProperty("units").GetInt32(), layer.GetProperty("input_size").GetInt32()), (cell.Units, cell.InputSize));
        }

        var target = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.h5");
        try
        {
            var result = Converter.Convert(ConversionPlan.Make(model, new ConversionOptions()), set, target, overwrite: false, check: true, null, CancellationToken.None);
            Assert.NotNull(result.Check);
            using var keras = KerasWeightsFile.Open(target);
            var pairs = LayerPairing.Pair(model, keras, []);
            var (worst, inconclusive) = (0.0, "");
            foreach (var prefix in new[] { "a_", "b_" }.Where(prefix => io.Find(prefix + "x") is not null))
            {
                var recorded = new RecordedValues(io, prefix);
                var limit = root.GetProperty("dtype").GetString() is "bfloat16" ? 2e-2 : root.GetProperty("dtype").GetString() is "float16" ? 2e-3 : (double?)null;
                var report = Verifier.Verify(model, pairs, new VerificationOptions { ExpectationLimit = limit, Input = recorded.X, Lengths = recorded.Lengths, InitialStates = recorded, Expected = recorded });
                if (report.Verdict == Verdict.Different || report.Expectations.Any(expectation => !expectation.IsMet) || !report.Expectations.Any(expectation => expectation.Side == "TensorFlow") || (report.Notes.Count == 0 && !report.Expectations.Any(expectation => expectation.Side == "Keras")))
                {
                    failures.Add($"{Path.GetFileName(folder)} {prefix}: {report.Verdict} {string.Join(" ", report.Reasons)} ({report.Expectations.Count} comparisons)");
                }

                inconclusive += report.Verdict == Verdict.Inconclusive ? $"; {prefix} alone could not have failed: {report.Reasons[0]}" : "";
                worst = Math.Max(worst, report.Expectations.Select(expectation => expectation.Difference.MaxAbs / expectation.Limit).DefaultIfEmpty(0).Max());
            }

            return string.Create(CultureInfo.InvariantCulture, $"agrees ({worst:p0} of the limit){inconclusive}");
        }
        finally
        {
            File.Delete(target);
        }
    }

    private static string Scope(JsonElement layer)
    {
        // The zoo's layers name the scope around the cell; the variables name the cell's own.
        var variables = layer.GetProperty("variables");
        if (variables.ValueKind == JsonValueKind.Object)
        {
            var first = variables.EnumerateObject().First().Value;
            var key = first.ValueKind == JsonValueKind.Array ? first[0].GetString()! : first.GetString()!;
            foreach (var end in new[] { "/Gates/Linear/Matrix", "/Candidate/Linear/Matrix", "/gates/kernel", "/gates/weights", "/candidate/kernel", "/Linear/Matrix", "/Linear/Bias", "/kernel", "/weights", "/W_0", "/W", "/w_ru", "/bias", "/B" })
            {
                if (key.EndsWith(end, StringComparison.Ordinal))
                {
                    return key[..^end.Length];
                }
            }
        }

        return layer.GetProperty("scope").GetString()!;
    }
}
