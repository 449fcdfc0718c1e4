using LstmConvert.Arrays;
using LstmConvert.Graphs.Execution;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tests.Outcomes;
using static LstmConvert.Tests.Graphs.Execution.GraphUnderTest;

namespace LstmConvert.Tests.Graphs.Execution;

/// <summary>What a run takes, gives and says.</summary>
public sealed class GraphProgramTests
{
    private static readonly (string, object) Float = ("dtype", 1);

    [Fact]
    public void An_input_that_is_not_fed_is_asked_for_by_name()
    {
        var graph = new GraphUnderTest().With("features/x", "Placeholder", "", Float).With("y", "Tanh", "features/x");
        var e = Assert.Throws<UndecidedException>(() => graph.Run("y"));
        Assert.Contains("features/x", e.Message, StringComparison.Ordinal);
        Assert.Equal(Math.Tanh(0.5), graph.Numbers("y", ("features/x", GraphValue.Numbers([0.5]))).Single(), 1e-7);
    }

    [Fact]
    public void An_input_with_a_default_takes_it()
    {
        var graph = new GraphUnderTest()
            .With("one", "Const", "", Float, ("value", new[] { 1f }))
            .With("x", "PlaceholderWithDefault", "one", Float)
            .With("y", "Neg", "x");
        Assert.Equal([-1.0], graph.Numbers("y"));
        Assert.Equal([-3.0], graph.Numbers("y", ("x:0", GraphValue.Numbers([3]))));
    }

    [Fact]
    public void An_operation_that_is_not_known_is_named_with_its_node_and_only_where_it_matters()
    {
        var graph = new GraphUnderTest()
            .With("x", "Placeholder", "", Float)
            .With("odd", "FlyToTheMoon", "x")
            .With("y", "Tanh", "odd")
            .With("z", "Tanh", "x ^odd");
        var e = Assert.Throws<UnsupportedModelException>(() => graph.Run("y", ("x", GraphValue.Numbers([0]))));
        Assert.Contains("odd", e.Message, StringComparison.Ordinal);
        Assert.Contains("FlyToTheMoon", e.Message, StringComparison.Ordinal);
        Assert.Equal([0.0], graph.Numbers("z", ("x", GraphValue.Numbers([0]))));
    }

    [Fact]
    public void A_value_in_the_midst_of_the_graph_replaces_what_computes_it()
    {
        var graph = new GraphUnderTest().With("x", "Placeholder", "", Float).With("odd", "FlyToTheMoon", "x").With("y", "Neg", "odd");
        Assert.Equal([-2.0, 5.0], graph.Numbers("y", ("odd:0", GraphValue.Numbers([2, -5], 2))));
    }

    [Fact]
    public void A_tensor_that_is_not_there_is_wrong_usage()
    {
        var graph = new GraphUnderTest().With("x", "Placeholder", "", Float);
        Assert.Contains("nowhere:0", Assert.Throws<UsageException>(() => graph.Run("nowhere:0")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_dropout_without_its_probability_drops_nothing_and_says_so(bool isRate)
    {
        var graph = new GraphUnderTest()
            .With("x", "Placeholder", "", Float)
            .With("one", "Const", "", Float, ("value", new[] { 1f }))
            .With("p", "Placeholder", "", Float)
            .With("shape", "Shape", "x")
            .With("random", "RandomUniform", "shape", Float);
        graph = isRate
            ? graph
                .With("keep", "Sub", "one p")
                .With("scaled", "RealDiv", "x keep")
                .With("test", "GreaterEqual", "random p")
                .With("mask", "Cast", "test", ("DstT", 1))
                .With("y", "Mul", "scaled mask")
            : graph
                .With("scaled", "RealDiv", "x p")
                .With("sum", "Add", "p random")
                .With("mask", "Floor", "sum")
                .With("y", "Mul", "scaled mask");
        var result = graph.Run("y", ("x", GraphValue.Numbers([1, 2, 3, 4], 4)));
        Assert.Equal([1.0, 2, 3, 4], result.Values[0].ToDoubles());
        Assert.Contains(result.Notes, note =>
            note.StartsWith($"p is a dropout's probability: it is taken as {(isRate ? 0 : 1)}", StringComparison.Ordinal));
        Assert.Contains(result.Notes, note => note.StartsWith("random draws random numbers", StringComparison.Ordinal));
        var half = graph.Run("y", ("x", GraphValue.Numbers([.. Enumerable.Repeat(1.0, 1000)], 1000)), ("p", GraphValue.Numbers([0.5])));
        Assert.InRange(half.Values[0].ToDoubles().Count(value => value == 2), 400, 600);
    }

    [Fact]
    public void An_assertion_that_does_not_hold_is_said()
    {
        var graph = new GraphUnderTest()
            .With("x", "Placeholder", "", Float)
            .With("zero", "Const", "", Float, ("value", new[] { 0f }))
            .With("test", "Greater", "x zero")
            .With("assert", "Assert", "test x")
            .With("y", "Identity", "x ^assert");
        Assert.Empty(graph.Run("y", ("x", GraphValue.Numbers([1]))).Notes);
        Assert.Contains("assert", Assert.Single(graph.Run("y", ("x", GraphValue.Numbers([-1]))).Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(0, -3)]
    public void A_branch_that_is_not_taken_is_dead_with_its_constants(double condition, double expected)
    {
        var graph = new GraphUnderTest()
            .With("x", "Placeholder", "", Float)
            .With("p", "Placeholder", "", ("dtype", 10))
            .With("switch", "Switch", "x p")
            .With("yes", "Identity", "switch:1")
            .With("no", "Identity", "switch:0")
            .With("seven", "Const", "^yes", Float, ("value", new[] { 7f }))
            .With("negative", "Neg", "no")
            .With("merge", "Merge", "negative seven");
        Assert.Equal([expected], graph.Numbers("merge", ("x", GraphValue.Numbers([3])), ("p", GraphValue.Numbers([condition]))));
    }

    [Theory]
    [InlineData(1, 3, 16)]
    [InlineData(0, 3, 3)]
    public void A_loop_on_a_branch_runs_only_where_the_branch_is_taken(double condition, double start, double expected)
    {
        (string, object) frame = ("frame_name", "loop");
        var graph = new GraphUnderTest()
            .With("x", "Placeholder", "", Float)
            .With("p", "Placeholder", "", ("dtype", 10))
            .With("switch", "Switch", "x p")
            .With("limit", "Const", "", Float, ("value", new[] { 10f }))
            .With("limited", "Switch", "limit p")
            .With("enter", "Enter", "switch:1", frame)
            .With("constant", "Enter", "limited:1", frame, ("is_constant", true))
            .With("head", "Merge", "enter next")
            .With("less", "Less", "head constant")
            .With("go", "LoopCond", "less")
            .With("fork", "Switch", "head go")
            .With("body", "Identity", "fork:1")
            .With("five", "Const", "^body", Float, ("value", new[] { 6.5f }))
            .With("sum", "Add", "body five")
            .With("next", "NextIteration", "sum")
            .With("exit", "Exit", "fork:0")
            .With("merge", "Merge", "switch:0 exit");
        Assert.Equal([expected], graph.Numbers("merge", ("x", GraphValue.Numbers([start])), ("p", GraphValue.Numbers([condition]))));
    }

    [Fact]
    public void A_loop_without_an_end_is_stopped()
    {
        var graph = new GraphUnderTest()
            .With("x", "Placeholder", "", ("dtype", 1))
            .With("loop", "While", "x", ("cond", new NameAttrList { Name = "yes" }), ("body", new NameAttrList { Name = "more" }))
            .WithFunction("yes", "a", "b:output:0", Node("b", "IsFinite", "a"))
            .WithFunction("more", "a", "b:y:0", Node("b", "Tanh", "a"));
        Assert.Contains(
            "iterations",
            Assert.Throws<UnreadableInputException>(() => graph.Run("loop", ("x", GraphValue.Numbers([1])))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_that_calls_itself_is_refused()
    {
        var graph = new GraphUnderTest()
            .With("x", "Placeholder", "", Float)
            .With("y", "again", "x")
            .WithFunction("again", "a", "b:result_0:0", Node("b", "again", "a"));
        Assert.Throws<UnreadableInputException>(() => graph.Run("y", ("x", GraphValue.Numbers([1]))));
    }

    [Theory]
    [InlineData(0, -2)]
    [InlineData(1, 4)]
    [InlineData(9, 4)]
    public void A_case_takes_the_branch_of_its_number_and_the_last_beyond(int branch, double expected)
    {
        var branches = new AttrValue { List = new AttrValue.Types.ListValue() };
        branches.List.Func.AddRange([new NameAttrList { Name = "negative" }, new NameAttrList { Name = "square" }]);
        var node = Node("case", "Case", "which x");
        node.Attr["branches"] = branches;
        var graph = new GraphUnderTest().With("x", "Placeholder", "", Float).With("which", "Placeholder", "", ("dtype", 3)).With(node)
            .WithFunction("negative", "a", "b:y:0", Node("b", "Neg", "a")).WithFunction("square", "a", "b:y:0", Node("b", "Square", "a"));
        Assert.Equal([expected], graph.Numbers("case", ("x", GraphValue.Numbers([2])), ("which", GraphValue.Numbers([branch]))));
    }

    [Fact]
    public void A_tensor_within_a_function_is_found_by_the_functions_name()
    {
        var graph = new GraphUnderTest()
            .With("x", "Placeholder", "", Float)
            .With("y", "outer", "x")
            .WithFunction("outer", "a", "c:result_0:0", Node("b", "Neg", "a"), Node("c", "inner", "b:y:0"))
            .WithFunction("inner", "a", "b:y:0", Node("b", "Square", "a"));
        Assert.Equal([9.0], graph.Numbers("y", ("x", GraphValue.Numbers([3]))));
        Assert.Equal([-3.0], graph.Numbers("outer::b", ("x", GraphValue.Numbers([3]))));
        Assert.Equal([16.0], graph.Numbers("inner::b:0", ("outer::b:0", GraphValue.Numbers([4]))));
    }

    [Theory]
    [InlineData("TensorArray", "")]
    [InlineData("TensorArrayV3", "V3")]
    public void Arrays_of_tensors_are_packed_split_and_joined(string create, string version)
    {
        var graph = new GraphUnderTest()
            .With("size", "Const", "", ("value", new[] { 2 }))
            .With("array", create, "size", Float)
            .With("flow", "Const", "", ("value", new[] { 0f }))
            .With("zero", "Const", "", ("value", new[] { 0 }))
            .With("one", "Const", "", ("value", new[] { 1 }))
            .With("a", "Placeholder", "", Float)
            .With("b", "Placeholder", "", Float)
            .With("first", $"TensorArrayWrite{version}", "array zero a flow")
            .With("second", $"TensorArrayWrite{version}", "array one b first")
            .With("joined", $"TensorArrayConcat{version}", "array second")
            .With("read", $"TensorArrayRead{version}", "array one second");
        (string, GraphValue)[] feeds = [("a", GraphValue.Numbers([1, 2], 2)), ("b", GraphValue.Numbers([3], 1))];
        Assert.Equal([1.0, 2, 3], graph.Numbers("joined", feeds));
        Assert.Equal([2.0, 1], graph.Numbers("joined:1", feeds));
        Assert.Equal([3.0], graph.Numbers("read", feeds));
        Assert.Throws<UnreadableInputException>(() =>
            graph.With("beyond", $"TensorArrayRead{version}", "array size second").Run("beyond", feeds));
    }

    /// <summary>cuDNN's operation on the weights of a layer that Keras recorded, its gates put into the vector of parameters.</summary>
    [Theory]
    [InlineData("keras-2.2.4/cudnn-lstm", "lstm", "0123")]
    [InlineData("keras-2.2.4/cudnn-gru", "gru", "102")]
    [InlineData("keras-2.3.1/cudnn-lstm", "lstm", "0123")]
    [InlineData("keras-2.3.1/cudnn-gru", "gru", "102")]
    public void The_operation_of_cuDNN_computes_what_Keras_recorded_of_the_plain_layer(string golden, string mode, string order)
    {
        var recorded = NumberArray.ReadNpz(Path.Combine(Shared.Goldens, golden, "io.npz"));
        var (x, kernel, recurrent, bias) = (recorded["x"], recorded["plain_w_0"], recorded["plain_w_1"], recorded["plain_w_2"]);
        var (b, t, n, u) = (x.Shape[0], x.Shape[1], x.Shape[2], recurrent.Shape[0]);
        var parameters = new List<double>();
        foreach (var weights in new[] { kernel, recurrent })
        {
            foreach (var gate in order.Select(digit => digit - '0'))
            {
                parameters.AddRange(
                    Enumerable
                        .Range(0, u)
                        .SelectMany(column =>
                            Enumerable
                                .Range(0, weights.Shape[0])
                                .Select(row => weights.Values[(row * order.Length * u) + (gate * u) + column])));
            }
        }

        for (var side = 0; side < 2; side++)
        {
            foreach (var gate in order.Select(digit => digit - '0'))
            {
                parameters.AddRange(
                    Enumerable
                        .Range(0, u)
                        .Select(column => (side * order.Length * u) + (gate * u) + column)
                        .Select(place => place < bias.Values.Length ? bias.Values[place] : 0));
            }
        }

        var graph = new GraphUnderTest()
            .With("x", "Placeholder", "", Float)
            .With("h", "Placeholder", "", Float)
            .With("c", "Placeholder", "", Float)
            .With("w", "Placeholder", "", Float)
            .With("lengths", "Placeholder", "", ("dtype", 3))
            .With("y", "CudnnRNNV3", "x h c w lengths", ("rnn_mode", mode), ("time_major", false));
        var zeros = GraphValue.Numbers(new double[b * u], b, 1, u);
        var output = graph
            .Run(
                "y",
                ("x", GraphValue.Numbers(x.Values, b, t, n)),
                ("h", zeros),
                ("c", zeros),
                ("w", GraphValue.Numbers([.. parameters], parameters.Count)),
                ("lengths", GraphValue.Numbers([.. Enumerable.Repeat((double)t, b)], b)))
            .Values[0];
        var dense = new NumberArray([b, t, u], output.ToDoubles()).Times(recorded["plain_w_3"], recorded["plain_w_4"]);
        Assert.InRange(dense.DistanceTo(recorded["outputs"], null), 0, 1e-6);
    }
}
