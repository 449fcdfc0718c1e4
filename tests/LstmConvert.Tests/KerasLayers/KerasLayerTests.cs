using System.Reflection;
using LstmConvert.Arrays;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tests.KerasFiles;
using LstmConvert.Tests.Models;

namespace LstmConvert.Tests.KerasLayers;

/// <summary>What the definitions of Keras's layers say of them.</summary>
public sealed class KerasLayerTests
{
    private const int InputSize = 3;

    public static TheoryData<string> Recurrent => ["lstm", "gru before", "gru after", "rnn", "bidirectional", "no bias"];

    [Theory]
    [MemberData(nameof(Recurrent))]
    public void Every_wrong_convention_shows_in_the_numbers_and_all_differ_from_each_other(string name)
    {
        var make = new TestModels(11);
        var layer = make.With(Layer(name), InputSize);
        var wrong = layer.Layer.Wrong(layer).ToArray();
        Assert.Equal(wrong.Length, wrong.Select(one => one.Name).Distinct().Count());
        var outputs = wrong.Select(one => Run(make, one.Layer)).Prepend(Run(make, layer)).ToArray();
        for (var a = 0; a < outputs.Length; a++)
        {
            for (var b = 0; b < a; b++)
            {
                // A bias-free GRU resets before or after without a weight that tells; its numbers do.
                Assert.True(KerasGoldenTests.Difference(outputs[a], outputs[b]) > 1e-4,
                    $"{wrong[a - 1].Name} gives what {(b == 0 ? "the right one" : wrong[b - 1].Name)} gives");
            }
        }
    }

    [Theory]
    [InlineData("lstm", 23 + 2 + 1)]
    [InlineData("gru before", 5 + 1 + 1 + 1)]
    [InlineData("gru after", 5 + 1 + 1 + 1)]
    [InlineData("rnn", 2)]
    public void The_wrong_conventions_are_all_there(string name, int count)
    {
        var layer = new TestModels(11).With(Layer(name), InputSize);
        Assert.Equal(count, layer.Layer.Wrong(layer).Count());
    }

    [Fact]
    public void Every_definition_has_its_line_in_the_catalog()
    {
        var definitions = typeof(KerasLayerCatalog).Assembly.GetTypes().Where(type => type.Namespace == typeof(KerasLayerCatalog).Namespace)
            .Select(type => type.GetProperty("Definition", BindingFlags.Public | BindingFlags.Static)?.GetValue(null)).OfType<KerasLayer>()
                .Select(layer => layer.ClassName);
        Assert.Superset(definitions.ToHashSet(), KerasLayerCatalog.All.Select(layer => layer.ClassName).ToHashSet());
        Assert.Equal(KerasLayerCatalog.All.Count, KerasLayerCatalog.All.Select(layer => layer.ClassName).Distinct().Count());
    }

    [Theory]
    [InlineData("LSTM", "lstm")]
    [InlineData("SimpleRNN", "simple_rnn")]
    [InlineData("StackedRNNCells", "stacked_rnn_cells")]
    [InlineData("TimeDistributed", "time_distributed")]
    [InlineData("CuDNNLSTM", "cu_dnnlstm")]
    [InlineData("GRUCell", "gru_cell")]
    public void Names_are_made_as_Keras_makes_them(string className, string name) =>
        Assert.Equal(name, KerasLayerCatalog.Find(className)!.SnakeName);

    [Fact]
    public void Layers_that_differ_in_more_than_the_direction_are_not_merged()
    {
        Assert.True(Bidirectional.CanMerge(Lstm.Layer(3), Lstm.Layer(3)));
        Assert.True(Bidirectional.CanMerge(Lstm.Layer(3), Lstm.Layer(3).Backward()));
        Assert.False(Bidirectional.CanMerge(Lstm.Layer(3), Lstm.Layer(4)));
        Assert.False(Bidirectional.CanMerge(Lstm.Layer(3), Lstm.Layer(3, "relu")));
        Assert.False(Bidirectional.CanMerge(Lstm.Layer(3), Gru.Layer(3, true)));
        Assert.False(Bidirectional.CanMerge(Dense.Layer(3), Dense.Layer(3)));
    }

    [Fact]
    public void A_merged_pair_computes_what_the_two_layers_compute()
    {
        var make = new TestModels(5);
        var (forward, backward) = (make.With(Gru.Layer(4, true), 3), make.With(Gru.Layer(4, true), 3));
        var two = ModelOrder.Of(
            [new("x", 3)],
            [new("fw", forward, [new("x")]), new("bw", backward.Backward(), [new("x")]), new("turned", ReverseTime.Layer(), [new("bw")]),
                new("both", Concatenate.Layer(), [new("fw"), new("turned")])],
            [new("both"), new("fw", 0), new("bw", 0)]);
        var one = ModelOrder.Of(
            [new("x", 3)], [new("both", Bidirectional.Merge(forward, backward), [new("x")])],
            [new("both"), new("both", 0), new("both", 1)]);
        var inputs = make.Inputs(two);
        Assert.All(
            ModelWalker.Run(two, inputs, Precision.Double).Zip(ModelWalker.Run(one, inputs, Precision.Double)),
            pair => Assert.Equal(pair.First.Data.ToDoubles(), pair.Second.Data.ToDoubles()));
    }

    [Fact]
    public void A_value_that_cannot_be_honoured_is_refused_by_name()
    {
        var make = new TestModels(5);
        var layer = make.With(Lstm.Layer(2), 3).With("time_major", LstmConvert.Facts.FactValue.Of(true));
        Assert.Contains(
            "time_major=yes", Assert.Throws<UnsupportedModelException>(() => Run(make, layer)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "activation=mystery", Assert.Throws<UnsupportedModelException>(() => Run(make, make.With(Lstm.Layer(2, "mystery"), 3))).Message,
            StringComparison.Ordinal);
    }

    private static KerasUse Layer(string name) => name switch
    {
        "lstm" => Lstm.Layer(4),
        "gru before" => Gru.Layer(4, resetAfter: false),
        "gru after" => Gru.Layer(4, resetAfter: true),
        "rnn" => SimpleRnn.Layer(4),
        "bidirectional" => Bidirectional.Merge(Gru.Layer(3, true), Gru.Layer(3, true)),
        _ => Lstm.Layer(4).With("use_bias", LstmConvert.Facts.FactValue.Of(false)),
    };

    private static NumericArray Run(TestModels make, KerasUse layer)
    {
        var model = ModelOrder.Of([new("x", InputSize)], [new("layer", layer, [new("x")])], [new("layer")]);
        return ModelWalker.Run(model, new TestModels(99).Inputs(model), Precision.Double)[0].Data;
    }
}
