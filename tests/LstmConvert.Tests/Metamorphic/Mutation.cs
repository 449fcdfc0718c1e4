using System.Globalization;
using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Tests.Metamorphic;

/// <summary>A way in which another program could differ from a recorded one.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Apply">Changes a graph at one place; says what and where, or null where it has no place.</param>
internal sealed record Mutation(string Name, Func<MutantGraph, Random, string?> Apply)
{
    private static readonly string[] Functions =
    [
        "Tanh",
        "Sigmoid",
        "Relu",
        "Relu6",
        "Elu",
        "Selu",
        "Softplus",
        "Softsign",
        "Identity",
        "Neg",
        "Square",
        "Exp",
        "Abs",
        "Sin",
        "LeakyRelu",
        "Softmax",
    ];

    private static readonly float[] Numbers = [0.7f, 0, -1, 2.5f, 1, 0.3f, 1e-3f, 5];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("rename", Rename),
        new("constant", Constant),
        new("activation", (graph, random) => Activation(graph, random, all: false)),
        new("activations", (graph, random) => Activation(graph, random, all: true)),
        new("composed activation", Composed),
        new("value", (graph, random) => Insert(graph, random, graph.FloatEdges())),
        new("value", (graph, random) => Insert(graph, random, graph.FloatEdges())),
        new("state", (graph, random) => Insert(graph, random, States(graph))),
        new("sequence", (graph, random) => Insert(graph, random, Sequences(graph))),
        new("weight", (graph, random) => Insert(graph, random, WeightEdges(graph))),
        new("gate", (graph, random) => Insert(graph, random, GateEdges(graph))),
        new("split outputs", SplitOutputs),
        new("rewire", Rewire),
        new("rewire gate", RewireGate),
        new("swap operands", SwapOperands),
        new("residual", Residual),
        new("blend", Blend),
        new("bias", Bias),
        new("share", Share),
        new("spell", Spell),
        new("operation", Operation),
        new("attribute", Attribute),
        new("reader", Reader),
    ];

    private static string Pick(string[] from, Random random) => from[random.Next(from.Length)];

    private static NodeDef? Pick(NodeDef[] from, Random random) => from.Length == 0 ? null : from[random.Next(from.Length)];

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Every component of a name becomes another one.</summary>
    private static string? Rename(MutantGraph graph, Random random)
    {
        if (graph.IsFunction)
        {
            return null;
        }

        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        string New(string name) =>
            string.Join(
                '/',
                name.Split('/')
                    .Select(part => words.TryGetValue(part, out var known) ? known : words[part] = Say($"n{words.Count}_{random.Next(10)}"))
            );
        foreach (var node in graph.Nodes)
        {
            node.Name = New(node.Name);
            for (var k = 0; k < node.Input.Count; k++)
            {
                var (control, name) = (node.Input[k].StartsWith('^') ? "^" : "", MutantGraph.NameOf(node.Input[k]));
                node.Input[k] = control + New(name) + node.Input[k][(control.Length + name.Length)..];
            }
        }

        Names?.Invoke(New);
        return "all names";
    }

    /// <summary>Told the renaming of the graph that is being changed.</summary>
    [ThreadStatic]
    public static Action<Func<string, string>>? Names;

    private static string? Constant(MutantGraph graph, Random random)
    {
        if (Pick([.. graph.Nodes.Where(node => MutantGraph.Scalar(node) is not null)], random) is not { } node)
        {
            return null;
        }

        var (old, number) = (MutantGraph.Scalar(node)!.Value, Numbers[random.Next(Numbers.Length)]);
        MutantGraph.SetScalar(node, number);
        return Say($"{node.Name}: {old} -> {number}");
    }

    private static string? Activation(MutantGraph graph, Random random, bool all)
    {
        if (
            Pick([.. graph.Nodes.Where(node => node.Op is "Tanh" or "Sigmoid" or "Relu" && MutantGraph.IsFloat(node))], random)
            is not { } one)
        {
            return null;
        }

        var (old, op) = (one.Op, Pick(Functions, random));
        foreach (var node in all ? graph.Nodes.Where(node => node.Op == old).ToArray() : [one])
        {
            foreach (var user in graph.IsFunction ? graph.Nodes : [])
            {
                for (var k = 0; k < user.Input.Count; k++)
                {
                    user.Input[k] = user.Input[k].StartsWith(node.Name + ":", StringComparison.Ordinal)
                        ? graph.Reference(node.Name, "y")
                        : user.Input[k];
                }
            }

            node.Op = op;
            if (op == "LeakyRelu")
            {
                node.Attr["alpha"] = new AttrValue { F = Numbers[random.Next(2)] };
            }
        }

        return Say($"{one.Name}: {old} -> {op}{(all ? " everywhere" : "")}");
    }

    /// <summary>x * sigmoid(x), and others that are made of several operations.</summary>
    private static string? Composed(MutantGraph graph, Random random)
    {
        if (
            Pick([.. graph.Nodes.Where(node => node.Op is "Tanh" or "Relu" or "Sigmoid" && MutantGraph.IsFloat(node))], random)
            is not { } node)
        {
            return null;
        }

        var (x, name, old) = (node.Input[0], node.Name, node.Op);
        var op = Pick(["Sigmoid", "Tanh", "Softplus", "Relu"], random);
        var half = graph.Add(op, "y", name, [x]);
        var form = random.Next(3);
        if (form == 2)
        {
            half = graph.Add("Mul", "z", name, [half, graph.Constant(name, half, [1.5f])]);
        }

        node.Op = form == 0 ? "Add" : "Mul";
        node.Input.Clear();
        node.Input.AddRange([x, half]);
        Retarget(graph, name, "z");
        return Say($"{name}: {old} -> x {node.Op} {op}(x){(form == 2 ? " * 1.5" : "")}");
    }

    private static void Retarget(MutantGraph graph, string name, string output)
    {
        foreach (var user in graph.IsFunction ? graph.Nodes : [])
        {
            for (var k = 0; k < user.Input.Count; k++)
            {
                user.Input[k] = user.Input[k].StartsWith(name + ":", StringComparison.Ordinal)
                    ? graph.Reference(name, output)
                    : user.Input[k];
            }
        }
    }

    private static (NodeDef, int)[] States(MutantGraph graph) =>
        [.. graph.FloatEdges().Where(edge => edge.To.Op is "NextIteration" or "Enter" || (edge.To.Op == "Merge" && edge.Input == 0))];

    /// <summary>What goes into loops and out of them.</summary>
    private static (NodeDef, int)[] Sequences(MutantGraph graph) =>
        [
            .. graph
                .FloatEdges()
                .Where(edge =>
                    edge.To.Op.StartsWith("TensorArrayScatter", StringComparison.Ordinal)
                    || edge.To.Op.StartsWith("TensorArrayWrite", StringComparison.Ordinal)
                    || edge.To.Op
                        is "TensorListFromTensor"
                            or "Transpose"
                            or "Unpack"
                            or "ConcatV2"
                            or "Concat"
                            or "Identity"
                            or "ReverseSequence"
                            or "ReverseV2"
                            or "Pack"
                    || graph.Find(edge.To.Input[edge.Input]) is { } from
                        && (
                            from.Op.StartsWith("TensorArrayGather", StringComparison.Ordinal)
                            || from.Op.StartsWith("TensorArrayRead", StringComparison.Ordinal)
                            || from.Op is "TensorListStack" or "TensorListGetItem" or "Transpose" or "Exit" or "Unpack")),
        ];

    private static (NodeDef, int)[] WeightEdges(MutantGraph graph) =>
        [
            .. graph
                .FloatEdges()
                .Where(edge =>
                    graph.Find(edge.To.Input[edge.Input]) is { } from
                    && (
                        MutantGraph.WeightShape(from) is not null
                        || (from.Op == "Identity" && graph.Find(from.Input[0]) is { } behind && MutantGraph.WeightShape(behind) is not null)
                    )),
        ];

    private static (NodeDef, int)[] GateEdges(MutantGraph graph) =>
        [
            .. graph
                .FloatEdges()
                .Where(edge => edge.To.Op is "Tanh" or "Sigmoid" or "Split" or "Mul" or "Add" or "BiasAdd" or "AddV2" or "MatMul"),
        ];

    /// <summary>Puts an operation onto an edge.</summary>
    private static string? Insert(MutantGraph graph, Random random, (NodeDef To, int Input)[] edges)
    {
        if (edges.Length == 0)
        {
            return null;
        }

        var (to, input) = edges[random.Next(edges.Length)];
        var at = to.Input[input];
        var near = MutantGraph.NameOf(at);
        string Number(float value) => graph.Constant(near, at, [value]);
        var (label, made) = random.Next(25) switch
        {
            0 => ("Identity", graph.Add("Identity", "output", near, [at])),
            1 => ("* 1", graph.Add("Mul", "z", near, [at, Number(1)])),
            2 => ("* 2", graph.Add("Mul", "z", near, [at, Number(2)])),
            3 => ("0.5 *", graph.Add("Mul", "z", near, [Number(0.5f), at])),
            4 => ("+ 0.3", graph.Add("Add", "z", near, [at, Number(0.3f)])),
            5 => ("+ 0", graph.Add("AddV2", "z", near, [at, Number(0)])),
            6 => ("Neg", graph.Add("Neg", "y", near, [at])),
            7 => ("AddN of one", graph.Add("AddN", "sum", near, [at], ("N", new AttrValue { I = 1 }))),
            8 => ("AddN of two", graph.Add("AddN", "sum", near, [at, at], ("N", new AttrValue { I = 2 }))),
            9 => ("StopGradient", graph.Add("StopGradient", "output", near, [at])),
            10 => (
                "half and back",
                graph.Add(
                    "Cast",
                    "y",
                    near,
                    [graph.Add("Cast", "y", near, [at], ("SrcT", Type(1)), ("DstT", Type(19)))],
                    ("SrcT", Type(19)),
                    ("DstT", Type(1)))),
            11 => ("Relu", graph.Add("Relu", "activations", near, [at])),
            12 => ("Tanh", graph.Add("Tanh", "y", near, [at])),
            13 => ("Reverse 0", Reverse(graph, near, at, 0)),
            14 => ("Reverse 1", Reverse(graph, near, at, 1)),
            15 => ("Reverse last", Reverse(graph, near, at, -1)),
            16 => ("Reverse twice", Reverse(graph, near, Reverse(graph, near, at, 0), 0)),
            17 => ("clip", graph.Add("Minimum", "z", near, [graph.Add("Maximum", "z", near, [at, Number(-0.4f)]), Number(0.4f)])),
            18 => ("/ 2", graph.Add("RealDiv", "z", near, [at, Number(2)])),
            19 => ("1 - x", graph.Add("Sub", "z", near, [Number(1), at])),
            20 => ("x * x", graph.Add("Mul", "z", near, [at, at])),
            21 => (
                "quantised",
                graph.Add(
                    "FakeQuantWithMinMaxArgs",
                    "outputs",
                    near,
                    [at],
                    ("min", new AttrValue { F = -2 }),
                    ("max", new AttrValue { F = 2 }),
                    ("num_bits", new AttrValue { I = 4 }))),
            22 => ("Maximum", graph.Add("Maximum", "z", near, [at, Number(0.1f)])),
            23 => ("Transpose", graph.Add("Transpose", "y", near, [at, graph.Integers(near, at, 1, 0)], ("Tperm", Type(3)))),
            _ => ("swap batch and time", graph.Add("Transpose", "y", near, [at, graph.Integers(near, at, 1, 0, 2)], ("Tperm", Type(3)))),
        };
        to.Input[input] = made;
        return $"{label} between {at} and {to.Name}";
    }

    private static AttrValue Type(int type) => new() { Type = type };

    private static string Reverse(MutantGraph graph, string near, string at, int axis) =>
        graph.Add("ReverseV2", "output", near, [at, graph.Integers(near, at, axis)], ("Tidx", Type(3)));

    /// <summary>Two parts of a split change places.</summary>
    private static string? SplitOutputs(MutantGraph graph, Random random)
    {
        var splits = graph.Nodes.Where(node => node.Op is "Split" or "SplitV" or "Unpack").ToArray();
        if (Pick(splits, random) is not { } split)
        {
            return null;
        }

        var users = graph
            .Nodes.SelectMany(node => node.Input.Select((input, k) => (Node: node, Input: k, Text: input)))
            .Where(user => MutantGraph.NameOf(user.Text) == split.Name && !user.Text.StartsWith('^'))
            .ToArray();
        var outputs = users.Select(user => user.Text).Distinct().ToArray();
        if (outputs.Length < 2)
        {
            return null;
        }

        var (one, other) = (outputs[random.Next(outputs.Length)], outputs[random.Next(outputs.Length)]);
        foreach (var (node, input, text) in users)
        {
            node.Input[input] = text == one ? other : text == other ? one : text;
        }

        return one == other ? null : $"{one} and {other} change places";
    }

    /// <summary>An input comes from somewhere else in the same scope.</summary>
    private static string? Rewire(MutantGraph graph, Random random) => Rewire(graph, random, graph.FloatEdges());

    private static string? RewireGate(MutantGraph graph, Random random) =>
        Rewire(
            graph,
            random,
            [
                .. graph
                    .FloatEdges()
                    .Where(edge =>
                        edge.To.Op is "Mul" or "Add" or "AddV2" or "Sigmoid" or "Tanh" or "ConcatV2" or "Sub" or "NextIteration"),
            ]);

    private static string? Rewire(MutantGraph graph, Random random, (NodeDef To, int Input)[] edges)
    {
        if (edges.Length < 2)
        {
            return null;
        }

        var (to, input) = edges[random.Next(edges.Length)];
        var old = to.Input[input];
        var near = edges.Where(edge => Scope(edge.To.Name) == Scope(to.Name) && edge.To.Input[edge.Input] != old).ToArray();
        if (near.Length == 0 || random.Next(4) == 0)
        {
            near = edges;
        }

        var (from, place) = near[random.Next(near.Length)];
        to.Input[input] = from.Input[place];
        return to.Input[input] == old ? null : $"{to.Name} reads {to.Input[input]}, not {old}";
    }

    private static string Scope(string name) => name.Contains('/', StringComparison.Ordinal) ? name[..name.LastIndexOf('/')] : "";

    private static string? SwapOperands(MutantGraph graph, Random random)
    {
        if (
            Pick(
                [
                    .. graph.Nodes.Where(node =>
                        node.Op is "Mul" or "Add" or "AddV2" or "Sub" or "ConcatV2" or "Maximum" or "Minimum" or "Pack"
                        && node.Input.Count > 1
                        && MutantGraph.IsFloat(node)),
                ],
                random)
            is not { } node)
        {
            return null;
        }

        (node.Input[0], node.Input[1]) = (node.Input[1], node.Input[0]);
        return $"the operands of {node.Name} ({node.Op}) change places";
    }

    /// <summary>A value that lies elsewhere is added.</summary>
    private static string? Residual(MutantGraph graph, Random random)
    {
        var edges = Sequences(graph).Concat(GateEdges(graph)).ToArray();
        if (edges.Length < 2)
        {
            return null;
        }

        var (to, input) = edges[random.Next(edges.Length)];
        var (from, place) = edges[random.Next(edges.Length)];
        var (at, other) = (to.Input[input], from.Input[place]);
        var op = random.Next(4) == 0 ? "Mul" : "Add";
        to.Input[input] = graph.Add(op, "z", MutantGraph.NameOf(at), [at, other]);
        return $"{other} {op} {at} before {to.Name}";
    }

    /// <summary>A state that is blended with the one before, as zoneout does.</summary>
    private static string? Blend(MutantGraph graph, Random random)
    {
        if (
            Pick([.. graph.Nodes.Where(node => node.Op == "NextIteration" && graph.FloatEdges().Any(edge => edge.To == node))], random)
                is not { } next
            || graph.Nodes.FirstOrDefault(node => node.Op == "Merge" && node.Input.Any(input => MutantGraph.NameOf(input) == next.Name))
                is not { } merge
            || graph.Nodes.FirstOrDefault(node => node.Op == "Switch" && MutantGraph.NameOf(node.Input[0]) == merge.Name) is not { } fork)
        {
            return null;
        }

        var (at, near) = (next.Input[0], MutantGraph.NameOf(next.Input[0]));
        var old = graph.Add("Identity", "output", near, [fork.Name + ":1"]);
        var (part, rest) = random.Next(3) switch
        {
            0 => (0.9f, 0.1f),
            1 => (1f, 0.2f),
            _ => (0.5f, 0.5f),
        };
        next.Input[0] = graph.Add(
            "Add",
            "z",
            near,
            [
                graph.Add("Mul", "z", near, [at, graph.Constant(near, at, [part])]),
                graph.Add("Mul", "z", near, [old, graph.Constant(near, at, [rest])]),
            ]);
        return Say($"{next.Name} gets {part} of {at} and {rest} of the old value");
    }

    /// <summary>A vector is added or multiplied where a bias is added.</summary>
    private static string? Bias(MutantGraph graph, Random random)
    {
        if (
            Pick(
                [
                    .. graph.Nodes.Where(node =>
                        node.Op is "BiasAdd" or "Add" or "AddV2" && node.Input.Count == 2 && Width(graph, node) is not null),
                ],
                random)
            is not { } node)
        {
            return null;
        }

        var (width, at) = (Width(graph, node)!.Value, node.Input[0]);
        var numbers = Enumerable.Range(0, width).Select(_ => (float)((random.NextDouble() * 2) - 1)).ToArray();
        var op = random.Next(3) == 0 ? "Mul" : "Add";
        node.Input[0] = graph.Add(op, "z", MutantGraph.NameOf(at), [at, graph.Constant(MutantGraph.NameOf(at), at, numbers, width)]);
        return $"a vector {op} {at} before {node.Name}";
    }

    private static int? Width(MutantGraph graph, NodeDef node)
    {
        var at = graph.Find(node.Input[1]);
        for (var step = 0; step < 4 && at is not null; step++)
        {
            if (MutantGraph.WeightShape(at) is [var width])
            {
                return width;
            }

            at = at.Op is "Identity" or "Enter" && at.Input.Count > 0 ? graph.Find(at.Input[0]) : null;
        }

        return null;
    }

    /// <summary>What reads one weight reads another one of the same shape.</summary>
    private static string? Share(MutantGraph graph, Random random)
    {
        var weights = graph.Nodes.Where(node => MutantGraph.WeightShape(node) is not null).ToArray();
        if (
            Pick(weights, random) is not { } one
            || Pick(
                [.. weights.Where(node => node != one && MutantGraph.WeightShape(node)!.SequenceEqual(MutantGraph.WeightShape(one)!))],
                random)
                is not { } other)
        {
            return null;
        }

        foreach (var node in graph.Nodes)
        {
            for (var k = 0; k < node.Input.Count; k++)
            {
                node.Input[k] = node.Input[k] == one.Name ? other.Name : node.Input[k];
            }
        }

        return $"{other.Name} in the place of {one.Name}";
    }

    /// <summary>The same in other operations.</summary>
    private static string? Spell(MutantGraph graph, Random random)
    {
        if (
            Pick(
                [
                    .. graph.Nodes.Where(node =>
                        node.Op is "BiasAdd" or "Add" or "AddV2" or "Sub" or "MatMul" or "Sigmoid" or "Tanh" && MutantGraph.IsFloat(node)),
                ],
                random)
            is not { } node)
        {
            return null;
        }

        var (old, name) = (node.Op, node.Name);
        string[] inputs = [.. node.Input];
        void Becomes(string op, string output, params string[] now)
        {
            node.Op = op;
            node.Input.Clear();
            node.Input.AddRange(now);
            Retarget(graph, name, output);
        }

        switch (old)
        {
            case "BiasAdd":
                Becomes("Add", "z", inputs);
                break;
            case "Add":
                Becomes("AddV2", "z", inputs);
                break;
            case "AddV2":
                node.Attr["N"] = new AttrValue { I = 2 };
                Becomes("Add", "z", [inputs[1], inputs[0]]);
                break;
            case "Sub":
                Becomes("Add", "z", inputs[0], graph.Add("Neg", "y", name, [inputs[1]]));
                break;
            case "MatMul" when !(node.Attr.TryGetValue("transpose_b", out var turned) && turned.B):
                node.Attr["transpose_b"] = new AttrValue { B = true };
                Becomes(
                    "MatMul",
                    "product",
                    inputs[0],
                    graph.Add("Transpose", "y", name, [inputs[1], graph.Integers(name, inputs[1], 1, 0)], ("Tperm", Type(3))));
                break;
            case "Sigmoid":
                var half = graph.Add(
                    "Tanh",
                    "y",
                    name,
                    [graph.Add("Mul", "z", name, [inputs[0], graph.Constant(name, inputs[0], [0.5f])])]);
                Becomes(
                    "Add",
                    "z",
                    graph.Add("Mul", "z", name, [half, graph.Constant(name, inputs[0], [0.5f])]),
                    graph.Constant(name, inputs[0], [0.5f]));
                break;
            case "Tanh":
                var twice = graph.Add(
                    "Sigmoid",
                    "y",
                    name,
                    [graph.Add("Mul", "z", name, [inputs[0], graph.Constant(name, inputs[0], [2])])]);
                Becomes(
                    "Sub",
                    "z",
                    graph.Add("Mul", "z", name, [twice, graph.Constant(name, inputs[0], [2])]),
                    graph.Constant(name, inputs[0], [1]));
                break;
            default:
                return null;
        }

        return $"{name} ({old}) is spelled {node.Op}";
    }

    /// <summary>An operation of two values becomes another.</summary>
    private static string? Operation(MutantGraph graph, Random random)
    {
        if (
            Pick(
                [
                    .. graph.Nodes.Where(node =>
                        node.Op is "Mul" or "Add" or "AddV2" or "Sub" or "Maximum" or "Minimum" && MutantGraph.IsFloat(node)),
                ],
                random)
            is not { } node)
        {
            return null;
        }

        var old = node.Op;
        node.Op = Pick([.. new[] { "Mul", "Add", "Sub", "Maximum", "Minimum" }.Where(op => op != old)], random);
        return $"{node.Name}: {old} -> {node.Op}";
    }

    /// <summary>A number or a switch among the attributes of an operation.</summary>
    private static string? Attribute(MutantGraph graph, Random random)
    {
        var all = graph
            .Nodes.Where(node => node.Op is not ("Enter" or "VarHandleOp" or "Assert" or "Const") && MutantGraph.IsFloat(node))
            .SelectMany(node => node.Attr.Keys.Where(key => !key.StartsWith('_')).Select(key => (node, key)))
            .Where(one =>
                one.node.Attr[one.key].ValueCase is AttrValue.ValueOneofCase.F or AttrValue.ValueOneofCase.B or AttrValue.ValueOneofCase.I
                && one.key is not ("N" or "num_split" or "num" or "Tlen"))
            .ToArray();
        if (all.Length == 0)
        {
            return null;
        }

        var (node, key) = all[random.Next(all.Length)];
        var value = node.Attr[key];
        var old = value.ToString();
        if (value.ValueCase == AttrValue.ValueOneofCase.F)
        {
            value.F = Numbers[random.Next(Numbers.Length)];
        }
        else if (value.ValueCase == AttrValue.ValueOneofCase.B)
        {
            value.B = !value.B;
        }
        else
        {
            value.I = random.Next(3);
        }

        return $"{node.Name} ({node.Op}): {key} {old} -> {value}";
    }

    /// <summary>Something reads a value, and nothing reads that.</summary>
    private static string? Reader(MutantGraph graph, Random random)
    {
        var edges = graph.FloatEdges();
        if (edges.Length == 0)
        {
            return null;
        }

        var (to, input) = edges[random.Next(edges.Length)];
        _ = graph.Add(Pick(["Tanh", "Neg", "Square", "Sigmoid"], random), "y", to.Name, [to.Input[input]]);
        return $"another reader of {to.Input[input]}";
    }
}
