using System.Text.Json.Nodes;
using LstmConvert.Tests.Formats.Hdf5;
using LstmConvert.Tests.Models;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Conversion;

/// <summary>Gates by 0.2x + 0.5, from a Keras that has them to variables, from these to Keras 3, and back again.</summary>
public sealed class HardSigmoidTests(KerasFixture fixture) : IClassFixture<KerasFixture>, IDisposable
{
    private const double Limit = 2e-6;

    /// <summary>Names the layers as TensorFlow 1 would in one stack: nothing else says their order.</summary>
    private const string Rename = """
        import sys, numpy as np
        with np.load(sys.argv[1]) as read:
            named = {n.replace('lstm_1/', 'rnn/multi_rnn_cell/cell_0/lstm_cell/').replace('gru_1/', 'rnn/multi_rnn_cell/cell_1/gru_cell/'): read[n] for n in read.files}
        np.savez(sys.argv[1], **named)
        """;

    private static string Golden => Path.Combine(Shared.Goldens, "keras-2.2.4", "hard-sigmoid");

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>An LSTM and a GRU of Keras 2.2.4, whose recorded outputs Keras 3 must give.</summary>
    [Theory]
    [InlineData("m.h5")]
    [InlineData("m.weights.h5")]
    [InlineData("m.keras")]
    public async Task Weights_of_these_gates_predict_in_Keras_3_what_Keras_2_recorded(string name)
    {
        var (variables, path) = (await Variables(), Path.Combine(folder, name));
        var made = await Product.RunAsync("tf2keras", variables, "--recurrent-activation", "hard_sigmoid", "-o", path, "--json");
        Assert.True(made.Code == 0, made.Error);
        var io = NumberArray.ReadNpz(Path.Combine(Golden, "io.npz"));
        var answer = await fixture.Keras.AskAsync(new JsonObject
        {
            ["code"] = made.Json!["keras_code"]!.ToString().Replace(path, name, StringComparison.Ordinal),
            ["folder"] = folder,
            ["samples"] = new JsonArray(new JsonObject { ["x"] = new JsonArray(io["x"].ToJson()) }),
        });
        Assert.True(answer["ok"]!.GetValue<bool>(), answer.ToJsonString());
        var theirs = NumberArray.FromJson(answer["samples"]![0]!["outputs"]!.AsArray()[0]!);
        Assert.True(
            io["outputs"].DistanceTo(theirs, null) < Limit,
            FormattableString.Invariant($"{io["outputs"].DistanceTo(theirs, null):g3}"));

        var verified = await Product.RunAsync("verify", variables, path, "--recurrent-activation", "hard_sigmoid");
        Assert.True(verified.Code == 0, verified.Output + verified.Error);
        Assert.Equal(1, (await Product.RunAsync("verify", variables, path)).Code);
    }

    [Fact]
    public async Task The_way_back_gives_the_variables_within_a_rounding()
    {
        var (variables, path, back) = (await Variables(), Path.Combine(folder, "m.keras"), Path.Combine(folder, "back.npz"));
        Assert.Equal(0, (await Product.RunAsync("tf2keras", variables, "--recurrent-activation", "hard_sigmoid", "-o", path)).Code);
        var (code, output, error) = await Product.RunAsync("keras2tf", path, "-o", back);
        Assert.True(code == 0, error);
        Assert.Contains("recurrent_activation = hard_sigmoid", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hard_sigmoid3", output, StringComparison.Ordinal);
        var (expected, actual) = (NumberArray.ReadNpz(variables), NumberArray.ReadNpz(back));
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected, pair => Assert.True(pair.Value.DistanceTo(actual[pair.Key], null) <= 3e-7, pair.Key));
    }

    [Fact]
    public async Task Another_function_than_those_of_gates_is_still_refused()
    {
        var (variables, path) = (await Variables(), Path.Combine(folder, "m.h5"));
        var (code, _, error) = await Product.RunAsync("tf2keras", variables, "--activation", "hard_sigmoid", "-o", path);
        Assert.Equal(4, code);
        Assert.Contains("not an activation that means the same in every Keras", error, StringComparison.Ordinal);
    }

    private async Task<string> Variables()
    {
        var path = Path.Combine(folder, "variables.npz");
        Assert.Equal(0, (await Product.RunAsync("keras2tf", Path.Combine(Golden, "model.h5"), "-o", path)).Code);
        Hdf5WriterTests.Python(path, Rename);
        return path;
    }
}
