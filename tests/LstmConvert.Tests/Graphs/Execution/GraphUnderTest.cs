using Google.Protobuf;
using LstmConvert.Arrays;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Reading;
using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Tests.Graphs.Execution;

/// <summary>A small graph that a test makes.</summary>
internal sealed class GraphUnderTest
{
    private readonly GraphDef graph = new();

    public string Path { get; } = System.IO.Path.Combine(Directory.CreateTempSubdirectory().FullName, "graph.pb");

    /// <summary>Adds a node.</summary>
    public GraphUnderTest With(string name, string op, string inputs = "", params (string Name, object Value)[] attributes)
    {
        graph.Node.Add(Node(name, op, inputs, attributes));
        return this;
    }

    /// <summary>Adds a node.</summary>
    public GraphUnderTest With(NodeDef node)
    {
        graph.Node.Add(node);
        return this;
    }

    /// <summary>Adds a function whose arguments and results are those named.</summary>
    public GraphUnderTest WithFunction(string name, string arguments, string results, params NodeDef[] nodes)
    {
        var function = new FunctionDef { Signature = new OpDef { Name = name } };
        function.Signature.InputArg.AddRange(Split(arguments).Select(argument => new OpDef.Types.ArgDef { Name = argument }));
        foreach (var (k, result) in Split(results).Index())
        {
            function.Signature.OutputArg.Add(new OpDef.Types.ArgDef { Name = $"result_{k}" });
            function.Ret[$"result_{k}"] = result;
        }

        function.NodeDef.AddRange(nodes);
        (graph.Library ??= new FunctionDefLibrary()).Function.Add(function);
        return this;
    }

    public static NodeDef Node(string name, string op, string inputs, params (string Name, object Value)[] attributes)
    {
        var node = new NodeDef { Name = name, Op = op };
        node.Input.AddRange(Split(inputs));
        foreach (var (attribute, value) in attributes)
        {
            node.Attr[attribute] = value switch
            {
                bool truth => new AttrValue { B = truth },
                int number => attribute is "T" or "dtype" or "DstT" ? new AttrValue { Type = number } : new AttrValue { I = number },
                double number => new AttrValue { F = (float)number },
                float[] numbers => new AttrValue { Tensor = Tensor(1, numbers.Length, tensor => tensor.FloatVal.AddRange(numbers)) },
                int[] numbers => new AttrValue { Tensor = Tensor(3, numbers.Length, tensor => tensor.IntVal.AddRange(numbers)) },
                NameAttrList function => new AttrValue { Func = function },
                _ => new AttrValue { S = ByteString.CopyFromUtf8((string)value) },
            };
        }

        return node;
    }

    public GraphProgram Open()
    {
        File.WriteAllBytes(Path, graph.ToByteArray());
        return new GraphProgram(Graph.Open(Path), _ => null);
    }

    public GraphResult Run(string fetches, params (string Tensor, GraphValue Value)[] feeds) =>
        Open().Run(feeds.ToDictionary(feed => feed.Tensor, feed => feed.Value, StringComparer.Ordinal), Split(fetches), Precision.Single);

    /// <summary>The first fetch as numbers.</summary>
    public double[] Numbers(string fetch, params (string Tensor, GraphValue Value)[] feeds) => Run(fetch, feeds).Values[0].ToDoubles();

    /// <summary>One number is a scalar, several are a vector.</summary>
    private static TensorProto Tensor(int type, int count, Action<TensorProto> fill)
    {
        var tensor = new TensorProto { Dtype = type, TensorShape = new TensorShapeProto() };
        if (count != 1)
        {
            tensor.TensorShape.Dim.Add(new TensorShapeProto.Types.Dim { Size = count });
        }

        fill(tensor);
        return tensor;
    }

    private static string[] Split(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
