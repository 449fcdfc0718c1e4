using LstmConvert.Facts;
using LstmConvert.Formats;
using LstmConvert.Recognition;

namespace LstmConvert.Tests.Metamorphic;

/// <summary>Recorded programs of rare cells, and the same with one node changed: what of it the graph shows.</summary>
public sealed class ChangedCellTests
{
    [Theory]
    [InlineData("dialects/sonnet1-highwaycore")]
    [InlineData("dialects/sketch-rnn-layernorm")]
    [InlineData("dialects/baselines-lnlstm")]
    [InlineData("dialects/baselines-lstm")]
    [InlineData("dialects/sketch-rnn-hyper")]
    [InlineData("tf1/grid1-lstm")]
    [InlineData("tf1/grid2-lstm")]
    [InlineData("tf1/phased-lstm")]
    [InlineData("tf1/phased-lstm-peephole")]
    [InlineData("tf1/attention-cell-wrapper")]
    [InlineData("tf1/time-freq-lstm")]
    [InlineData("tf1/grid-lstm")]
    [InlineData("tf1/grid-lstm-shared-coupled")]
    [InlineData("tf1/bidirectional-grid-lstm")]
    public void The_graph_says_everything_of_a_rare_cell(string program)
    {
        using var source = ChangedProgram.Open(program, _ => { });
        Assert.Empty(source.Model.Warnings);
        Assert.Empty(source.Model.Assumed);
        Assert.All(source.Model.Layers, layer => Assert.Empty(layer.Obstacles));
    }

    [Fact]
    public void A_cell_over_windows_is_known_under_any_name()
    {
        const string Scope = "time_freq_lstm_cell";
        using var source = ChangedProgram.Open("tf1/time-freq-lstm", graph =>
        {
            foreach (var node in graph.Nodes)
            {
                node.Name = node.Name.Replace(Scope, "net", StringComparison.Ordinal);
                for (var k = 0; k < node.Input.Count; k++)
                {
                    node.Input[k] = node.Input[k].Replace(Scope, "net", StringComparison.Ordinal);
                }
            }
        });
        Assert.Empty(source.Model.Assumed);
        var layer = Assert.Single(source.Model.Layers);
        Assert.Empty(layer.Obstacles);
        Assert.Equal("TimeFreqLSTMCell", layer.ClassName);
    }

    [Theory]
    [InlineData("returnn-nativelstm", false)]
    [InlineData("returnn-nativelstm2", false)]
    [InlineData("returnn-nativelstm2-bw", true)]
    public void The_graph_says_direction_and_lengths_of_a_native_operation(string program, bool isBackward)
    {
        using var source = RecurrentSource.Open(
            [Path.Combine(Shared.Goldens, "dialects", program, "model.ckpt")],
            new SourceOptions(),
            new RecognitionOptions());
        Assert.Empty(source.Model.Warnings);
        Assert.Empty(source.Model.Assumed);
        var layer = Assert.Single(source.Model.Layers);
        Assert.Equal(isBackward, layer.IsBackward);
        Assert.Contains(layer.Facts, fact => fact.Name == KnownFacts.SequenceLengths.Name && fact.Value.Truth == true);
    }

    [Theory]
    [InlineData("dialects/sketch-rnn-layernorm", "RNN/while/LayerNormLSTMCell/add_2/y", "forget_bias")]
    [InlineData("dialects/sketch-rnn-hyper", "RNN/while/HyperLSTMCell/add_10/y", "forget_bias")]
    [InlineData("dialects/sketch-rnn-hyper", "RNN/while/HyperLSTMCell/LayerNormLSTMCell/add_2/y", "hyper_forget_bias")]
    [InlineData("tf1/phased-lstm", "rnn/while/rnn/phased_lstm_cell/mul_4/x", "leak")]
    public void A_number_of_another_program_is_read(string program, string node, string fact)
    {
        using var source = ChangedProgram.Open(program, graph => MutantGraph.SetScalar(graph.Node(node), 0.25f));
        Assert.Equal(0.25, source.Model.Layers.First().Facts.First(one => one.Name == fact).Value.Number);
    }

    [Theory]
    [InlineData("RNN/while/LayerNormLSTMCell/Mean/reduction_indices")]
    [InlineData("RNN/while/LayerNormLSTMCell/Mean_1/reduction_indices")]
    public void A_normalisation_across_the_gates_is_not_one_of_each(string axes) =>
        Assert.Contains("what no known cell does", ChangedProgram.Refusal("dialects/sketch-rnn-layernorm", graph =>
        {
            var node = graph.Node(axes);
            node.Attr["value"].Tensor.IntVal.Clear();
            node.Attr["value"].Tensor.TensorContent = Google.Protobuf.ByteString.CopyFrom(BitConverter.GetBytes(1));
        }), StringComparison.Ordinal);

    [Fact]
    public void A_normalisation_in_other_parts_than_the_gates_is_not_one_of_each() =>
        Assert.Contains("what no known cell does", ChangedProgram.Refusal("dialects/sketch-rnn-layernorm", graph =>
            graph.Node("RNN/while/LayerNormLSTMCell/Reshape/shape").Attr["value"].Tensor.TensorContent =
                Google.Protobuf.ByteString.CopyFrom([.. new[] { 3, 5, 4 }.SelectMany(BitConverter.GetBytes)])), StringComparison.Ordinal);

    [Theory]
    [InlineData("FloorMod", "Mod")]
    [InlineData("Less_1", "Greater")]
    [InlineData("truediv_1", "Mul")]
    public void A_phase_that_is_computed_otherwise_is_no_phased_cells(string node, string operation) =>
        Assert.Contains(
            "what no known cell does",
            ChangedProgram.Refusal("tf1/phased-lstm", graph => graph.Node($"rnn/while/rnn/phased_lstm_cell/{node}").Op = operation),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("attention/Sum/reduction_indices", 2, 2)]
    [InlineData("attention/Sum_1/reduction_indices", 2, 2)]
    [InlineData("attention/Reshape/shape", -1, 4, 1, 3)]
    [InlineData("attention/Slice/begin", 0, 0, 0)]
    public void An_attention_over_other_parts_is_not_the_one_over_past_outputs(string name, params int[] numbers) =>
        Assert.NotEmpty(
            ChangedProgram.Refusal(
                "tf1/attention-cell-wrapper",
                graph =>
                    graph.Node($"rnn/while/rnn/attention_cell_wrapper/{name}").Attr["value"].Tensor.TensorContent =
                        Google.Protobuf.ByteString.CopyFrom([.. numbers.SelectMany(BitConverter.GetBytes)])));

    [Theory]
    [InlineData("tf1/time-freq-lstm", "rnn/rnn/time_freq_lstm_cell/Tanh_3")]
    [InlineData("tf1/grid-lstm", "rnn/while/rnn/grid_lstm_cell/Sigmoid_5")]
    [InlineData("tf1/bidirectional-grid-lstm", "rnn/while/rnn/bidirectional_grid_lstm_cell/bwd/Tanh_2")]
    public void A_window_that_is_walked_otherwise_is_no_such_cells(string program, string node) =>
        Assert.Matches(
            "what no known cell does|something else is computed with its kernel too",
            ChangedProgram.Refusal(program, graph => graph.Node(node).Op = "Square"));

    [Fact]
    public void What_a_cell_reads_beside_its_input_is_told()
    {
        using var source = ChangedProgram.Open("tf1/phased-lstm", _ => { });
        Assert.Contains(
            "the program gives it what is given as time beside its input as time: here a feature before those of the input",
            source.Model.Layers.First().Surroundings);
    }

    [Fact]
    public void A_state_that_what_is_given_sets_back_is_told()
    {
        using var source = ChangedProgram.Open("dialects/baselines-lnlstm", _ => { });
        Assert.Contains(
            "before each step its state h, c is multiplied by 1 less what is given as mask: a sequence starts anew where that is 1",
            source.Model.Layers.First().Surroundings);
    }

    [Theory]
    [InlineData("model/sub_5", "Add")]
    [InlineData("model/mul_8", "Maximum")]
    [InlineData("mask", "Const")]
    public void A_state_that_is_changed_otherwise_keeps_the_cell_out(string name, string operation) =>
        Assert.Contains("its state c is changed between two steps", ChangedProgram.Refusal("dialects/baselines-lnlstm", graph =>
        {
            var node = graph.Node(name);
            if (operation == "Const")
            {
                node.Attr["value"] = graph.Node(graph.Constant("near", "x", [.. Enumerable.Repeat(0.5f, 12)], 2, 6)).Attr["value"];
                node.Attr.Remove("shape");
            }

            node.Op = operation;
        }), StringComparison.Ordinal);
}
