using System.Globalization;
using Google.Protobuf;
using LstmConvert.Recognition;
using LstmConvert.TensorFlow.Protos;
using Graph = LstmConvert.Graphs.Reading.Graph;

namespace LstmConvert.Tests.Graphs;

/// <summary>Small graphs in which following edges has many ways: what is looked at is bounded by the graph, and so is what is
/// allocated.</summary>
public sealed class TangledGraphTests : IDisposable
{
    /// <summary>All that is ever allocated, most of it dropped at once: what following edges takes until its bound.</summary>
    private const long AllocationLimit = 1L << 30;

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("Concat")]
    [InlineData("Merge")]
    [InlineData("Switch")]
    [InlineData("Mul")]
    [InlineData("Select")]
    public void Layers_of_nodes_that_all_feed_each_other_are_searched_once(string operation)
    {
        const int Width = 60;
        var graph = Cell();
        string[] before = ["h", "x"];
        for (var level = 0; level < 6; level++)
        {
            var names = Enumerable.Range(0, Width).Select(k => string.Create(CultureInfo.InvariantCulture, $"n{level}_{k}")).ToArray();
            foreach (var name in names)
            {
                Add(graph, name, operation, before);
            }

            before = names;
        }

        Assert.InRange(Searched(graph), 0, AllocationLimit);
    }

    /// <summary>Found by bytes led by branches: a function without a name, called by one.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("PartitionedCall")]
    [InlineData("StatelessWhile")]
    public void A_function_without_a_name_is_none(string operation)
    {
        var graph = Cell();
        graph.Library = new FunctionDefLibrary { Function = { new FunctionDef { Signature = new OpDef() }, new FunctionDef() } };
        Add(graph, "call", operation, ["x"]);
        foreach (var attribute in new[] { "f", "body", "cond" })
        {
            graph.Node[^1].Attr.Add(attribute, new AttrValue { Func = new NameAttrList() });
        }

        Assert.InRange(Searched(graph), 0, AllocationLimit);
    }

    [Fact]
    public void Values_that_are_put_together_of_the_same_ones_are_looked_at_once()
    {
        var graph = Cell();
        string[] parts = [.. Enumerable.Repeat("h", 2_000), "axis"];
        for (var k = 0; k < 200; k++)
        {
            Add(graph, string.Create(CultureInfo.InvariantCulture, $"join{k}"), "ConcatV2", parts);
            parts = [.. parts.SkipLast(2), string.Create(CultureInfo.InvariantCulture, $"join{k}"), "axis"];
        }

        Add(graph, "product", "MatMul", [string.Create(CultureInfo.InvariantCulture, $"join{199}"), "kernel"]);
        Assert.InRange(Searched(graph), 0, AllocationLimit);
    }

    [Fact]
    public void A_constant_of_one_value_is_never_held_as_many()
    {
        var graph = new GraphDef();
        for (var k = 0; k < 4; k++)
        {
            var value = new TensorProto { Dtype = 1, TensorShape = Shape(16_384, 16_384) };
            value.FloatVal.Add([1, 2, 0.5f]);
            graph.Node.Add(
                new NodeDef
                {
                    Name = string.Create(CultureInfo.InvariantCulture, $"constant{k}"),
                    Op = "Const",
                    Attr = { ["value"] = new AttrValue { Tensor = value } },
                });
        }

        var path = Write(graph);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var constants = Graph.Open(path).Constants;
        Assert.Equal(4, constants.Count);
        var read = new byte[20];
        foreach (var constant in constants)
        {
            constant.Check();
            constant.Read(0, read);
            Assert.Equal([1, 2, 0.5f, 0.5f, 0.5f], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(read).ToArray());
            constant.Read(constant.Info.ByteCount - 20, read);
            Assert.Equal([0.5f, 0.5f, 0.5f, 0.5f, 0.5f], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(read).ToArray());
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private long Searched(GraphDef definition)
    {
        var path = Write(definition);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            _ = RecurrentSource.CellsOf(Graph.Open(path));
        }
        catch (UnreadableInputException e)
        {
            Assert.Contains("than any program", e.Message, StringComparison.Ordinal);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private string Write(GraphDef definition)
    {
        var path = Path.Combine(folder, "graph.pb");
        File.WriteAllBytes(path, definition.ToByteArray());
        return path;
    }

    /// <summary>A step of an LSTM, whose output is <c>h</c>.</summary>
    private static GraphDef Cell()
    {
        var graph = new GraphDef();
        Add(graph, "x", "Placeholder", []);
        foreach (var (name, lengths) in new[] { ("kernel", new long[] { 5, 12 }), ("bias", [12]) })
        {
            graph.Node.Add(new NodeDef { Name = name, Op = "VariableV2", Attr = { ["shape"] = new AttrValue { Shape = Shape(lengths) } } });
        }

        var (axis, one) = (new TensorProto { Dtype = 3, TensorShape = Shape() }, new TensorProto { Dtype = 1, TensorShape = Shape() });
        axis.IntVal.Add(1);
        one.FloatVal.Add(1);
        graph.Node.Add(new NodeDef { Name = "axis", Op = "Const", Attr = { ["value"] = new AttrValue { Tensor = axis } } });
        graph.Node.Add(new NodeDef { Name = "one", Op = "Const", Attr = { ["value"] = new AttrValue { Tensor = one } } });
        (string Name, string Op, string[] Inputs)[] nodes =
        [
            ("join", "ConcatV2", ["x", "x", "axis"]),
            ("matmul", "MatMul", ["join", "kernel"]),
            ("add", "BiasAdd", ["matmul", "bias"]),
            ("split", "Split", ["axis", "add"]),
            ("forget", "Add", ["split:2", "one"]),
            ("f", "Sigmoid", ["forget"]),
            ("i", "Sigmoid", ["split"]),
            ("j", "Tanh", ["split:1"]),
            ("o", "Sigmoid", ["split:3"]),
            ("kept", "Mul", ["f", "x"]),
            ("taken", "Mul", ["i", "j"]),
            ("c", "Add", ["kept", "taken"]),
            ("t", "Tanh", ["c"]),
            ("h", "Mul", ["t", "o"]),
        ];
        foreach (var (name, op, inputs) in nodes)
        {
            Add(graph, name, op, inputs);
        }

        graph.Node.Single(node => node.Name == "split").Attr["num_split"] = new AttrValue { I = 4 };
        return graph;
    }

    private static void Add(GraphDef graph, string name, string op, IEnumerable<string> inputs)
    {
        var node = new NodeDef { Name = name, Op = op };
        node.Input.AddRange(inputs);
        graph.Node.Add(node);
    }

    private static TensorShapeProto Shape(params long[] lengths)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(lengths.Select(length => new TensorShapeProto.Types.Dim { Size = length }));
        return shape;
    }
}
