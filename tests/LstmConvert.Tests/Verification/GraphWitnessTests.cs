using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.Recognition;
using LstmConvert.Tests.Outcomes;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Verification;

/// <summary>The source's own graph, recorded from TensorFlow, as a witness: it bears out what is right, and no wrong fact that both cells share passes it.</summary>
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
        Assert.Contains(report.Reasons, reason => reason.Contains("own graph computes something else", StringComparison.Ordinal) && reason.Contains(report.Graph.Refuted.Layer.Scope, StringComparison.Ordinal));
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
        var e = Assert.Throws<UsageException>(() => Verify("tf1/gru", new RecognitionOptions(), new VerificationOptions { GraphFeeds = new Dictionary<string, double> { ["keep"] = 1 } }));

        Assert.Contains("has no tensor keep", e.Message, StringComparison.Ordinal);
    }

    private static VerificationReport Verify(string golden, RecognitionOptions options, VerificationOptions? verification = null)
    {
        var target = Directory.CreateTempSubdirectory("lstmconvert-witness-");
        try
        {
            using var source = RecurrentSource.Open([new GoldenCase(Path.Combine(Shared.Bundled, golden)).Own], new SourceOptions(), options);
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
