using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;
using LstmConvert.Tests.KerasFiles;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Models;

/// <summary>Printed code run in real Keras beside the file that is written with it, against the model that is read from that file and
/// walked.</summary>
public sealed class KerasCodeTests(KerasFixture fixture, ITestOutputHelper output) : IClassFixture<KerasFixture>, IDisposable
{
    private const double Limit = 1e-5;

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public static TheoryData<string, string?> Names =>
        new(from name in TestModels.All.Keys from backend in new[] { KerasPython.Numpy, KerasPython.Torch } select (name, backend));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Keras_computes_with_the_printed_code_what_the_model_in_the_file_computes(string name, string? backend)
    {
        var make = new TestModels(7);
        var model = TestModels.All[name](make);
        var inputs = make.Inputs(model);
        if (model.Calls.Any(call => call.Callee is KerasUse { ClassName: "Masking" }))
        {
            inputs = inputs.ToDictionary(
                input => input.Key, input =>
                Masking.Padded(input.Value with { Mask = Value.MaskOf([6, 3, 1], 6) }), StringComparer.Ordinal);
        }

        var path = Path.Combine(folder, "weights.h5");
        KerasTarget.Default.Write(path, WrittenModel.Of(model, DType.Float32), new WeightStream(null, CancellationToken.None));
        var code = KerasCode.Write(model, "weights.h5");
        if (KerasCode.Module(model, Path.Combine(folder, "weights_layers.py"), isPrinted: true) is { } module)
        {
            await File.WriteAllTextAsync(module.Path, module.Text, TestContext.Current.CancellationToken);
        }

        output.WriteLine(code);
        using var file = LegacyWeightsFile.Open(path);
        var ours = ModelWalker.Run(file.ReadWithValues()!, inputs, Precision.Single);

        var answer = await fixture.With(backend).AskAsync(new JsonObject
        {
            ["code"] = code,
            ["folder"] = folder,
            ["samples"] =
                new JsonArray(
                new JsonObject { ["x"] = new JsonArray([.. model.Inputs.Select(input => (JsonNode)Array(inputs[input.Name].Data))]) }),
        });
        Assert.True(answer["ok"]!.GetValue<bool>(), answer.ToJsonString());
        var theirs = answer["samples"]![0]!["outputs"]!.AsArray().Select(value => Array(value!)).ToArray();
        Assert.Equal(theirs.Length, ours.Count);
        Assert.All(theirs.Zip(ours), pair => Assert.InRange(KerasGoldenTests.Difference(pair.Second.Data, pair.First), 0, Limit));
    }

    private static JsonObject Array(NumericArray array) => new()
    {
        ["shape"] = new JsonArray([.. array.Dimensions.Select(length => (JsonNode)length)]),
        ["data"] = Convert.ToBase64String(MemoryMarshal.AsBytes<double>(array.ToDoubles())),
    };

    private static NumericArray Array(JsonNode node) => NumericArray.From(
        MemoryMarshal.Cast<byte, double>(Convert.FromBase64String(node["data"]!.GetValue<string>())), Precision.Double,
            [.. node["shape"]!.AsArray().Select(length => length!.GetValue<int>())]);
}
