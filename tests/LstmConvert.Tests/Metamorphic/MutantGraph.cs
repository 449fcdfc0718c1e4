using System.Globalization;
using Google.Protobuf;
using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Tests.Metamorphic;

/// <summary>A list of nodes that a mutation changes: the graph's own, or the body of one of its functions.</summary>
internal sealed class MutantGraph(GraphDef graph, IList<NodeDef> nodes, FunctionDef? function)
{
    private const int Float = 1;

    private static readonly string[] NoNumbers =
    [
        "Shape",
        "ShapeN",
        "Size",
        "Rank",
        "Less",
        "LessEqual",
        "Greater",
        "GreaterEqual",
        "Equal",
        "NotEqual",
        "LogicalAnd",
        "LogicalOr",
        "LoopCond",
        "TensorArrayV3",
        "TensorArraySizeV3",
        "TensorArrayWriteV3",
        "TensorArrayScatterV3",
        "TensorListReserve",
        "TensorListFromTensor",
        "TensorListSetItem",
        "TensorListPushBack",
        "EmptyTensorList",
        "Placeholder",
        "PlaceholderWithDefault",
        "Range",
        "While",
        "StatelessWhile",
        "TensorArray",
        "TensorArrayWrite",
        "TensorArraySize",
        "TensorArrayUnpack",
        "TensorArrayScatter",
        "TensorArraySizeV2",
        "TensorArrayV2",
        "TensorArrayWriteV2",
        "TensorArrayScatterV2",
        "ArgMax",
    ];

    private int added;

    public GraphDef Graph { get; } = graph;

    public IList<NodeDef> Nodes { get; } = nodes;

    public bool IsFunction => function is not null;

    /// <summary>The graph itself, and its functions that compute with floats.</summary>
    public static IReadOnlyList<MutantGraph> Of(GraphDef graph) =>
        [
            new MutantGraph(graph, graph.Node, null),
            .. (graph.Library?.Function ?? []).Select(function => new MutantGraph(graph, function.NodeDef, function)),
        ];

    /// <summary>The node that an input names; null for a function's argument.</summary>
    public NodeDef? Find(string input)
    {
        var name = NameOf(input);
        return Nodes.FirstOrDefault(node => node.Name == name);
    }

    public static string NameOf(string input) => input.TrimStart('^').Split(':')[0];

    /// <summary>An output of a node as an input names it.</summary>
    public string Reference(string name, string output, int index = 0) =>
        IsFunction ? string.Create(CultureInfo.InvariantCulture, $"{name}:{output}:{index}")
        : index == 0 ? name
        : string.Create(CultureInfo.InvariantCulture, $"{name}:{index}");

    /// <summary>True for the order of the operations on a tensor array, which is handed on as a number that nothing computes
    /// with.</summary>
    private bool IsFlow(NodeDef node)
    {
        // A mutant may lead back to itself.
        var at = node;
        for (var step = 0; step < 32 && at is not null; step++)
        {
            if (
                at.Op.StartsWith("TensorArray", StringComparison.Ordinal)
                && !at.Op.StartsWith("TensorArrayRead", StringComparison.Ordinal)
                && !at.Op.StartsWith("TensorArrayGather", StringComparison.Ordinal)
                && !at.Op.StartsWith("TensorArrayPack", StringComparison.Ordinal))
            {
                return true;
            }

            at =
                at.Input.Count > 0 && at.Op is "Identity" or "Enter" or "Exit" or "Switch" or "Merge" or "NextIteration"
                    ? Find(at.Input[0])
                    : null;
        }

        return false;
    }

    /// <summary>The edges that carry float32 from one node to another.</summary>
    public (NodeDef To, int Input)[] FloatEdges() =>
        [
            .. Nodes
                .SelectMany(node => node.Input.Select((input, k) => (To: node, Input: k, Text: input)))
                .Where(edge =>
                    !edge.Text.StartsWith('^')
                    && Find(edge.Text) is { } from
                    && IsFloat(from)
                    && !IsFlow(from)
                    && edge.To.Op is not ("Shape" or "ShapeN" or "TensorArraySizeV3" or "TensorArraySizeV2" or "TensorArraySize")
                    && !(from.Op == "Split" && edge.To.Op == "Split"))
                .Select(edge => (edge.To, edge.Input)),
        ];

    public static bool IsFloat(NodeDef node) =>
        Array.IndexOf(NoNumbers, node.Op) < 0
        && (
            node.Op == "Cast"
                ? node.Attr.TryGetValue("DstT", out var type)
                : node.Attr.TryGetValue("T", out type) || node.Attr.TryGetValue("dtype", out type))
        && type.Type == Float;

    /// <summary>Adds a node beside another one; the inputs are as an input names them.</summary>
    public string Add(string op, string output, string near, IEnumerable<string> inputs, params (string Name, AttrValue Value)[] attributes)
    {
        var node = new NodeDef { Name = string.Create(CultureInfo.InvariantCulture, $"{near}_m{added++}"), Op = op };
        node.Input.AddRange(inputs);
        node.Attr["T"] = new AttrValue { Type = Float };
        foreach (var (name, value) in attributes)
        {
            node.Attr[name] = value;
        }

        if (op == "Const")
        {
            node.Attr.Remove("T");
        }

        Nodes.Add(node);
        return Reference(node.Name, output);
    }

    /// <summary>A constant that is alive wherever a value is: within a loop it waits for it.</summary>
    public string Constant(string near, string alive, float[] values, params int[] shape)
    {
        var tensor = new TensorProto { Dtype = Float, TensorShape = new TensorShapeProto() };
        tensor.TensorShape.Dim.AddRange(shape.Select(length => new TensorShapeProto.Types.Dim { Size = length }));
        tensor.FloatVal.AddRange(values);
        return Add(
            "Const",
            "output",
            near,
            ["^" + NameOf(alive)],
            ("dtype", new AttrValue { Type = Float }),
            ("value", new AttrValue { Tensor = tensor }));
    }

    /// <summary>Whole numbers, on a path of control like <see cref="Constant"/>.</summary>
    public string Integers(string near, string alive, params int[] values)
    {
        var tensor = new TensorProto { Dtype = 3, TensorShape = new TensorShapeProto() };
        tensor.TensorShape.Dim.Add(new TensorShapeProto.Types.Dim { Size = values.Length });
        tensor.IntVal.AddRange(values);
        return Add(
            "Const",
            "output",
            near,
            ["^" + NameOf(alive)],
            ("dtype", new AttrValue { Type = 3 }),
            ("value", new AttrValue { Tensor = tensor }));
    }

    /// <summary>The one number of a constant; null for any other node.</summary>
    public static float? Scalar(NodeDef node)
    {
        if (
            node.Op != "Const"
            || !node.Attr.TryGetValue("value", out var value)
            || value.Tensor is not { Dtype: Float } tensor
            || tensor.TensorShape?.Dim.Any(dim => dim.Size != 1) == true)
        {
            return null;
        }

        return tensor.FloatVal.Count > 0 ? tensor.FloatVal[0]
            : tensor.TensorContent.Length == 4 ? BitConverter.ToSingle(tensor.TensorContent.Span)
            : null;
    }

    /// <summary>Gives a constant another number.</summary>
    public static void SetScalar(NodeDef node, float number)
    {
        var tensor = node.Attr["value"].Tensor;
        tensor.TensorContent = ByteString.Empty;
        tensor.FloatVal.Clear();
        tensor.FloatVal.Add(number);
    }

    /// <summary>The lengths of a constant of floats with an axis; null for any other node.</summary>
    public static int[]? WeightShape(NodeDef node) =>
        node.Op == "Const"
        && node.Attr.TryGetValue("value", out var value)
        && value.Tensor is { Dtype: Float, TensorShape.Dim.Count: > 0 } tensor
        && (tensor.TensorContent.Length > 0 || tensor.FloatVal.Count > 0)
            ? [.. tensor.TensorShape.Dim.Select(dim => (int)dim.Size)]
            : null;

    /// <summary>The numbers of such a constant.</summary>
    public static float[] Weights(NodeDef node)
    {
        var tensor = node.Attr["value"].Tensor;
        var count = (int)tensor.TensorShape.Dim.Aggregate(1L, (product, dim) => product * dim.Size);
        return tensor.TensorContent.Length > 0
            ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.TensorContent.Span).ToArray()
            : [.. Enumerable.Range(0, count).Select(k => tensor.FloatVal[Math.Min(k, tensor.FloatVal.Count - 1)])];
    }
}
