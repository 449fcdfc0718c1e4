using Google.Protobuf;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tests.Metamorphic;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Recognition;

/// <summary>Programs whose loop does not start from zeros: a recorded one with another start. The Keras layer starts from zeros, which a
/// strict conversion does not take for the same, and no verdict leaves unsaid.</summary>
public sealed class StartStateTests : IDisposable
{
    private const string Start = "GRUCellZeroState/zeros";

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("a filled constant", "what GRUCellZeroState/zeros computes")]
    [InlineData("constant numbers", "begin")]
    [InlineData("a variable", "begin")]
    [InlineData("a repeated variable", "what tile_m")]
    [InlineData("a product", "what product_m")]
    [InlineData("a sum", "what sum_m")]
    [InlineData("rows of a table", "rows of table")]
    public async Task A_start_that_the_program_makes_itself_is_refused_if_strict_and_a_condition_of_the_verdict(string what, string from)
    {
        var (program, path) = (Changed(graph => Begin(graph, what)), Path.Combine(folder, "m.h5"));
        var strict = await Product.RunAsync("tf2keras", program, "--strict", "-o", path);
        Assert.True(strict.Code == 5, strict.Output + strict.Error);
        Assert.Contains($"its state h starts from {from}", strict.Error, StringComparison.Ordinal);
        Assert.Contains("not from zeros", strict.Error, StringComparison.Ordinal);
        Assert.Contains("--only-recurrent", strict.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(path));

        Assert.Equal(0, (await Product.RunAsync("tf2keras", program, "--strict", "--only-recurrent", "-o", path)).Code);
        var verified = await Product.RunAsync("verify", program, path);
        Assert.True(verified.Code == 0, verified.Output + verified.Error);
        Assert.Contains(
            $"rnn/gru_cell is started as its program starts it (its state h starts from {from}",
            verified.Output[verified.Output.IndexOf("Verdict:", StringComparison.Ordinal)..],
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zeros")]
    [InlineData("a variable of zeros")]
    [InlineData("what is given")]
    public async Task A_start_that_is_an_input_of_the_program_or_zero_converts(string what)
    {
        var (program, path) = (Changed(graph => Begin(graph, what)), Path.Combine(folder, "m.h5"));
        var strict = await Product.RunAsync("tf2keras", program, "--strict", "-o", path);
        Assert.True(strict.Code == 0, strict.Error);
        Assert.Equal(
            what == "what is given",
            strict.Output.Contains("its state h starts from what is given as begin", StringComparison.Ordinal));
        var verified = await Product.RunAsync("verify", program, path);
        Assert.True(verified.Code == 0, verified.Output + verified.Error);
        Assert.DoesNotContain("is started as", verified.Output, StringComparison.Ordinal);
    }

    /// <summary>What the loop leaves is what the next call starts from: a layer that is not stateful computes the first call alone.</summary>
    [Fact]
    public async Task A_state_that_is_kept_for_the_next_call_is_refused_if_strict_and_a_condition_of_the_verdict()
    {
        const string Kept = "its last state h is kept in begin (keep_m0), from which the next call starts: in Keras that is stateful=True";
        var path = Path.Combine(folder, "m.h5");
        var program = Changed(graph =>
        {
            Begin(graph, "a variable");
            graph.Add("Assign", "ref", "keep", ["begin", graph.Nodes.Last(node => node.Op == "Exit").Name]);
        });
        var strict = await Product.RunAsync("tf2keras", program, "--strict", "-o", path);
        Assert.True(strict.Code == 5, strict.Output + strict.Error);
        Assert.Contains(Kept, strict.Error, StringComparison.Ordinal);
        Assert.Contains("--only-recurrent", strict.Error, StringComparison.Ordinal);

        var open = await Product.RunAsync("tf2keras", program, "-o", path);
        Assert.Contains(Kept, open.Output, StringComparison.Ordinal);
        var verified = await Product.RunAsync("verify", program, path);
        Assert.Contains(Kept, verified.Output[verified.Output.IndexOf("Verdict:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_variable_that_is_set_to_something_else_is_no_state_that_is_kept()
    {
        var program = Changed(graph =>
        {
            Begin(graph, "a variable");
            graph.Add("Assign", "ref", "restore", ["begin", "x"]);
        });
        var open = await Product.RunAsync("tf2keras", program, "-o", Path.Combine(folder, "m.h5"));
        Assert.Contains("its state h starts from begin", open.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("next call", open.Output, StringComparison.Ordinal);
    }

    private string Changed(Action<MutantGraph> change)
    {
        var definition = GraphDef.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(Shared.Goldens, "tf1", "gru-seqlen", "frozen.pb")));
        change(new MutantGraph(definition, definition.Node, null));
        var path = Path.Combine(folder, "program.pb");
        File.WriteAllBytes(path, definition.ToByteArray());
        return path;
    }

    /// <summary>Gives the loop another start; the rows are four, the units three.</summary>
    private static void Begin(MutantGraph graph, string what)
    {
        switch (what)
        {
            case "zeros":
                break;
            case "a filled constant":
                MutantGraph.SetScalar(graph.Nodes.First(node => node.Name == Start + "/Const"), 0.3f);
                break;
            case "constant numbers":
                Named(graph, "Const", "begin", Numbers(4, 3));
                Replace(graph, "begin");
                break;
            case "a variable":
            case "a variable of zeros":
                Variable(graph, "begin", 4, 3);
                Replace(graph, "begin/read");
                if (what == "a variable of zeros")
                {
                    MutantGraph.SetScalar(graph.Nodes.First(node => node.Name == "begin"), 0);
                }

                break;
            case "a repeated variable":
                Variable(graph, "begin", 1, 3);
                Replace(graph, graph.Add("Tile", "output", "tile", ["begin/read", graph.Integers("multiples", "begin/read", 4, 1)]));
                break;
            case "what is given":
                Named(graph, "Placeholder", "begin");
                Replace(graph, "begin");
                break;
            case "a product":
                Named(graph, "Placeholder", "code");
                Variable(graph, "to_state", 5, 3);
                Replace(graph, graph.Add("MatMul", "product", "product", ["code", "to_state/read"]));
                break;
            case "a sum":
                Named(graph, "Placeholder", "one");
                Named(graph, "Placeholder", "other");
                Replace(graph, graph.Add("Add", "z", "sum", ["one", "other"]));
                break;
            case "rows of a table":
                Named(graph, "Placeholder", "users", type: 3);
                Variable(graph, "table", 9, 3);
                Replace(
                    graph,
                    graph.Add(
                        "GatherV2",
                        "output",
                        "rows",
                        ["table/read", "users", graph.Integers("axis", "table/read", 0)],
                        ("Taxis", new AttrValue { Type = 3 }),
                        ("Tindices", new AttrValue { Type = 3 }),
                        ("Tparams", new AttrValue { Type = 1 })));
                break;
        }
    }

    private static void Replace(MutantGraph graph, string start)
    {
        foreach (var node in graph.Nodes.Where(node => node.Op == "Enter"))
        {
            for (var k = 0; k < node.Input.Count; k++)
            {
                node.Input[k] = node.Input[k] == Start ? start : node.Input[k];
            }
        }
    }

    private static void Variable(MutantGraph graph, string name, params int[] shape)
    {
        Named(graph, "Const", name, Numbers(shape));
        var read = new NodeDef { Name = name + "/read", Op = "Identity", Input = { name } };
        read.Attr["T"] = new AttrValue { Type = 1 };
        graph.Nodes.Add(read);
    }

    private static void Named(MutantGraph graph, string operation, string name, TensorProto? value = null, int type = 1)
    {
        var node = new NodeDef { Name = name, Op = operation };
        node.Attr["dtype"] = new AttrValue { Type = type };
        if (value is not null)
        {
            node.Attr["value"] = new AttrValue { Tensor = value };
        }

        graph.Nodes.Add(node);
    }

    private static TensorProto Numbers(params int[] shape)
    {
        var tensor = new TensorProto { Dtype = 1, TensorShape = new TensorShapeProto() };
        tensor.TensorShape.Dim.AddRange(shape.Select(length => new TensorShapeProto.Types.Dim { Size = length }));
        tensor.FloatVal.AddRange(Enumerable.Range(1, shape.Aggregate(1, (product, length) => product * length)).Select(k => 0.1f * k));
        return tensor;
    }
}
