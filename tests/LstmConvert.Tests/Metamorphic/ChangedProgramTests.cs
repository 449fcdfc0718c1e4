using Google.Protobuf;
using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.Recognition;
using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Tests.Metamorphic;

/// <summary>Recorded programs with one node changed, each a program that was once taken for the unchanged one without a word.</summary>
public sealed class ChangedProgramTests
{
    private const string Loop = "rnn/while/";

    [Fact]
    public void A_state_that_is_blended_with_the_one_before_is_no_plain_cells()
    {
        Assert.Contains("its state h is changed between two steps", Refusal("gru-seqlen", graph =>
        {
            var next = Node(graph, Loop + "NextIteration_3");
            var half = graph.Constant(Loop + "half", next.Input[0], [0.5f]);
            var old = graph.Add("Mul", "z", Loop + "old", [Loop + "Identity_3", half]);
            next.Input[0] = graph.Add("Add", "z", Loop + "blend", [graph.Add("Mul", "z", Loop + "new", [next.Input[0], half]), old]);
        }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("* 2")]
    [InlineData("+ 0.3")]
    [InlineData("Neg")]
    public void A_state_that_is_computed_with_where_a_step_reads_it_is_no_plain_cells(string what)
    {
        Assert.Contains("is changed between two steps", Refusal("lstm", graph =>
            {
                var (reader, at) = (Node(graph, Loop + "Identity_4"), Loop + "Switch_4:1");
                reader.Input[0] =
                    what == "Neg"
                        ? graph.Add("Neg", "y", Loop + "changed", [at])
                        : graph.Add(
                            what[0] == '*' ? "Mul" : "Add",
                            "z",
                            Loop + "changed",
                            [at, graph.Constant(Loop + "number", at, [what == "* 2" ? 2 : 0.3f])]);
            }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_product_that_reads_itself_is_no_endless_loop()
    {
        Assert.NotEmpty(Refusal("lstm", graph =>
        {
            var product = Node(graph, Loop + "lstm_cell/mul_1");
            product.Input[1] = product.Name;
        }));
    }

    [Fact]
    public void A_value_from_within_a_step_that_the_loop_keeps_is_told()
    {
        const string Cell = Loop + "rnn/intersection_rnn_cell/intersection_rnn_cell/";
        using var source = Open("intersection-rnn", graph =>
            Node(graph, Loop + "TensorArrayWrite/TensorArrayWriteV3").Input[2] = Cell + "BiasAdd");
        Assert.Contains(source.Model.Layers.First().Surroundings, sentence =>
            sentence.Contains("BiasAdd computes within it, which is not its output", StringComparison.Ordinal));
    }

    [Fact]
    public void A_fused_operation_of_which_nothing_reads_the_output_is_told()
    {
        using var source = Open("lstm-block-fused-cell", graph =>
            Node(graph, "lstm_fused_cell/mul").Input[0] = "lstm_fused_cell/ExpandDims_1");
        Assert.Contains(source.Model.Layers.First().Surroundings, sentence =>
            sentence.Contains("lstm_fused_cell/BlockLSTM:1 computes within it", StringComparison.Ordinal));
    }

    [Fact]
    public void A_state_that_is_the_same_before_every_step_is_no_plain_cells() =>
        Assert.Contains("is the same before every step", Refusal("gru-block-cell", graph =>
            Node(graph, Loop + "Identity_3").Input[0] = Loop + "Select/Enter"), StringComparison.Ordinal);

    [Fact]
    public void A_loop_variable_that_is_set_anew_with_each_step_is_no_plain_cells() =>
        Assert.Contains("is changed between two steps", Refusal("intersection-rnn-same-size", graph =>
            Node(graph, Loop + "Merge_3").Input[0] = Loop + "Select/Enter"), StringComparison.Ordinal);

    [Fact]
    public void Outputs_that_are_added_to_themselves_are_read_by_the_sum()
    {
        using var source = Open("lstm", graph =>
        {
            var turn = Node(graph, "rnn/transpose_1");
            turn.Input[0] = graph.Add("AddV2", "z", "rnn/twice", [turn.Input[0], turn.Input[0]]);
        });
        Assert.Contains(source.Model.Layers.First().Surroundings, sentence =>
            sentence.StartsWith("its outputs go into rnn/twice", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Outputs_are_turned_around_in_time_along_the_axis_of_the_steps_alone(int axis, bool isTurned)
    {
        using var source = Open("lstm", graph =>
        {
            var turn = Node(graph, "rnn/transpose_1");
            var along = graph.Integers("rnn/axis", turn.Input[0], axis);
            turn.Input[0] = graph.Add("ReverseV2", "output", "rnn/turned", [turn.Input[0], along], ("Tidx", new AttrValue { Type = 3 }));
        });
        Assert.Equal(!isTurned, source.Model.Layers.First().Surroundings.Any(sentence =>
            sentence.StartsWith("its outputs go into rnn/turned", StringComparison.Ordinal)));
    }

    [Fact]
    public void Steps_that_read_different_variables_do_not_agree() =>
        Assert.Contains("gates/bias is rnn/gru_cell/gates/bias, and rnn/gru_cell/candidate/bias", Refusal("static-rnn-seqlen", graph =>
            Node(graph, "rnn/cond/gru_cell/BiasAdd_2/Switch").Input[0] = "rnn/gru_cell/candidate/bias/read"), StringComparison.Ordinal);

    [Fact]
    public void A_kernel_that_is_not_scaled_to_columns_of_length_one_is_no_normalised_one() =>
        Assert.Contains("what no known cell does", Refusal("weight-norm-lstm", graph =>
            MutantGraph.SetScalar(Node(graph, Loop + "rnn/wn_lstm_cell/wn_lstm_cell/l2_normalize_1/Maximum/y"), 5)),
            StringComparison.Ordinal);

    [Fact]
    public void States_that_change_places_are_no_plain_cells()
    {
        Assert.Contains("what its state", Refusal("lstm", graph =>
        {
            var (c, h) = (Node(graph, Loop + "NextIteration_3"), Node(graph, Loop + "NextIteration_4"));
            (c.Input[0], h.Input[0]) = (h.Input[0], c.Input[0]);
        }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_that_starts_from_another_number_than_zero_is_told()
    {
        using var source = Open("gru-seqlen", graph => MutantGraph.SetScalar(Node(graph, "GRUCellZeroState/zeros/Const"), 0.3f));
        Assert.Contains(source.Model.Layers.First().Surroundings, sentence =>
            sentence.StartsWith("its state h starts from what GRUCellZeroState/zeros", StringComparison.Ordinal));
    }

    [Fact]
    public void An_input_that_is_scaled_is_told()
    {
        using var source = Open("lstm", graph =>
        {
            var concat = Node(graph, Loop + "lstm_cell/concat");
            concat.Input[0] = graph.Add(
                "Mul",
                "z",
                Loop + "scaled",
                [concat.Input[0], graph.Constant(Loop + "half", concat.Input[0], [0.5f])]);
        });
        Assert.Contains(source.Model.Layers.First().Surroundings, sentence =>
            sentence.StartsWith("reads what rnn/while/scaled", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cell_that_the_graph_computes_otherwise_is_taken_for_it_on_request_alone(bool isSaid)
    {
        using var source = Open(
            "gru",
            graph => Node(graph, Loop + "gru_cell/Sigmoid").Op = "Square",
            isSaid ? [new Scoped<string>(null, "GRUCell")] : []);
        const string Sentence = "rnn/gru_cell has the variables of GRUCell, and";
        if (isSaid)
        {
            Assert.Contains(source.Model.Warnings, warning => warning.StartsWith(Sentence, StringComparison.Ordinal));
            _ = source.Plan(new ConversionOptions());
        }
        else
        {
            Assert.StartsWith(
                Sentence,
                Assert.Throws<UndecidedException>(() => source.Plan(new ConversionOptions())).Message,
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("output", Loop + "Select", "it steps where a row has ended")]
    [InlineData("state", Loop + "Select_1", "it steps where a row has ended")]
    [InlineData("late", Loop + "GreaterEqual", "its rows end a step after their length")]
    public void A_choice_by_length_the_other_way_round_keeps_the_cell_out(string what, string name, string sentence)
    {
        Assert.Contains(sentence, Refusal("gru-seqlen", graph =>
        {
            var node = Node(graph, name);
            if (what == "late")
            {
                node.Op = "Greater";
            }
            else
            {
                (node.Input[1], node.Input[2]) = (node.Input[2], node.Input[1]);
            }
        }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_by_length_that_is_spelled_the_other_way_round_is_the_same()
    {
        using var source = Open("gru-seqlen", graph =>
        {
            Node(graph, Loop + "GreaterEqual").Op = "Less";
            foreach (var node in new[] { "Select", "Select_1" }.Select(name => Node(graph, Loop + name)))
            {
                (node.Input[1], node.Input[2]) = (node.Input[2], node.Input[1]);
            }
        });
        Assert.Empty(source.Model.Layers.First().Obstacles);
    }

    [Theory]
    [InlineData(Loop + "lstm_cell/add_1", "its state c after each step")]
    [InlineData(Loop + "Identity_4", "its state h before each step")]
    public void A_state_that_is_put_out_in_the_place_of_the_output_is_told(string kept, string sentence)
    {
        using var source = Open("lstm", graph => Node(graph, Loop + "TensorArrayWrite/TensorArrayWriteV3").Input[2] = kept);
        Assert.Contains(source.Model.Layers.First().Surroundings, one => one.StartsWith(sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void A_state_that_is_given_from_outside_is_told()
    {
        using var source = Open("lstm", graph =>
        {
            var state = Node(graph, "LSTMCellZeroState/zeros");
            state.Op = "Placeholder";
            state.Input.Clear();
            state.Attr.Clear();
            state.Attr["dtype"] = new AttrValue { Type = 1 };
        });
        Assert.Contains("its state c starts from what is given as LSTMCellZeroState/zeros", source.Model.Layers.First().Surroundings);
    }

    [Fact]
    public void A_step_that_computes_something_else_than_the_others_keeps_the_cell_out() =>
        Assert.Contains(
            "something else is computed with its kernel too",
            Refusal("static-rnn", graph => Node(graph, "rnn/basic_lstm_cell/Sigmoid_3").Op = "Square"),
            StringComparison.Ordinal);

    [Fact]
    public void A_step_that_multiplies_with_a_changed_kernel_keeps_the_cell_out() =>
        Assert.Contains("something else is computed with its kernel too", Refusal("tflite-rnn", graph =>
        {
            var product = Node(graph, "rnn/tf_lite_rnn_cell/MatMul_6");
            product.Input[1] = graph.Add(
                "Add",
                "z",
                "changed",
                [product.Input[1], graph.Constant("third", product.Input[1], [0.3f])]);
        }), StringComparison.Ordinal);

    [Fact]
    public void Steps_that_read_their_parts_in_another_order_are_no_sequence() =>
        Assert.Contains("in another order than one after the other (part 4 after part 1", Refusal("tflite-rnn", graph =>
        {
            foreach (var node in graph.Nodes)
            {
                for (var k = 0; k < node.Input.Count; k++)
                {
                    node.Input[k] = node.Input[k] switch { "unstack:2" => "unstack:4", "unstack:4" => "unstack:2", var other => other };
                }
            }
        }), StringComparison.Ordinal);

    [Fact]
    public void A_step_whose_part_alone_is_turned_around_is_told()
    {
        using var source = Open("tflite-rnn", graph =>
        {
            foreach (var node in graph.Nodes.Where(node => node.Input.Contains("unstack:2")).ToArray())
            {
                var axis = graph.Integers("axis", "unstack:2", 1);
                node.Input[node.Input.IndexOf("unstack:2")] = graph.Add("ReverseV2", "output", "turned", ["unstack:2", axis]);
            }
        });
        Assert.False(source.Model.Layers.First().IsBackward);
        Assert.Contains(source.Model.Layers.First().Surroundings, sentence =>
            sentence.StartsWith("reads what turned", StringComparison.Ordinal));
    }

    [Fact]
    public void A_dropout_that_turns_the_sign_of_what_it_keeps_is_no_dropout()
    {
        using var source = Open("multi-residual-dropout", graph =>
        {
            var sub = Node(graph, "rnn/while/rnn/multi_rnn_cell/cell_2/dropout/sub");
            (sub.Input[0], sub.Input[1]) = (sub.Input[1], sub.Input[0]);
        });
        Assert.Contains(
            source.Model.Layers.SelectMany(layer => layer.Surroundings),
            sentence => sentence.Contains("cell_2/dropout/", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_directions_that_cut_a_sequence_along_different_axes_are_no_pair() =>
        Assert.Contains(
            "along another axis",
            Refusal("static-bidirectional", graph => Node(graph, "bidirectional_rnn/bw/unstack").Attr["axis"] = new AttrValue { I = 1 }),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(2, 4)]
    [InlineData(6, 3)]
    public void Outputs_in_another_order_than_that_of_the_steps_are_no_sequence(int place, int other) =>
        Assert.Contains("its outputs are put together in another order than that of its steps (stack)", Refusal("static-rnn", graph =>
        {
            var stack = Node(graph, "stack");
            (stack.Input[place], stack.Input[other]) =
                (stack.Input[other], place == 6 ? stack.Input[other] : stack.Input[place]);
        }), StringComparison.Ordinal);

    [Fact]
    public void Outputs_that_lie_from_the_last_step_to_the_first_are_in_order()
    {
        using var source = Open("static-rnn", graph =>
        {
            var stack = Node(graph, "stack");
            var turned = stack.Input.Reverse().ToArray();
            stack.Input.Clear();
            stack.Input.AddRange(turned);
        });
        Assert.Empty(source.Model.Layers.First().Obstacles);
        Assert.Contains("[:, ::-1]", source.Plan(new ConversionOptions()).KerasCode("turned.h5"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_activation_with_a_slope_of_its_own_is_not_the_one_of_that_name() =>
        Assert.Contains("what no known cell does", Refusal("lstm", graph =>
        {
            foreach (var name in new[] { "Tanh", "Tanh_1" })
            {
                var node = Node(graph, $"{Loop}lstm_cell/{name}");
                (node.Op, node.Attr["alpha"]) = ("LeakyRelu", new AttrValue { F = 0.7f });
            }
        }), StringComparison.Ordinal);

    [Fact]
    public void A_part_of_a_variable_that_is_computed_with_is_no_part_of_it() =>
        Assert.NotEmpty(Refusal("kind-partitioned-slots", graph =>
        {
            var read = Node(graph, "model/rnn/lstm_cell/bias/part_1/read");
            read.Input[0] = graph.Add("Neg", "y", "turned", [read.Input[0]]);
        }));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    public void Parts_of_a_variable_in_another_order_are_not_that_variable(int place, int part) =>
        Assert.NotEmpty(Refusal("kind-partitioned-slots", graph =>
        {
            var join = graph.Nodes.First(node =>
                node.Op == "ConcatV2" && node.Name.Contains("kernel", StringComparison.Ordinal) && node.Input.Count > part + 1);
            join.Input[place] = join.Input[place == part ? part + 1 : part];
        }));

    [Fact]
    public void A_cell_whose_graph_nothing_can_look_at_is_told()
    {
        using var source = ChangedProgram.Open(
            "dialects/sketch-rnn-lstm",
            graph => graph.Node("RNN/while/LSTMCell/Sigmoid").Op = "Square");
        Assert.Contains(source.Model.Warnings, warning => warning.Contains("was not looked at", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    [InlineData("2")]
    public void A_cell_alone_in_a_stack_is_run_at_one_level_by_assumption(string? said)
    {
        using var source = RecurrentSource.Open(
            [Path.Combine(Shared.Goldens, "tf1", "shared-cell-reused", "variables.npz")],
            new SourceOptions(),
            new RecognitionOptions { Facts = said is null ? [] : [new SaidFact(null, "levels", said)] });
        Assert.Equal(said is null, source.Model.Assumed.Any(one => one.Fact.Name == "levels"));
        Assert.Equal(
            said == "2",
            source.Model.Layers.First().Obstacles.Any(phrase => phrase.Contains("run at 2 levels", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    public void A_sequence_is_turned_around_along_time_alone(int axis)
    {
        using var source = Open("lstm", graph =>
        {
            var scatter = graph.Nodes.First(node => node.Op == "TensorArrayScatterV3");
            scatter.Input[2] = graph.Add(
                "ReverseV2",
                "output",
                "turned",
                [scatter.Input[2], graph.Integers("axis", scatter.Input[2], axis)]);
        });
        Assert.Equal(axis == 0, source.Model.Layers.First().IsBackward);
        Assert.Equal(
            axis == -1,
            source.Model.Layers.First().Surroundings.Any(sentence => sentence.StartsWith("reads what turned", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_pair_of_which_one_direction_alone_is_known_is_no_crash() =>
        Assert.NotEmpty(Refusal("bidirectional", graph => Node(graph, "bidirectional_rnn/bw/bw/while/lstm_cell/Sigmoid").Op = "Square"));

    private static string Refusal(string program, Action<MutantGraph> change)
    {
        using var source = Open(program, change);
        return Assert.ThrowsAny<LstmConvertException>(() => source.Plan(new ConversionOptions())).Message;
    }

    private static RecurrentSource Open(string program, Action<MutantGraph> change, params IReadOnlyList<Scoped<string>> cells)
    {
        var definition = GraphDef.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(Shared.Goldens, "tf1", program, "frozen.pb")));
        change(new MutantGraph(definition, definition.Node, null));
        var path = Path.Combine(Directory.CreateTempSubdirectory("lstmconvert").FullName, "changed.pb");
        File.WriteAllBytes(path, definition.ToByteArray());
        return RecurrentSource.Open([path], new SourceOptions(), new RecognitionOptions { Cells = cells });
    }

    private static NodeDef Node(MutantGraph graph, string name) => graph.Nodes.First(node => node.Name == name);
}
