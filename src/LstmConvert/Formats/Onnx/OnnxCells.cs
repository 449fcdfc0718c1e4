using System.Globalization;
using LstmConvert.Formats.Onnx.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Onnx;

/// <summary>Reads the recurrent nodes of a graph: their variables, what their attributes say, and what feeds them.</summary>
internal sealed class OnnxCells
{
    /// <summary>Operators that hand on the numbers of their first input in another shape or order of axes.</summary>
    private static readonly string[] HandingOn = ["Transpose", "Squeeze", "Unsqueeze", "Reshape", "Identity", "Flatten", "Cast", "Dropout"];

    /// <summary>The longest way from a node back to another that is followed.</summary>
    private const int MaximumSteps = 1000;

    private readonly string path;
    private readonly Dictionary<string, TensorProto> initializers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeProto> makers = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeProto, IReadOnlyList<string>> scopes = [];
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly List<Tensor> tensors = [];
    private readonly List<LeftOut> leftOut = [];
    private readonly List<StatedCell> cells = [];

    public OnnxCells(string path, GraphProto graph)
    {
        this.path = path;
        foreach (var tensor in graph.Initializer)
        {
            initializers.TryAdd(tensor.Name, tensor);
        }

        foreach (var node in graph.Node)
        {
            if (
                node.Attribute.FirstOrDefault(one => one.Name == "value" && one.T is not null) is { } constant
                && node.Input.Count == 0
                && node.Output.Count == 1)
            {
                initializers.TryAdd(node.Output[0], constant.T);
            }

            foreach (var output in node.Output)
            {
                makers.TryAdd(output, node);
            }
        }
    }

    /// <summary>What the nodes say.</summary>
    public IReadOnlyList<StatedCell> Cells => cells;

    /// <summary>Adds a recurrent node.</summary>
    /// <exception cref="UnreadableInputException">Its inputs do not fit each other.</exception>
    public void Add(NodeProto node)
    {
        var at = new OnnxNode(node);
        var name = Unique(node.Name.Length > 0 ? node.Name.Trim('/') : node.OpType.ToLowerInvariant());
        if (Weight(node, 1) is not { } input || Weight(node, 2) is not { } recurrent)
        {
            leftOut.Add(
                new LeftOut(
                    name,
                    $"{node.OpType} whose weights are computed in the graph ({string.Join(", ", node.Input.Skip(1).Take(2))}); only numbers that stand in the file are read"
                ));
            return;
        }

        var (directions, rows, units) = (
            recurrent.Shape.Count == 3 ? recurrent.Shape[0] : 0,
            recurrent.Shape.Count == 3 ? recurrent.Shape[1] : 0,
            recurrent.Shape.Count == 3 ? recurrent.Shape[2] : 0);
        if (
            directions is not (1 or 2)
            || input.Shape.Count != 3
            || input.Shape[0] != directions
            || input.Shape[1] != rows
            || at.Directions != directions)
        {
            throw new UnreadableInputException(
                $"{path}: the node {name} ({node.OpType}, {at.Direction}) has weights ({string.Join(", ", input.Shape)}) and ({string.Join(", ", recurrent.Shape)}), and they are (directions, gates*units, width) each. The model is damaged; export it again."
            );
        }

        var own = directions == 1 ? new[] { name } : [name + "/fw", name + "/bw"];
        scopes[node] = own;
        for (var d = 0; d < own.Length; d++)
        {
            var prefix = $"{own[d]}/onnx.{node.OpType}/";
            tensors.Add(input.Part(prefix + "W", d * rows * input.Shape[2], rows, input.Shape[2]));
            tensors.Add(recurrent.Part(prefix + "R", d * rows * units, rows, units));
            AddRows(node, 3, prefix, d, rows, directions, ["Wb", "Rb"]);
            AddRows(node, 7, prefix, d, units, directions, ["Pi", "Po", "Pf"]);
            var (fedBy, source) = Feed(node);
            cells.Add(new StatedCell(own[d], name)
            {
                Facts = at.Facts(d),
                Obstacles = [.. at.Obstacles(d), .. Starts(node)],
                FedBy = fedBy,
                Input = source,
            });
        }
    }

    /// <summary>The variables of the cells, then what else the model holds, as variables that no cell has.</summary>
    public (IReadOnlyList<Tensor> Tensors, IReadOnlyList<LeftOut> LeftOut) Rest()
    {
        foreach (var (name, tensor) in initializers.Where(one => !taken.Contains(one.Key) && one.Key.Length > 0))
        {
            if (OnnxTensor.Of(path, tensor) is { } read && names.Add(name))
            {
                tensors.Add(read.Part(name, 0, [.. read.Shape]));
            }
            else
            {
                leftOut.Add(new LeftOut(name, "no numbers"));
            }
        }

        return (tensors, leftOut);
    }

    private void AddRows(NodeProto node, int input, string prefix, int direction, long width, long directions, string[] roles)
    {
        if (Given(node, input) is null)
        {
            return;
        }

        if (Weight(node, input) is not { } tensor)
        {
            throw new UnreadableInputException(
                $"{path}: {prefix[..^1]} has an input {node.Input[input]} that the graph computes; only numbers that stand in the file are read. Fold the constants of the model (onnxsim, onnxruntime), and name the result."
            );
        }

        if (tensor.Shape is not [var all, var count] || all != directions || count != roles.Length * width)
        {
            throw new UnreadableInputException(
                $"{path}: {node.Input[input]} of {prefix[..^1]} is ({string.Join(", ", tensor.Shape)}), and ({directions}, {roles.Length * width}) is expected. The model is damaged; export it again."
            );
        }

        foreach (var (k, role) in roles.Index())
        {
            tensors.Add(tensor.Part(prefix + role, (direction * count) + (k * width), width));
        }
    }

    /// <summary>Obstacles in what the states start from: numbers in the file that are not zero.</summary>
    private IEnumerable<string> Starts(NodeProto node)
    {
        foreach (var (input, state) in new[] { (5, "h"), (6, "c") })
        {
            if (
                Given(node, input) is { } name
                && initializers.TryGetValue(name, out var tensor)
                && taken.Add(name)
                && OnnxTensor.Of(path, tensor) is { IsZero: false })
            {
                yield return $"its state {state} starts from {name}, numbers in the file that are not zero, which the weights of a Keras layer do not hold";
            }
        }
    }

    /// <summary>The cells whose outputs feed a node, or the name of what does.</summary>
    private (IReadOnlyList<string> FedBy, string Input) Feed(NodeProto node)
    {
        var name = Given(node, 0) ?? "";
        for (var steps = 0; steps < MaximumSteps; steps++)
        {
            if (!makers.TryGetValue(name, out var maker))
            {
                return ([], name);
            }

            if (scopes.TryGetValue(maker, out var from))
            {
                return maker.Output.Count > 0 && maker.Output[0] == name ? (from, "") : ([], name);
            }

            if (!HandingOn.Contains(maker.OpType) || maker.Input.Count == 0)
            {
                return ([], name);
            }

            name = maker.Input[0];
        }

        return ([], name);
    }

    private OnnxTensor? Weight(NodeProto node, int input)
    {
        if (Given(node, input) is not { } name || !initializers.TryGetValue(name, out var tensor))
        {
            return null;
        }

        taken.Add(name);
        return OnnxTensor.Of(path, tensor);
    }

    private static string? Given(NodeProto node, int input) =>
        node.Input.Count > input && node.Input[input].Length > 0 ? node.Input[input] : null;

    private string Unique(string name)
    {
        var unique = name;
        for (var k = 1; !names.Add(unique); k++)
        {
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{k}");
        }

        return unique;
    }
}
