using Google.Protobuf;
using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.Recognition;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tests.Outcomes;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Verification;

/// <summary>The source's own graph, recorded from TensorFlow, as a witness: it bears out what is right, and no wrong fact that both cells
/// share passes it.</summary>
public sealed class GraphWitnessTests
{
    private const string ByGraph = "as your own graph computes it";

    [Theory]
    [InlineData("tf1/basic-rnn")]
    [InlineData("tf1/gru-seqlen")]
    [InlineData("tf1/lstm-proj")]
    [InlineData("tf1/bidirectional")]
    [InlineData("tf1/bidirectional-multi")]
    [InlineData("tf1/stack-bidirectional")]
    [InlineData("tf1/block-lstm-v2")]
    [InlineData("tf-old/1.0.1-stack-bidirectional")]
    [InlineData("tf-old/1.3.0-multi-lstm-2")]
    [InlineData("saved-models/tf-2.15.1-lstm")]
    public void A_right_conversion_is_the_same_as_the_graph_computes_it(string golden)
    {
        var report = Verify(golden, new RecognitionOptions());

        Assert.Equal(Verdict.Same, report.Verdict);
        Assert.StartsWith($"same, {ByGraph}", report.Sentence, StringComparison.Ordinal);
        Assert.All(report.Graph!.Layers, layer => Assert.True(layer.Float64[0].Difference.MaxAbs < 1e-6, layer.Layer.Scope));
    }

    /// <summary>A layer that reads two inputs of the program beside each other is fed both; beside each other the other way round it
    /// computes something else.</summary>
    [Theory]
    [InlineData("tf-2.1.4-two-inputs", false)]
    [InlineData("tf-2.4.4-two-inputs", false)]
    [InlineData("tf-2.15.1-two-inputs", false)]
    [InlineData("tf-2.1.4-two-inputs", true)]
    [InlineData("tf-2.4.4-two-inputs", true)]
    [InlineData("tf-2.15.1-two-inputs", true)]
    public void Two_inputs_that_a_configuration_joins_are_fed_where_the_graph_joins_them(string golden, bool isExchanged)
    {
        var folder = Directory.CreateTempSubdirectory("lstmconvert-witness-").FullName;
        try
        {
            var own = Path.Combine(Shared.Goldens, "saved-models", golden, "saved_model");
            foreach (var file in Directory.GetFiles(own, "*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(folder, Path.GetRelativePath(own, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.WriteAllBytes(copy, File.ReadAllBytes(file));
            }

            if (isExchanged)
            {
                var path = Path.Combine(folder, "saved_model.pb");
                var model = SavedModel.Parser.ParseFrom(File.ReadAllBytes(path));
                foreach (
                    var join in model
                        .MetaGraphs[0]
                        .GraphDef.Library.Function.SelectMany(function => function.NodeDef)
                        .Where(node => node.Op == "ConcatV2" && node.Input[0].Contains("embedding", StringComparison.Ordinal)))
                {
                    (join.Input[0], join.Input[1]) = (join.Input[1], join.Input[0]);
                }

                File.WriteAllBytes(path, model.ToByteArray());
            }

            var report = VerifyFile(folder, new RecognitionOptions());
            Assert.Equal(isExchanged ? Verdict.Different : Verdict.Same, report.Verdict);
            Assert.Equal(!isExchanged, report.IsConfirmedByGraph);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Both cells have the wrong fact, and agree; the graph has it not.</summary>
    [Theory]
    [InlineData("tf-old/1.3.0-multi-lstm-2", "forget_bias", "0")]
    [InlineData("tf-old/1.3.0-multi-lstm-2", "activation", "relu")]
    [InlineData("tf1/bidirectional", "forget_bias", "2")]
    [InlineData("tf1/gru", "activation", "relu")]
    [InlineData("tf1/basic-rnn", "activation", "sigmoid")]
    [InlineData("tf1/gru", "direction", "backward")]
    [InlineData("tf1/basic-rnn", "direction", "backward")]
    public void A_wrong_fact_that_both_cells_share_is_different(string golden, string fact, string value)
    {
        var report = Verify(golden, new RecognitionOptions { Facts = [new SaidFact(null, fact, value)] });

        Assert.All(report.Layers, layer => Assert.True(layer.IsSame));
        Assert.Equal(Verdict.Different, report.Verdict);
        Assert.NotNull(report.Graph!.Refuted);
        Assert.Contains(report.Reasons, reason =>
            reason.Contains("own graph computes something else", StringComparison.Ordinal)
            && reason.Contains(report.Graph.Refuted.Layer.Scope, StringComparison.Ordinal));
    }

    /// <summary>The value that the graph has is named, of the first layer that has another.</summary>
    [Theory]
    [InlineData("tf-old/1.3.0-multi-lstm-2", "forget_bias", "0", "forget_bias = 0.7 (")]
    [InlineData("tf-old/1.3.0-multi-lstm-2", "forget_bias", "0.3", "forget_bias = 0.7 (")]
    [InlineData("tf-old/1.3.0-multi-lstm-2", "activation", "relu", "activation = tanh (")]
    [InlineData("tf1/bidirectional", "forget_bias", "2", "forget_bias = 1 (")]
    [InlineData("tf1/gru", "activation", "relu", "activation = tanh.")]
    [InlineData("tf1/basic-rnn", "activation", "sigmoid", "activation = tanh.")]
    [InlineData("tf1/gru", "direction", "backward", "direction = forward.")]
    [InlineData("tf1/basic-rnn", "direction", "backward", "direction = forward.")]
    public void The_fact_that_is_wrong_is_named(string golden, string fact, string value, string cause)
    {
        var report = Verify(golden, new RecognitionOptions { Facts = [new SaidFact(null, fact, value)] });

        Assert.Contains(report.Reasons, reason => reason.Contains($"Both are the same with {cause}", StringComparison.Ordinal));
        Assert.Equal(WitnessState.Contradicts, report.Witnesses[0].State);
    }

    /// <summary>A graph that says nothing is said, with the reason.</summary>
    /// <summary>Steps that are watched one by one do not show a residual, a sample may not reach a limit; the graph has them all the
    /// same.</summary>
    [Theory]
    [InlineData("multi-residual-dropout", "residual", "no", "residual = yes (rnn/while/rnn/multi_rnn_cell/cell_1/add)")]
    [InlineData("lstm-proj-peephole-clips", "proj_clip", "none", "proj_clip = 0.3 (")]
    public void A_fact_that_the_graph_has_otherwise_is_different_though_no_sample_shows_it(
        string golden,
        string fact,
        string value,
        string other)
    {
        var report = VerifyFile(
            new GoldenCase(Path.Combine(Shared.Goldens, "tf1", golden)).Own,
            new RecognitionOptions { Facts = [new SaidFact(null, fact, value)] });

        Assert.Equal(Verdict.Different, report.Verdict);
        Assert.Contains(report.Reasons, reason => reason.Contains($"own graph has {other}", StringComparison.Ordinal));
    }

    /// <summary>Limits that clip, of states and of projected outputs; the value is found by halving the interval.</summary>
    [Theory]
    [InlineData("lstm-cellclip-acting", "cell_clip", "none")]
    [InlineData("lstm-cellclip-acting", "cell_clip", "9")]
    [InlineData("lstm-proj-peephole-clips", "cell_clip", "none")]
    public void A_limit_that_is_wrong_is_found(string golden, string fact, string value)
    {
        var folder = Path.Combine(Shared.Goldens, "tf1", golden);
        using var document = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
        var limit = document.RootElement.GetProperty("layers")[0].GetProperty(fact).GetDouble();

        var report = VerifyFile(new GoldenCase(folder).Own, new RecognitionOptions { Facts = [new SaidFact(null, fact, value)] });

        Assert.Equal(Verdict.Different, report.Verdict);
        Assert.Contains(report.Reasons, reason =>
            reason.Contains(
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Both are the same with {fact} = {limit:g6}"),
                StringComparison.Ordinal));
    }

    [Fact]
    public void A_graph_that_does_not_testify_is_said()
    {
        // The tool that renamed these variables wrote a graph without the program.
        var program = Path.Combine(Shared.Goldens, "tf-old", "1.15.0-checkpoint-convert-1.0.1-multi-gru-2");
        var report = VerifyFile(new GoldenCase(program).Own, new RecognitionOptions());

        Assert.Equal(Verdict.Same, report.Verdict);
        Assert.EndsWith("; your own graph does not testify", report.Sentence, StringComparison.Ordinal);
        Assert.Contains("none of the layers was found", report.Witnesses[0].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_graph_there_is_none_to_ask()
    {
        var report = VerifyFile(Path.Combine(Shared.Goldens, "tf1", "gru", "variables.npz"), new RecognitionOptions());

        Assert.Equal(WitnessState.Absent, report.Witnesses[0].State);
        Assert.DoesNotContain("own graph", report.Sentence, StringComparison.Ordinal);
    }

    /// <summary>Each layer alone computes the same; they feed each other otherwise in the graph.</summary>
    [Fact]
    public void A_wrong_edge_is_different()
    {
        var report = Verify("tf-old/1.3.0-multi-lstm-2", new RecognitionOptions { Wiring = "independent" });

        Assert.All(report.Layers, layer => Assert.True(layer.IsSame));
        Assert.Equal(Verdict.Different, report.Verdict);
    }

    /// <summary>A value that the graph's own input gets is said by its name; one that the graph has not is a mistake.</summary>
    [Fact]
    public void A_value_for_a_tensor_that_the_graph_has_not_is_refused()
    {
        var e = Assert.Throws<UsageException>(() =>
            Verify(
                "tf1/gru",
                new RecognitionOptions(),
                new VerificationOptions { GraphFeeds = new Dictionary<string, double> { ["keep"] = 1 } }));

        Assert.Contains("has no tensor keep", e.Message, StringComparison.Ordinal);
    }

    private static VerificationReport Verify(string golden, RecognitionOptions options, VerificationOptions? verification = null) =>
        VerifyFile(new GoldenCase(Path.Combine(Shared.Bundled, golden)).Own, options, verification);

    private static VerificationReport VerifyFile(string path, RecognitionOptions options, VerificationOptions? verification = null)
    {
        var target = Directory.CreateTempSubdirectory("lstmconvert-witness-");
        try
        {
            using var source = RecurrentSource.Open([path], new SourceOptions(), options);
            var file = Path.Combine(target.FullName, "out.h5");
            source.Plan().Write(file);
            return Verifier.Run(source, file, verification ?? new VerificationOptions());
        }
        finally
        {
            target.Delete(recursive: true);
        }
    }
}
