using System.Text.Json.Nodes;
using LstmConvert.Arrays;
using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Tests.Formats.Hdf5;
using LstmConvert.Tests.KerasFiles;
using LstmConvert.Tests.Models;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Conversion;

/// <summary>Gates by 0.2x + 0.5, from a Keras that has them to variables, from these to Keras 3, and back again.</summary>
public sealed class HardSigmoidTests(KerasFixture fixture, JavaScript node)
    : IClassFixture<KerasFixture>,
        IClassFixture<JavaScript>,
        IDisposable
{
    private const double Limit = 2e-6;

    /// <summary>Names the layers as TensorFlow 1 would in one stack: nothing else says their order.</summary>
    private const string Rename = """
        import sys, numpy as np
        with np.load(sys.argv[1]) as read:
            named = {n.replace('lstm_1/', 'rnn/multi_rnn_cell/cell_0/lstm_cell/').replace('gru_1/', 'rnn/multi_rnn_cell/cell_1/gru_cell/'): read[n] for n in read.files}
        np.savez(sys.argv[1], **named)
        """;

    /// <summary>What is summed in front of gates times 1.2: of the LSTM all but its candidate's columns, of the GRU its gates.</summary>
    private const string Stretch = """
        import sys, numpy as np
        v = dict(np.load(sys.argv[1]))
        for n in v:
            if n.endswith('lstm_cell/kernel'):
                v[n][:, [c for c in range(16) if not 4 <= c < 8]] *= np.float32(1.2)
            elif n.endswith('lstm_cell/bias'):
                f = v[n].astype('f8')
                f[8:12] += 1
                f[[c for c in range(16) if not 4 <= c < 8]] *= 1.2
                f[8:12] -= 1
                v[n] = f.astype('f4')
            elif 'gates' in n:
                v[n] *= np.float32(1.2)
        np.savez(sys.argv[1], **v)
        """;

    private static string Golden => GoldenOf("2.2.4");

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

    /// <summary>TensorFlow.js has Keras 2's function: of its gates nothing is multiplied, those of Keras 3 are by 1/1.2.</summary>
    [Theory]
    [InlineData("2.2.4", "hard_sigmoid", false)]
    [InlineData("3.15.1", "hard_sigmoid3", true)]
    public async Task Gates_of_either_function_predict_in_TensorFlow_js_what_the_Keras_that_has_them_recorded(
        string version,
        string gates,
        bool isRescaled)
    {
        var (variables, path) = (await Variables(version), Path.Combine(folder, "browser"));
        if (isRescaled)
        {
            // The way back takes the factor out: put in again, the variables are those of gates by x/6 + 0.5.
            Hdf5WriterTests.Python(variables, Stretch);
        }

        var made = await Product.RunAsync("tf2keras", variables, "--recurrent-activation", gates, "--to", "tfjs", "-o", path);
        Assert.True(made.Code == 0, made.Error);
        Assert.Equal(isRescaled, made.Error.Contains("multiplied by 1/1.2", StringComparison.Ordinal));
        var io = NumberArray.ReadNpz(Path.Combine(GoldenOf(version), "io.npz"));
        var theirs = await node.PredictAsync(path, [NumericArray.From(io["x"].Values, Precision.Double, io["x"].Shape)]);
        var differences = theirs[0].ToDoubles().Zip(io["outputs"].Values, (one, other) => Math.Abs(one - other));
        Assert.InRange(differences.Max(), 0, 1e-5);
        var verified = await Product.RunAsync("verify", variables, path, "--recurrent-activation", gates);
        Assert.True(verified.Code == 0, verified.Output + verified.Error);
        Assert.Equal(1, (await Product.RunAsync("verify", variables, path)).Code);
    }

    [Fact]
    public void A_plan_for_Keras_is_not_written_for_TensorFlow_js()
    {
        var cell = Path.Combine(folder, "lstm_cell");
        Directory.CreateDirectory(cell);
        Hdf5WriterTests.Python(cell, "import sys, numpy as np; np.save(sys.argv[1] + '/kernel.npy', np.ones((5, 8), 'f4')); np.save(sys.argv[1] + '/bias.npy', np.ones(8, 'f4'))");
        using var source = RecurrentSource.Open(
            [folder],
            new SourceOptions(),
            new RecognitionOptions { Facts = [new SaidFact(null, "recurrent_activation", "hard_sigmoid")] });
        var refused = Assert.Throws<UsageException>(() =>
            source.Plan(new ConversionOptions { IsWhole = true })
                .Write(Path.Combine(folder, "out"), new WriteOptions { Target = KerasTarget.Find("tfjs") }, CancellationToken.None));
        Assert.Contains("Plan it for what is written", refused.Message, StringComparison.Ordinal);
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

    private static string GoldenOf(string version) => Path.Combine(Shared.Goldens, $"keras-{version}", "hard-sigmoid");

    private async Task<string> Variables(string version = "2.2.4")
    {
        var path = Path.Combine(folder, "variables.npz");
        Assert.Equal(0, (await Product.RunAsync("keras2tf", Path.Combine(GoldenOf(version), "model.h5"), "-o", path)).Code);
        Hdf5WriterTests.Python(path, Rename);
        return path;
    }
}
