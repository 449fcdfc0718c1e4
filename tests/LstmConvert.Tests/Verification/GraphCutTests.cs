using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Tests.Outcomes;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Verification;

/// <summary>Whole programs of TensorFlow 1 against whole Keras models, from what the program is given to what it computes, as the graph
/// itself does it.</summary>
public sealed class GraphCutTests : IDisposable
{
    private const string ByGraph = "same, as your own graph computes it";

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>The outputs under the names that the recording program wrote down.</summary>
    [Theory]
    [InlineData("program-char-rnn", "probs", ".keras")]
    [InlineData("program-ptb", "Valid/Model/add", ".keras")]
    [InlineData("program-big-model", "probabilities", ".keras")]
    [InlineData("program-bilstm-crf", "proj/Reshape_1", ".keras")]
    [InlineData("program-seq2seq", "decoder/decoder/transpose", ".keras")]
    [InlineData("embedding-wrapper", "rnn/transpose_1", ".keras")]
    [InlineData("input-projection-wrapper", "rnn/transpose_1", ".keras")]
    [InlineData("output-projection-wrapper", "rnn/transpose_1:0", ".keras")]
    [InlineData("lstm", "rnn/transpose_1", ".h5")]
    public void A_whole_model_is_proved_between_named_tensors(string name, string to, string extension)
    {
        var report = Verify(name, extension, new GraphCut([], [to]));

        Assert.Equal(ByGraph, report.Sentence);
        Assert.Equal(2, report.Outputs.Count);
        Assert.All(report.Outputs, output => Assert.True(output.Difference.MaxAbs < 2e-6));
        Assert.Empty(report.Assumed);
    }

    /// <summary>Recognition finds where the program is fed and what it computes; nobody names a tensor.</summary>
    [Theory]
    [InlineData("program-char-rnn")]
    [InlineData("program-ptb")]
    [InlineData("program-bilstm-crf")]
    [InlineData("program-seq2seq")]
    [InlineData("embedding-wrapper")]
    public void A_whole_model_is_proved_without_being_asked(string name)
    {
        var report = Verify(name, ".keras", null);

        Assert.Equal(ByGraph, report.Sentence);
        Assert.NotEmpty(report.Outputs);
    }

    /// <summary>Facts that only the cells share: what is not told from the weights is told from the outputs.</summary>
    [Theory]
    [InlineData("forget_bias", "0")]
    [InlineData("activation", "relu")]
    public void A_model_with_a_wrong_fact_is_different(string fact, string value)
    {
        var report = Verify(
            "program-bilstm-crf",
            ".keras",
            new GraphCut(["ids"], ["proj/Reshape_1"]),
            new RecognitionOptions { Facts = [new SaidFact(null, fact, value)] });

        Assert.Equal(Verdict.Different, report.Verdict);
        Assert.Contains("proj/Reshape_1 in float64 differs by", report.Reasons[0], StringComparison.Ordinal);
    }

    /// <summary>No cell of the source is known: its graph is all that speaks of it.</summary>
    [Fact]
    public void A_cell_that_nobody_knows_is_compared()
    {
        var file = Converted("gru", ".h5", new RecognitionOptions());
        using var source = RecurrentSource.Open(
            [Path.Combine(Shared.Goldens, "tf1", "gru", "model.ckpt")],
            new SourceOptions(),
            new RecognitionOptions { Exclude = ["*"] });
        Assert.Empty(source.Model.Layers);

        var report = Verifier.Run(source, file, new VerificationOptions { Cut = new GraphCut(["x"], ["rnn/transpose_1"]) });

        Assert.Equal(ByGraph, report.Sentence);
    }

    [Fact]
    public void Tensors_that_are_not_there_are_refused_by_name()
    {
        var refusal = Assert.Throws<UsageException>(() => Verify("lstm", ".h5", new GraphCut(["x"], ["no/such"])));

        Assert.Contains("has no tensor no/such", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_outputs_for_one_are_refused()
    {
        var refusal = Assert.Throws<UsageException>(() =>
            Verify("lstm", ".h5", new GraphCut(["x"], ["rnn/transpose_1", "rnn/transpose_1"])));

        Assert.Contains("1 output", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_without_a_model_are_refused()
    {
        var file = Path.Combine(folder, "w.npz");
        File.Copy(Path.Combine(Shared.Goldens, "tf1", "lstm", "io.npz"), file);
        using var source = RecurrentSource.Open(Path.Combine(Shared.Goldens, "tf1", "lstm", "model.ckpt"));

        Assert.ThrowsAny<LstmConvertException>(() =>
            Verifier.Run(source, file, new VerificationOptions { Cut = new GraphCut(["x"], ["rnn/transpose_1"]) }));
    }

    private VerificationReport Verify(string name, string extension, GraphCut? cut, RecognitionOptions? options = null)
    {
        var file = Converted(name, extension, options ?? new RecognitionOptions());
        using var source = RecurrentSource.Open(
            [Path.Combine(Shared.Goldens, "tf1", name, "model.ckpt")],
            new SourceOptions(),
            options ?? new RecognitionOptions());
        return Verifier.Run(source, file, new VerificationOptions { Cut = cut });
    }

    private string Converted(string name, string extension, RecognitionOptions options)
    {
        var file = Path.Combine(folder, name + extension);
        using var source = RecurrentSource.Open([Path.Combine(Shared.Goldens, "tf1", name, "model.ckpt")], new SourceOptions(), options);
        source
            .Plan(new ConversionOptions { IsWhole = extension == ".keras" })
            .Write(file, new WriteOptions { Target = KerasTarget.ByName(file) }, TestContext.Current.CancellationToken);
        return file;
    }
}
