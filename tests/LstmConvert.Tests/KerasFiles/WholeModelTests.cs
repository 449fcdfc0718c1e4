using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.Models;
using LstmConvert.Tensors;
using LstmConvert.Tests.Models;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>
/// Whole models of twelve Kerases and SavedModels of four TensorFlows, written again in every format: this program reads them back the
/// same, and real
/// Keras 3 loads them and predicts what was recorded.
/// </summary>
public sealed class WholeModelTests(KerasFixture fixture, ITestOutputHelper output) : IClassFixture<KerasFixture>, IDisposable
{
    /// <summary>float32 over some steps, times the largest value.</summary>
    private const double Limit = 5e-6;

    /// <summary>Models that the NumPy backend cannot compute, and half precision, which rounds every step: loaded only.</summary>
    private static readonly string[] LoadedOnly = ["conv", "cnn", "float16", "bfloat16"];

    /// <summary>What predicts something else in Keras 3, by its version, and why.</summary>
    private static readonly Dictionary<string, string> Other = new(StringComparer.Ordinal)
    {
        ["masking-bidirectional"] = "Keras up to 2.3 repeats the last output at masked steps, all later ones give zeros",
    };

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public static TheoryData<string> Folders =>
        [
            .. new[]
            {
                "1.2.2",
                "2.0.8",
                "2.2.4",
                "2.2.4-tf",
                "2.3.1",
                "2.4.0",
                "2.11.0",
                "2.13.1",
                "2.15.0",
                "3.0.5",
                "3.6.0",
                "3.15.1",
            }.Select(version => $"keras-{version}"),
            "saved-models",
        ];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task A_model_written_again_predicts_in_Keras_3_what_was_recorded(string goldens)
    {
        var (right, wrong) = (0, new List<string>());
        foreach (var example in Directory.EnumerateDirectories(Path.Combine(Shared.Goldens, goldens)).Order(StringComparer.Ordinal))
        {
            foreach (
                var source in new[] { "model.h5", "model.keras", "saved_model" }
                    .Select(name => Path.Combine(example, name))
                    .Where(Path.Exists))
            {
                var name = $"{Path.GetFileName(example)}/{Path.GetFileName(source)}";
                try
                {
                    var problem = await Check(example, source);
                    right += problem is null ? 1 : 0;
                    if (problem is not null)
                    {
                        wrong.Add($"{name}: {problem}");
                    }
                }
                catch (UnsupportedModelException e)
                {
                    output.WriteLine($"{name}: refused: {e.Message}");
                }
                catch (LstmConvertException e)
                {
                    wrong.Add($"{name}: {e.GetType().Name}: {e.Message}");
                }
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{right} right"));
        output.WriteLine(string.Join('\n', wrong));
        Assert.Empty(wrong);
    }

    private async Task<string?> Check(string example, string source)
    {
        using var io = SourceCatalog.Open(Path.Combine(example, "io.npz"), new SourceOptions());
        using var variables = Directory.Exists(source) ? SourceCatalog.Open(source, new SourceOptions()) : null;
        using var file = variables is null ? KerasFile.Open(source) : null;
        var read = variables is null ? file!.ReadModel() : SavedKerasModel.Read(variables);
        if (read is null)
        {
            return null;
        }

        if (TodaysKeras.Obstacles(read) is { Count: > 0 } obstacles)
        {
            throw new UnsupportedModelException(string.Join("; ", obstacles));
        }

        var (model, _) = TodaysKeras.Of(read, source, KerasTarget.Default);
        foreach (var target in KerasTarget.All.Where(target => target is { IsWholeModel: true, IsFolder: false }))
        {
            var path = Path.Combine(folder, $"m{target.Extension}");
            File.Delete(path);
            target.Write(path, new WrittenModel(model, []), new WeightStream(null, CancellationToken.None));
            using var back = target.Open(path);
            var ours = Run(back.ReadWithValues()!, io, out var inputs);
            var answer = await fixture.Keras.AskAsync(
                new JsonObject
                {
                    ["code"] = $"from keras.models import load_model\nmodel = load_model('{Path.GetFileName(path)}', compile=False)",
                    ["folder"] = folder,
                    ["samples"] = LoadedOnly.Any(part => example.Contains(part, StringComparison.Ordinal))
                        ? []
                        : new JsonArray(new JsonObject { ["x"] = new JsonArray([.. inputs.Select(input => (JsonNode)Json(input))]) }),
                });
            if (!answer["ok"]!.GetValue<bool>())
            {
                if (example.Contains("float16", StringComparison.Ordinal))
                {
                    continue; // NumPy makes no orthogonal matrix of half precision, with which a layer begins before its weights are loaded.
                }

                return $"{target.Name}: {answer["error"]}";
            }

            var expected = Enumerable
                .Range(0, ours.Count)
                .Select(k => KerasGoldenTests.Array(io, k == 0 ? ["outputs", "outputs_0", "y0"] : [$"outputs_{k}", $"y{k}"]))
                .ToArray();
            var limit = Limit * Math.Max(1, expected.Max(one => one.ToDoubles().Select(Math.Abs).DefaultIfEmpty(0).Max()));
            if (
                Other.ContainsKey(Path.GetFileName(example))
                || LoadedOnly[2..].Any(part => example.Contains(part, StringComparison.Ordinal)))
            {
                continue;
            }

            var difference = ours.Zip(expected, (one, other) => KerasGoldenTests.Difference(one, other)).Max();
            if (!(difference <= limit))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{target.Name}: our evaluation differs by {difference:g3}");
            }

            if (answer["samples"]!.AsArray() is { Count: > 0 } samples)
            {
                var theirs = samples[0]!["outputs"]!.AsArray().Select(value => Array(value!)).ToArray();
                difference = theirs.Zip(expected, (one, other) => KerasGoldenTests.Difference(one, other)).Max();
                if (theirs.Length != expected.Length || !(difference <= limit))
                {
                    return string.Create(CultureInfo.InvariantCulture, $"{target.Name}: Keras differs by {difference:g3}");
                }
            }
        }

        return null;
    }

    private static IReadOnlyList<NumericArray> Run(Model model, TensorSet io, out IReadOnlyList<NumericArray> inputs)
    {
        var given = model
            .Inputs.Select(
                (input, k) => (input.Name, Value: new Value(KerasGoldenTests.Array(io, k == 0 ? ["x", "x_0", "x0"] : [$"x_{k}", $"x{k}"]))))
            .ToArray();
        inputs = [.. given.Select(pair => pair.Value.Data)];
        return
        [
            .. ModelWalker
                .Run(model, given.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal), Precision.Double)
                .Select(value => value.Data),
        ];
    }

    private static JsonObject Json(NumericArray array) => new()
    {
        ["shape"] = new JsonArray([.. array.Dimensions.Select(length => (JsonNode)length)]),
        ["data"] = Convert.ToBase64String(MemoryMarshal.AsBytes<double>(array.ToDoubles())),
    };

    private static NumericArray Array(JsonNode node) => NumericArray.From(
        MemoryMarshal.Cast<byte, double>(Convert.FromBase64String(node["data"]!.GetValue<string>())), Precision.Double,
            [.. node["shape"]!.AsArray().Select(length => length!.GetValue<int>())]);
}
