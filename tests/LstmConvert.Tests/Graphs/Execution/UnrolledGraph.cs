using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Tests.Graphs.Execution;

/// <summary>A graph of many nodes behind each other: x (b, 2), multiplied with a matrix and bent, again and again.</summary>
internal static class UnrolledGraph
{
    /// <summary>The steps of a graph of 10,000 nodes and two more.</summary>
    public const int Steps = 5000;

    /// <summary>The name of its last node.</summary>
    public static string Last => FormattableString.Invariant($"step_{Steps - 1}");

    /// <summary>The graph.</summary>
    /// <param name="steps">Products, and as many tanh.</param>
    public static GraphDef Of(int steps)
    {
        var graph = new GraphDef();
        NodeDef Node(string name, string op, params string[] inputs)
        {
            var node = new NodeDef { Name = name, Op = op };
            node.Input.AddRange(inputs);
            node.Attr["T"] = new AttrValue { Type = 1 };
            graph.Node.Add(node);
            return node;
        }

        var tensor = new TensorProto { Dtype = 1, TensorShape = new TensorShapeProto() };
        tensor.TensorShape.Dim.AddRange([new() { Size = 2 }, new() { Size = 2 }]);
        tensor.FloatVal.AddRange([0.5f, -0.25f, 0.75f, 0.125f]);
        Node("x", "Placeholder").Attr["dtype"] = new AttrValue { Type = 1 };
        Node("w", "Const").Attr["value"] = new AttrValue { Tensor = tensor };
        for (var k = 0; k < steps; k++)
        {
            Node($"product_{k}", "MatMul", k == 0 ? "x" : $"step_{k - 1}", "w");
            Node($"step_{k}", "Tanh", $"product_{k}");
        }

        return graph;
    }
}
