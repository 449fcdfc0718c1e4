using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.Models;
using LstmConvert.Tensors;
using LstmConvert.Tests.Models;
using LstmConvert.Verification;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>
/// Models that nobody wrote: tests/configurations/draw.py draws them, real Keras saves them with what it predicts. This program computes the
/// same, what it writes again Keras loads and predicts the same with, and with one field of the configuration changed it never says "same".
/// The script models.py there does more of it, with the command itself.
/// </summary>
public sealed class RandomModelTests(KerasFixture fixture) : IClassFixture<KerasFixture>, IDisposable
{
    /// <summary>float32 over some layers, times the largest value; gains amplify rounding in a few.</summary>
    private const double Limit = 2e-5;

    /// <summary>Of the models of a row, so many may be refused by name.</summary>
    private const int MaximumRefused = 4;

    private static readonly string Scripts = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Shared.Bundled)!, "..", "configurations"));

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    /// <summary>The first and the last seed of each row.</summary>
    public static TheoryData<int, int> Seeds => new() { { 0, 7 }, { 8, 15 }, { 16, 23 } };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_random_model_of_Keras_is_computed_alike_written_again_alike_and_told_from_a_changed_one(int first, int last)
    {
        var (wrong, refused) = (new List<string>(), new List<string>());
        for (var seed = first; seed <= last; seed++)
        {
            await Run($"model = draw.save('test {seed}')");
            try
            {
                wrong.AddRange((await Judge()).Select(found => $"test {seed}: {found}"));
            }
            catch (UnsupportedModelException e)
            {
                refused.Add($"test {seed}: {e.Message}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(refused.Count <= MaximumRefused, string.Join('\n', refused));
    }

    private async Task<IReadOnlyList<string>> Judge()
    {
        var wrong = new List<string>();
        using var io = SourceCatalog.Open(In("io.npz"), new SourceOptions());
        foreach (var source in new[] { "model.keras", "model.h5" })
        {
            using var file = KerasFile.Open(In(source));
            wrong.AddRange(Differences(Computed(file.ReadWithValues()!, io), io).Select(found => $"{source}: ours: {found}"));
        }

        foreach (var (target, name) in new[] { ("keras3-model", "again.keras"), ("keras-model", "again.h5") })
        {
            using var file = KerasFile.Open(In("model.keras"));
            var format = KerasTarget.All.First(one => one.Name == target);
            File.Delete(In(name));
            var model = TodaysKeras.Of(file.ReadModel()!, In("model.keras"), format).Model;
            format.Write(In(name), new WrittenModel(model, []), new WeightStream(null, CancellationToken.None));
            await Run($"model = draw.predict('{name}')");
            using var theirs = SourceCatalog.Open(In("y.npz"), new SourceOptions());
            wrong.AddRange(Differences(Outputs(theirs), io).Select(found => $"{name}: Keras: {found}"));
        }

        if (Told() is { } said)
        {
            wrong.Add(said);
        }

        return wrong;
    }

    /// <summary>Where a changed field changes what Keras predicts, and the verdict is "same": the verdict.</summary>
    private string? Told()
    {
        using var planted = SourceCatalog.Open(In("planted.npz"), new SourceOptions());
        if (planted.Find("apart")!.ToDoubles()[0] < 0.01)
        {
            return null;
        }

        try
        {
            using var io = SourceCatalog.Open(In("io.npz"), new SourceOptions());
            var input = new RecordedValues(io, null);
            var report = WholeModelVerifier.Run(In("model.keras"), In("planted.keras"), new VerificationOptions { Input = input });
            return report!.Verdict == Verdict.Same ? "a changed field is not told" : null;
        }
        catch (LstmConvertException)
        {
            return null; // refused by name
        }
    }

    private string In(string name) => Path.Combine(folder, name);

    private static IReadOnlyList<NumericArray> Computed(Model model, TensorSet io)
    {
        var inputs = model.Inputs.Select((input, k) => (input.Name, Value: new Value(ModelRuns.Array(io.Find($"x{k}")!))))
            .ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        return [.. ModelWalker.Run(model, inputs, Precision.Double).Select(value => value.Data)];
    }

    private static IReadOnlyList<NumericArray> Outputs(TensorSet set) =>
        [.. Enumerable.Range(0, set.Tensors.Count).Select(k => KerasGoldenTests.Array(set, $"y{k}"))];

    private static IEnumerable<string> Differences(IReadOnlyList<NumericArray> computed, TensorSet io)
    {
        foreach (var (k, output) in computed.Index())
        {
            var expected = KerasGoldenTests.Array(io, $"y{k}");
            var largest = Math.Max(1, expected.ToDoubles().Select(Math.Abs).DefaultIfEmpty(0).Max());
            if (!output.Dimensions.SequenceEqual(expected.Dimensions)
                || !(KerasGoldenTests.Difference(output, expected) <= Limit * largest))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"output {k} is {output} in place of {expected}, and differs by {KerasGoldenTests.Difference(output, expected):g3}");
            }
        }
    }

    private async Task Run(string code)
    {
        var answer = await fixture.Keras.AskAsync(new JsonObject
        {
            ["code"] = $"import sys\nsys.path.insert(0, r'{Scripts}')\nimport draw\n{code}",
            ["folder"] = folder,
            ["samples"] = new JsonArray(),
        });
        Assert.True(answer["ok"]!.GetValue<bool>(), $"{code}: {answer["error"]}");
    }
}
