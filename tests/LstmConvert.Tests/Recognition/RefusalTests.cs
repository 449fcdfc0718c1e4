using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Recognition;

/// <summary>What a strict conversion refuses is said once for all layers of which it is to be said, and typed in as few options.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void What_all_layers_assume_is_said_once()
    {
        var error = Refused("a/rnn/lstm_cell", "b/rnn/lstm_cell", "c/rnn/lstm_cell");
        Assert.StartsWith("Nothing says a/rnn/lstm_cell, b/rnn/lstm_cell, c/rnn/lstm_cell: forget_bias = 1 (", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, error.Message.Split("forget_bias").Length - 1);
        Assert.Equal(
            [("", "forget_bias", "1"), ("", "activation", "tanh"), ("", "cell_clip", "none"), ("", "residual", "no")],
            error.Remedies.Cast<SayFactRemedy>().Select(one => (one.Scope, one.Name, one.Value)));
    }

    [Fact]
    public void What_is_said_of_one_layer_is_not_said_of_all()
    {
        var error = Refused(
            new RecognitionOptions { Facts = [new SaidFact("b/rnn/lstm_cell", "forget_bias", "0")] },
            "a/rnn/lstm_cell",
            "b/rnn/lstm_cell",
            "c/rnn/lstm_cell");
        Assert.Contains("a/rnn/lstm_cell, c/rnn/lstm_cell: forget_bias = 1 (", error.Message, StringComparison.Ordinal);
        Assert.Equal(
            [("a/rnn/lstm_cell", "forget_bias"), ("c/rnn/lstm_cell", "forget_bias"), ("", "activation"), ("", "cell_clip"), ("", "residual")],
            error.Remedies.Cast<SayFactRemedy>().Select(one => (one.Scope, one.Name)));
    }

    [Fact]
    public void Of_thousands_of_layers_some_are_named_and_the_others_counted()
    {
        var error = Refused([.. Enumerable.Range(0, 3_000).Select(k => $"tower_{k}/rnn/lstm_cell")]);
        Assert.Contains("tower_23/rnn/lstm_cell (and 2,976 more layers): forget_bias", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 0, 2_000);
        Assert.Equal(4, error.Remedies.Count);
    }

    [Fact]
    public void Of_thousands_of_questions_some_are_asked_and_the_others_counted()
    {
        var error = Refused(
            new RecognitionOptions(),
            [.. Enumerable.Range(0, 3_000).Select(k => Zeros($"tower_{k}/cudnn_lstm/opaque_kernel", new Shape(1_000)))]);
        Assert.EndsWith("(and 2,976 more questions)", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 0, 10_000);
        Assert.Contains("tower_23/", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("tower_24/", error.Message, StringComparison.Ordinal);
    }

    private static UndecidedException Refused(params string[] scopes) => Refused(new RecognitionOptions(), scopes);

    private static UndecidedException Refused(RecognitionOptions options, params string[] scopes) =>
        Refused(
            options,
            [.. scopes.SelectMany(scope => new[] { Zeros(scope + "/kernel", new Shape(5, 8)), Zeros(scope + "/bias", new Shape(8)) })]);

    private static UndecidedException Refused(RecognitionOptions options, MemoryTensor[] variables)
    {
        using var source = RecurrentSource.Of(new TensorSet("memory", "arrays", variables), graph: null, options with { IsStrict = true });
        return Assert.Throws<UndecidedException>(source.RefuseUndecided);
    }

    private static MemoryTensor Zeros(string name, Shape shape) =>
        new(new TensorInfo(name, DType.Float32, shape), new byte[shape.ElementCount * sizeof(float)]);
}
