using LstmConvert.Tests.Models;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Conversion;

/// <summary>Programs with backward layers that no Bidirectional holds, as whole models: their outputs are put in order by a layer of
/// ours, which a real Keras loads and computes what TensorFlow recorded.</summary>
public sealed class BackwardModelTests(KerasFixture fixture) : IClassFixture<KerasFixture>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public static TheoryData<string, string, string?> Programs =>
        new(
            from name in new[] { "bidirectional-multi", "time-reversed-fused-rnn" }
            from file in new[] { "model.keras", "model.h5" }
            from backend in new[] { KerasPython.Numpy, KerasPython.Torch }
            select (name, file, backend));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Keras_predicts_with_the_whole_model_what_was_recorded(string name, string file, string? backend)
    {
        var golden = new GoldenCase(Path.Combine(Shared.Bundled, "tf1", name));
        var path = Path.Combine(folder, file);
        var target = file.EndsWith(".h5", StringComparison.Ordinal) ? "keras-model" : "keras3-model";
        var answer = await Product.RunAsync("tf2keras", golden.Own, "--strict", "--verify", "-o", path, "--to", target, "--json");
        Assert.True(answer.Code == 0, answer.Output + answer.Error);
        var code = answer.Json!["keras_code"]!.GetValue<string>();
        Assert.Contains("from model_layers import ReverseTime", code, StringComparison.Ordinal);
        Assert.Equal(["model" + Path.GetExtension(file), "model_layers.py"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());

        var verdict = await new KerasJudge(golden).JudgeAsync(fixture.With(backend), code, folder);
        Assert.Null(verdict.Problem);
        Assert.Contains("a", verdict.Shown, StringComparison.Ordinal);
        Assert.Contains("ReverseTime", verdict.Layers, StringComparison.Ordinal);
    }
}
