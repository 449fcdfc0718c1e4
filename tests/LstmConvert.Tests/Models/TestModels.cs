using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.Tests.Models;

/// <summary>Models with random weights, large enough for a wrong edge to show, and random inputs for them.</summary>
internal sealed class TestModels(int seed)
{
    private readonly Random random = new(seed);

    /// <summary>The models by name; each is printed, written and run.</summary>
    public static IReadOnlyDictionary<string, Func<TestModels, Model>> All { get; } =
        new Dictionary<string, Func<TestModels, Model>>(StringComparer.Ordinal)
        {
            ["chain with projection"] = make =>
                Chain(4, [("lstm_0", make.With(Lstm.Layer(5), 4)), ("lstm_0_projection", make.With(Dense.Layer(3, useBias: false), 5)),
            ("lstm_1", make.With(Lstm.Layer(4, "softsign"), 3))]),
            ["gru, both flavours"] = make =>
                Chain(3, [("before", make.With(Gru.Layer(4, resetAfter: false), 3)),
            ("after", make.With(Gru.Layer(3, resetAfter: true, "elu"), 4)), ("rnn", make.With(SimpleRnn.Layer(2, "relu"), 3))]),
            ["bidirectional, merged"] = make =>
                Chain(3, [("level_0", make.With(Bidirectional.Merge(Lstm.Layer(4), Lstm.Layer(4)), 3)),
            ("level_1", make.With(Bidirectional.Merge(Gru.Layer(2, true), Gru.Layer(2, true), "sum"), 8))]),
            ["bidirectional, two layers"] = TwoLayers,
            ["bidirectional, two outputs"] = make =>
                ModelOrder.Of(
                [new("x", 3)], [new("both", make.With(Bidirectional.Merge(SimpleRnn.Layer(3), SimpleRnn.Layer(3), null), 3), [new("x")])],
                [new("both"), new("both") { Output = 1 }]),
            ["residual"] = make => ModelOrder.Of([new("x", 4)],
                [new("a", make.With(Lstm.Layer(4), 4), [new("x")]), new("sum_a", AddLayer.Layer(), [new("a"), new("x")]),
                new("b", make.With(Gru.Layer(4, false), 4), [new("sum_a")]), new("sum_b", AddLayer.Layer(), [new("sum_a"), new("b")])],
                [new("sum_b")]),
            ["masks"] = Masks,
            ["lone backward layer"] = make => ModelOrder.Of([new("x", 3)],
                [new("back", make.With(Lstm.Layer(4).Backward(), 3), [new("x")]), new("turned", ReverseTime.Layer(), [new("back")]),
                new("next", make.With(Gru.Layer(2, true), 4), [new("turned")])], [new("turned"), new("next")]),
            ["states handed on"] = make => ModelOrder.Of([new("source", 3), new("target", 2)],
                [new("encoder", make.With(Lstm.Layer(4), 3), [new("source")]),
                new("decoder", make.With(Lstm.Layer(4), 2), [new("target")]) { InitialStates = [new("encoder", 0), new("encoder", 1)] }],
                [new("decoder"), new("decoder", 1), new("encoder", 0)]),
            ["states as inputs"] = make => ModelOrder.Of([new("x", 3), new("h0", 4) { HasTime = false }, new("c0", 4) { HasTime = false }],
                [new("lstm", make.With(Lstm.Layer(4), 3), [new("x")]) { InitialStates = [new("h0"), new("c0")] }],
                    [new("lstm"), new("lstm", 0), new("lstm", 1)]),
            ["shared layer"] = Shared,
            ["nested"] = Nested,
            ["stacked cells"] = make =>
                Chain(3, [("rnn", make.With(Stacked(), 3)), ("head", make.With(TimeDistributed.Of(Dense.Layer(2, "tanh")), 2))]),
            ["no biases, other gates"] = make =>
                Chain(
                    3,
                    [
                        ("lstm", make.With(Lstm.Layer(4, "tanh", "hard_sigmoid3").With("use_bias", FactValue.Of(false)), 3)),
                        ("gru", make.With(Gru.Layer(2, true).With("use_bias", FactValue.Of(false)), 4)),
                    ]),
            ["a cell of ours"] = make =>
                Chain(
                    3,
                    [
                        (
                            "peepholes",
                            make.With(
                                Ours(
                                    4,
                                    ("num_proj", Number(3)),
                                    ("use_peepholes", True),
                                    ("cell_clip", Number(0.7)),
                                    ("proj_clip", Number(0.4))),
                                3)),
                        ("both", make.With(Bidirectional.Merge(Ours(3, ("use_peepholes", True)), Ours(3, ("use_peepholes", True))), 3)),
                        (
                            "each",
                            make.With(
                                Ours(
                                    4,
                                    ("use_bias", FactValue.Of(false)),
                                    ("normalize_gates", FactValue.Of("each")),
                                    ("normalize_state", FactValue.Of("carried"))),
                                6)),
                    ]),
            ["a cell of ours, normalised"] = make =>
                Chain(
                    3,
                    [
                        (
                            "sum",
                            make.With(
                                Ours(
                                    4,
                                    ("normalize_gates", FactValue.Of("sum")),
                                    ("normalize_state", FactValue.Of("output")),
                                    ("epsilon", Number(1e-3))),
                                3)),
                        (
                            "products",
                            make.With(
                                Ours(
                                    3,
                                    ("activation", FactValue.Of("softsign")),
                                    ("normalize_gates", FactValue.Of("products")),
                                    ("normalize_state", FactValue.Of("output")),
                                    ("epsilon", Number(1e-5))),
                                4)),
                    ]),
            ["a cell of ours, not an LSTM"] = make =>
                Chain(
                    3,
                    [
                        ("nas", make.With(Around(new KerasUse(NasCell.Definition, Arguments(4, ("num_proj", Number(3))))), 3)),
                        ("cfn", make.With(Around(new KerasUse(CfnCell.Definition, Arguments(4))), 3)),
                        (
                            "same",
                            make.With(
                                Around(
                                    new KerasUse(IntersectionRnnCell.Definition, Arguments(4, ("activation", FactValue.Of("softsign"))))),
                                4)),
                        (
                            "wider",
                            make.With(Around(new KerasUse(IntersectionRnnCell.Definition, Arguments(3, ("project_inputs", True)))), 4)),
                        ("plain", make.With(Around(new KerasUse(NasCell.Definition, Arguments(2, ("use_bias", FactValue.Of(false))))), 3)),
                        (
                            "highway",
                            make.With(Around(new KerasUse(RecurrentHighwayCell.Definition, Arguments(4, ("num_layers", Number(3))))), 2)),
                        (
                            "hyper",
                            make.With(
                                Around(
                                    new KerasUse(
                                        HyperLstmCell.Definition,
                                        Arguments(3, ("hyper_units", Number(2)), ("embedding_size", Number(4))))),
                                4)),
                        (
                            "bare",
                            make.With(
                                Around(
                                    new KerasUse(
                                        HyperLstmCell.Definition,
                                        Arguments(
                                            4,
                                            ("hyper_units", Number(3)),
                                            ("embedding_size", Number(2)),
                                            ("normalize_gates", FactValue.Of(false))))),
                                3)),
                    ]),
            ["a cell of ours, plain or phased"] = make =>
                Chain(
                    4,
                    [
                        (
                            "leaks",
                            make.With(
                                Around(
                                    new KerasUse(
                                        ExtendedSimpleRnnCell.Definition,
                                        Arguments(4, ("leaky", Number(0.7)), ("activation", FactValue.Of("softsign"))))),
                                4)),
                        (
                            "norm",
                            make.With(
                                Around(
                                    new KerasUse(
                                        ExtendedSimpleRnnCell.Definition,
                                        Arguments(5, ("use_bias", FactValue.Of(false)), ("normalize", True), ("epsilon", Number(1e-3))))),
                                4)),
                        (
                            "both",
                            make.With(
                                Around(
                                    new KerasUse(
                                        ExtendedSimpleRnnCell.Definition,
                                        Arguments(4, ("leaky", Number(0.5)), ("normalize", True)))),
                                5)),
                        ("phased", make.With(Around(new KerasUse(PhasedLstmCell.Definition, Arguments(3, ("leak", Number(0.2))))), 4)),
                        ("peeps", make.With(Around(new KerasUse(PhasedLstmCell.Definition, Arguments(4, ("use_peepholes", True)))), 3)),
                        (
                            "sonnet",
                            make.With(
                                Ours(
                                    4,
                                    ("use_peepholes", True),
                                    ("output_peephole", FactValue.Of("state")),
                                    ("cell_clip", Number(0.3)),
                                    ("proj_clip", Number(0.2)),
                                    ("clip_incoming", True)),
                                4)),
                        (
                            "matrices",
                            make.With(Ours(3, ("use_peepholes", True), ("full_peepholes", True), ("cell_clip", Number(0.4))), 4)),
                        (
                            "onnx",
                            make.With(
                                Ours(
                                    3,
                                    ("use_peepholes", True),
                                    ("gate_clip", Number(0.25)),
                                    ("output_activation", FactValue.Of("softsign"))),
                                3)),
                    ]),
            ["a cell of ours, over windows"] = make =>
                Chain(
                    6,
                    [
                        (
                            "grid",
                            make.With(
                                Around(
                                    new KerasUse(
                                        GridLstmCell.Definition,
                                        Arguments(
                                            2,
                                            ("feature_size", Number(2)),
                                            ("frequency_skip", Number(2)),
                                            ("num_windows", Number(3)),
                                            ("reverse_windows", True),
                                            ("use_peepholes", True),
                                            ("cell_clip", Number(0.3))))),
                                6)),
                        (
                            "shared",
                            make.With(
                                Around(
                                    new KerasUse(
                                        GridLstmCell.Definition,
                                        Arguments(
                                            3,
                                            ("feature_size", Number(4)),
                                            ("frequency_skip", Number(3)),
                                            ("num_windows", Number(2)),
                                            ("first_feature", Number(1)),
                                            ("share_weights", True),
                                            ("couple_gates", True)))),
                                12)),
                        (
                            "time",
                            make.With(
                                Around(
                                    new KerasUse(
                                        TimeFrequencyLstmCell.Definition,
                                        Arguments(
                                            2,
                                            ("feature_size", Number(3)),
                                            ("frequency_skip", Number(2)),
                                            ("num_windows", Number(4)),
                                            ("use_peepholes", True),
                                            ("cell_clip", Number(0.2))))),
                                12)),
                        ("depth", make.With(Around(new KerasUse(DepthLstmCell.Definition, Arguments(3))), 8)),
                        (
                            "alone",
                            make.With(Around(new KerasUse(DepthLstmCell.Definition, Arguments(8, ("walks_time", FactValue.Of(false))))), 3)
                        ),
                        (
                            "attends",
                            make.With(
                                Around(
                                    new KerasUse(
                                        AttentionLstmCell.Definition,
                                        Arguments(
                                            3,
                                            ("input_size", Number(5)),
                                            ("attention_size", Number(8)),
                                            ("score_size", Number(2)),
                                            ("attention_length", Number(3))))),
                                8)),
                        (
                            "plain",
                            make.With(
                                Around(
                                    new KerasUse(
                                        TimeFrequencyLstmCell.Definition,
                                        Arguments(3, ("feature_size", Number(2)), ("frequency_skip", Number(3)), ("num_windows", Number(3)))
                                    )),
                                8)),
                    ]),
            ["a name with quotes"] = make => Chain(2, [("a\"b'c", make.With(Lstm.Layer(3), 2))]),
        };

    private static FactValue True => FactValue.Of(true);

    private static FactValue Number(double value) => FactValue.Of(value);

    /// <summary>RNN around our LSTM, with the logistic function in its gates.</summary>
    private static KerasUse Ours(int units, params (string Name, FactValue Value)[] arguments) =>
        Around(
            new KerasUse(ExtendedLstmCell.Definition, Arguments(units, [.. arguments, ("recurrent_activation", FactValue.Of("sigmoid"))])));

    private static KerasUse Around(KerasUse cell) =>
        new KerasUse(Rnn.Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal)) { Inner = [cell] }.ReturningSequences();

    private static Dictionary<string, FactValue> Arguments(int units, params (string Name, FactValue Value)[] arguments) =>
        arguments.Append(("units", Number(units))).ToDictionary(one => one.Item1, one => one.Item2, StringComparer.Ordinal);

    /// <summary>A layer with random weights.</summary>
    public KerasUse With(KerasUse use, int inputSize) =>
        use with { Weights = [.. use.WeightDefinitions.Select(weight => Random(0.6, [.. weight.Dimensions(inputSize)]))] };

    /// <summary>An input for each input of a model: three rows, six steps.</summary>
    public IReadOnlyDictionary<string, Value> Inputs(Model model) =>
        model.Inputs.ToDictionary(
            input => input.Name, input =>
            new Value(input.HasTime ? Random(1, 3, 6, input.Width ?? 1) : Random(1, 3, input.Width ?? 1)), StringComparer.Ordinal);

    private static Model Chain(int width, IReadOnlyList<(string Name, KerasUse Layer)> layers) => ModelOrder.Of(
        [new("x", width)], [.. layers.Select((layer, k) => new Call(layer.Name, layer.Layer, [new(k == 0 ? "x" : layers[k - 1].Name)]))],
            [new(layers[^1].Name)]);

    private static Model TwoLayers(TestModels make) => ModelOrder.Of(
        [new("x", 3)],
        [
            new("forward", make.With(Lstm.Layer(4), 3), [new("x")]),
            new("backward", make.With(Lstm.Layer(5).Backward(), 3), [new("x")]),
            new("turned", ReverseTime.Layer(), [new("backward")]),
            new("both", Concatenate.Layer(), [new("forward"), new("turned")]),
            new("next", make.With(SimpleRnn.Layer(3), 9), [new("both")]),
        ],
        [new("next")]);

    private static Model Masks(TestModels make) => ModelOrder.Of(
        [new("x", 3)],
        [
            new("mask", Masking.Layer(), [new("x")]),
            new("forward", make.With(Lstm.Layer(3), 3), [new("mask")]),
            new("backward", make.With(Lstm.Layer(3).Backward(), 3), [new("mask")]),
            new("turned", ReverseTime.Layer(), [new("backward")]),
            new("both", Concatenate.Layer(), [new("forward"), new("turned")]),
            new("back_again", make.With(Gru.Layer(2, true).Backward(), 6), [new("both")]),
            new("turned_again", ReverseTime.Layer(), [new("back_again")]),
            new("merged", make.With(Bidirectional.Merge(Gru.Layer(2, false), Gru.Layer(2, false)), 2), [new("turned_again")]),
        ],
        [new("both"), new("turned_again"), new("merged"), new("forward", 1), new("backward", 0)]);

    private static Model Shared(TestModels make)
    {
        var shared = make.With(Gru.Layer(3, true), 3);
        return ModelOrder.Of(
            [new("left", 3), new("right", 3)],
            [
                new("tower", shared, [new("left")]),
                new("tower:1", shared, [new("right")]) { InitialStates = [new("tower", 0)] },
                new("both", AddLayer.Layer(), [new("tower"), new("tower:1")]),
            ],
            [new("both"), new("tower:1", 0)]);
    }

    private static Model Nested(TestModels make)
    {
        var inner = ModelOrder.Of(
            [new("inner_x", 3)],
                [new("inner_lstm", make.With(Lstm.Layer(4), 3), [new("inner_x")]),
                new("inner_gru", make.With(Gru.Layer(3, true), 4), [new("inner_lstm")])], [new("inner_gru"), new("inner_lstm")]);
        return ModelOrder.Of(
            [new("x", 3)],
            [new("block", new NestedModel("Functional", inner), [new("x")]), new("next", make.With(SimpleRnn.Layer(2), 3), [new("block")])],
            [new("next"), new("block") { Output = 1 }]);
    }

    private static KerasUse Stacked()
    {
        static KerasUse Cell(KerasLayer cell, KerasUse layer) => new(cell, layer.Arguments);
        var stack = new KerasUse(StackedRnnCells.Definition, new Dictionary<string, LstmConvert.Facts.FactValue>())
        {
            Inner = [Cell(LstmCell.Definition, Lstm.Layer(4)), Cell(GruCell.Definition, Gru.Layer(3, false)),
                Cell(SimpleRnnCell.Definition, SimpleRnn.Layer(2))],
        };
        return (new KerasUse(Rnn.Definition, new Dictionary<string, LstmConvert.Facts.FactValue>()) { Inner = [stack] })
            .ReturningSequences();
    }

    private NumericArray Random(double scale, params ReadOnlySpan<int> dimensions)
    {
        var count = 1;
        foreach (var length in dimensions)
        {
            count *= length;
        }

        // float32 numbers, so that what is written is what is here.
        var values = new double[count];
        for (var k = 0; k < count; k++)
        {
            values[k] = (float)(scale * ((2 * random.NextDouble()) - 1) * Math.Sqrt(3));
        }

        return NumericArray.From(values, Precision.Double, dimensions);
    }
}
