using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Tests.Recognition;

/// <summary>
/// A frozen program of TensorFlow 1, written node by node as <c>tf.nn.dynamic_rnn</c> writes it (tensorflow v1.15 python/ops/rnn.py): loops
/// of
/// Enter, Merge, Switch and Exit over tensor arrays, BasicRNN cells in them. Names and the order of the axes are the test's own.
/// </summary>
/// <param name="isTimeMajor">True if sequences are <c>(t, b, x)</c>; else the loops transpose them.</param>
internal sealed class ProgramGraph(bool isTimeMajor)
{
    private readonly GraphDef graph = new() { Versions = new VersionDef { Producer = 134 } };
    private readonly Random random = new(7);

    /// <summary>What the program is given.</summary>
    public string Input(string name) => Add("Placeholder", name);

    /// <summary>A variable, frozen: a constant and what reads it.</summary>
    public string Variable(string name, params int[] shape)
    {
        var count = shape.Aggregate(1, (product, length) => product * length);
        var values = Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1)).ToArray();
        Add("Const", name).ToString();
        graph.Node[^1].Attr["value"] = new AttrValue { Tensor = Tensor(1, shape, MemoryMarshal.AsBytes<float>(values)) };
        return Add("Identity", name + "/read", name);
    }

    /// <summary>A sequence from its last step to its first.</summary>
    public string Reversed(string sequence, string name) => Add("ReverseV2", name, sequence, Whole(name + "/axis", isTimeMajor ? 0 : 1));

    /// <summary>Values side by side.</summary>
    public string Joined(string name, params string[] values) => Add("ConcatV2", name, [.. values, Whole(name + "/axis", 2)]);

    /// <summary>The sum of two values.</summary>
    public string Sum(string name, string a, string b) => Add("Add", name, a, b);

    /// <summary>A dense layer.</summary>
    public string Dense(string name, string value, int from, int to) =>
        Add(
            "BiasAdd",
            name + "/BiasAdd",
            Add("MatMul", name + "/MatMul", value, Variable(name + "/kernel", from, to)),
            Variable(name + "/bias", to));

    /// <summary>A dropout, as <c>tf.nn.dropout</c> writes it.</summary>
    public string Dropout(string name, string value)
    {
        var keep = Scalar(name + "/keep_prob", 0.8f);
        var noise = Add(
            "Floor",
            name + "/Floor",
            Add("Add", name + "/add", keep, Add("RandomUniform", name + "/random_uniform", Add("Shape", name + "/Shape", value))));
        return Add("Mul", name + "/mul", Add("RealDiv", name + "/div", value, keep), noise);
    }

    /// <summary>A loop over a sequence; its cells are told what the step reads and give what it puts out.</summary>
    /// <param name="scope">The scope of the loop.</param>
    /// <param name="sequence">What it walks.</param>
    /// <param name="cells">The cells, by scope and sizes.</param>
    /// <param name="step">What a step computes: given x and, for each cell, a function that runs it.</param>
    /// <param name="starts">What the states start from; nothing for zeros.</param>
    /// <returns>The outputs, and the last state of each cell.</returns>
    public (string Outputs, string[] States) Loop(
        string scope,
        string sequence,
        (string Scope, int Input, int Units)[] cells,
        Func<string, Func<string, string>[], string> step,
        params string[] starts)
    {
        var read = cells
            .Select(cell =>
                (
                    Kernel: Enter(Variable(cell.Scope + "/kernel", cell.Input + cell.Units, cell.Units)),
                    Bias: Enter(Variable(cell.Scope + "/bias", cell.Units))))
            .ToArray();
        var order = isTimeMajor ? null : Whole(scope + "/order", 1, 0, 2);
        var walked = order is null ? sequence : Add("Transpose", scope + "/transpose", sequence, order);
        var (given, results) = (
            Add("TensorArrayV3", scope + "/input", Whole(scope + "/size", 5)),
            Add("TensorArrayV3", scope + "/output", Whole(scope + "/size_1", 5)));
        var flow = Enter(
            Add("TensorArrayScatterV3", scope + "/unstack", given, Whole(scope + "/range", 0, 1, 2, 3, 4), walked, given + ":1"));
        var (time, collected) = (Merge(Whole(scope + "/time", 0)), Merge(results + ":1"));
        var states = cells
            .Select(
                (cell, k) =>
                    Merge(
                        k < starts.Length
                            ? starts[k]
                            : Add(
                                "Fill",
                                $"{cell.Scope}/zeros",
                                Whole($"{cell.Scope}/zeros/shape", 2, cell.Units),
                                Scalar($"{cell.Scope}/zeros/value", 0))))
            .ToArray();
        var condition = Add("LoopCond", scope + "/LoopCond", Add("Less", scope + "/Less", time, Whole(scope + "/steps", 5)));
        var now = Body(time);
        var x = Add("TensorArrayReadV3", scope + "/read", Enter(given), now, flow);
        var output = step(
            x,
            [
                .. cells.Select(
                    (cell, k) =>
                        (Func<string, string>)(
                            value =>
                            {
                                var h = Body(states[k]);
                                var all = Add(
                                    "ConcatV2",
                                    Unique(cell.Scope + "/run/concat"),
                                    value,
                                    h,
                                    Whole(Unique(cell.Scope + "/run/axis"), 1));
                                var next = Add(
                                    "Tanh",
                                    Unique(cell.Scope + "/run/Tanh"),
                                    Add(
                                        "BiasAdd",
                                        Unique(cell.Scope + "/run/BiasAdd"),
                                        Add("MatMul", Unique(cell.Scope + "/run/MatMul"), all, read[k].Kernel),
                                        read[k].Bias));
                                states[k] = next;
                                return next;
                            })),
            ]);
        var wasMerged = merges[^(cells.Length + 2)..];
        var written = Add("TensorArrayWriteV3", scope + "/write", Enter(results), now, output, Body(wasMerged[1]));
        string[] after = [Add("AddV2", scope + "/next", now, Whole(scope + "/one", 1)), written, .. states];
        var exits = wasMerged.Select((merge, k) =>
        {
            graph.Node.First(node => node.Name == merge).Input.Add(Add("NextIteration", Unique(scope + "/NextIteration"), after[k]));
            return Add("Exit", Unique(scope + "/Exit"), Switch(merge));
        }).ToArray();
        var gathered = Add("TensorArrayGatherV3", scope + "/stack", results, Whole(scope + "/range_1", 0, 1, 2, 3, 4), exits[1]);
        return (order is null ? gathered : Add("Transpose", scope + "/transpose_1", gathered, order), exits[2..]);

        string Enter(string value) => Add("Enter", Unique(scope + "/Enter"), value);

        string Merge(string value)
        {
            merges.Add(Add("Merge", Unique(scope + "/Merge"), Enter(value)));
            return merges[^1];
        }

        string Switch(string merge) =>
            graph.Node.FirstOrDefault(node => node.Op == "Switch" && node.Input[0] == merge)?.Name
            ?? Add("Switch", Unique(scope + "/Switch"), merge, condition);

        string Body(string value) => merges.Contains(value) ? Add("Identity", Unique(scope + "/Identity"), Switch(value) + ":1") : value;
    }

    /// <summary>Writes the graph.</summary>
    /// <param name="renamed">True to call every node and variable by a number.</param>
    public string Write(bool renamed = false)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("lstmconvert").FullName, "program.pb");
        File.WriteAllBytes(path, (renamed ? Renamed(graph) : graph).ToByteArray());
        return path;
    }

    /// <summary>A graph whose nodes are called by numbers: nothing can be read from a name.</summary>
    public static GraphDef Renamed(GraphDef graph)
    {
        var names = graph
            .Node.Select((node, k) => (node.Name, New: string.Create(CultureInfo.InvariantCulture, $"n{k}")))
            .ToDictionary(pair => pair.Name, pair => pair.New, StringComparer.Ordinal);
        var renamed = graph.Clone();
        foreach (var node in renamed.Node)
        {
            node.Name = names[node.Name];
            for (var k = 0; k < node.Input.Count; k++)
            {
                var (mark, rest) = node.Input[k].StartsWith('^') ? ("^", node.Input[k][1..]) : ("", node.Input[k]);
                var colon = rest.LastIndexOf(':');
                node.Input[k] = mark + names[colon < 0 ? rest : rest[..colon]] + (colon < 0 ? "" : rest[colon..]);
            }

            if (node.Attr.TryGetValue("shared_name", out var shared) && names.TryGetValue(shared.S.ToStringUtf8(), out var name))
            {
                shared.S = ByteString.CopyFromUtf8(name);
            }
        }

        return renamed;
    }

    private readonly List<string> merges = [];

    private readonly Dictionary<string, int> uses = new(StringComparer.Ordinal);

    private string Unique(string name)
    {
        var k = uses[name] = uses.GetValueOrDefault(name, -1) + 1;
        return k == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}_{k}");
    }

    private string Add(string operation, string name, params string[] inputs)
    {
        var node = new NodeDef { Name = name, Op = operation };
        node.Input.AddRange(inputs);
        graph.Node.Add(node);
        return name;
    }

    private string Scalar(string name, float value)
    {
        Add("Const", name);
        graph.Node[^1].Attr["value"] = new AttrValue { Tensor = Tensor(1, [], MemoryMarshal.AsBytes<float>([value])) };
        return name;
    }

    private string Whole(string name, params int[] values)
    {
        Add("Const", name);
        graph.Node[^1].Attr["value"] = new AttrValue
        {
            Tensor = Tensor(3, values.Length == 1 ? [] : [values.Length], MemoryMarshal.AsBytes<int>(values)),
        };
        return name;
    }

    private static TensorProto Tensor(int type, int[] shape, ReadOnlySpan<byte> content)
    {
        var tensor = new TensorProto { Dtype = type, TensorShape = new TensorShapeProto(), TensorContent = ByteString.CopyFrom(content) };
        tensor.TensorShape.Dim.AddRange(shape.Select(length => new TensorShapeProto.Types.Dim { Size = length }));
        return tensor;
    }
}
