using System.Globalization;
using System.Text.Json;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>Public files of Keras 1.1 to 2.8, against what the Keras of their time predicts with them.</summary>
public sealed class RealKerasFilesTests(ITestOutputHelper output)
{
    /// <summary>float32 over up to 905 steps, times the largest value.</summary>
    private const double Limit = 5e-6;

    [Fact]
    public void Whole_models_compute_what_their_Keras_predicts()
    {
        var recordings = Path.Combine(Shared.Folder, "real", "recorded-keras", "recorded.jsonl");
        if (!File.Exists(recordings))
        {
            Assert.Skip("The public files are not here.");
        }

        var (wrong, right, unknown) = (new List<string>(), 0, new List<string>());
        foreach (var line in File.ReadLines(recordings))
        {
            using var record = JsonDocument.Parse(line);
            if (record.RootElement.GetProperty("how").GetString() != "load_model" || record.RootElement.GetProperty("npz")
                .ValueKind != JsonValueKind.String)
            {
                continue;
            }

            var name = record.RootElement.GetProperty("file").GetString()!;
            try
            {
                var difference =
                    Compare(Path.Combine(Shared.Folder, "real", "keras", name),
                    Path.Combine(Shared.Folder, "real", "recorded-keras", record.RootElement.GetProperty("npz").GetString()!));
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {difference:g3}"));
                right += difference <= Limit ? 1 : 0;
                if (!(difference <= Limit))
                {
                    wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: {difference:g3}"));
                }
            }
            catch (UnsupportedModelException e)
            {
                output.WriteLine($"{name}: {e.Message}");
                unknown.Add(name);
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(right >= 13, $"{right} files were compared.");
        Assert.All(unknown, name =>
            Assert.Contains(
            new[] { "flatten", "reshape", "dot_res" }, part => name.Contains(part, StringComparison.Ordinal)));
    }

    private static double Compare(string path, string recording)
    {
        using var file = LegacyWeightsFile.Open(path);
        using var io = SourceCatalog.Open(recording, new SourceOptions());
        var model = file.ReadWithValues()!;
        var inputs =
            model.Inputs.Select(
            (input, k) => (input.Name, Value: new Value(KerasGoldenTests.Array(io, k == 0 ? ["x", "x_0"] : [$"x_{k}"]))))
            .ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        var expected = KerasGoldenTests.Array(io, "outputs", "outputs_0");
        return KerasGoldenTests.Difference(ModelWalker.Run(model, inputs, Precision.Double)[0].Data, expected) / Math.Max(
            1, expected.ToDoubles().Max(Math.Abs));
    }
}
