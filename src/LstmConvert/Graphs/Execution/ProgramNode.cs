using LstmConvert.TensorFlow;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>One output of a node that is executed.</summary>
/// <param name="Node">The node.</param>
/// <param name="Index">The output's number.</param>
internal readonly record struct Edge(ProgramNode Node, int Index);

/// <summary>A node as it is executed: linked with what it reads and with what must run before it.</summary>
internal sealed class ProgramNode(string name, string op, NodeDef? definition)
{
    private static readonly AttrValue Empty = new();

    public string Name { get; } = name;

    public string Op { get; } = op;

    /// <summary>How it is executed; null for an operation that is not known.</summary>
    public Kernel? Kernel { get; } = OperationTable.Find(op);

    /// <summary>What feeds each input; null where nothing in the file does.</summary>
    public IReadOnlyList<Edge?> Inputs { get; set; } = [];

    /// <summary>What runs before it: where that lies on a branch that is not taken, so does this.</summary>
    public IReadOnlyList<ProgramNode> Controls { get; set; } = [];

    /// <summary>True once <see cref="Inputs"/> are set.</summary>
    public bool IsLinked { get; set; }

    /// <summary>A constant's value for each precision, once it was read.</summary>
    public GraphValue?[] Known { get; } = new GraphValue?[2];

    /// <summary>A loop's frame, of a node that leads into one.</summary>
    public string FrameName => Text("frame_name", "");

    public bool Has(string attribute) => definition is not null && definition.Attr.ContainsKey(attribute);

    public AttrValue Attribute(string attribute) =>
        definition is not null && definition.Attr.TryGetValue(attribute, out var value) ? value : Empty;

    public bool Bool(string attribute, bool otherwise = false) => Has(attribute) ? Attribute(attribute).B : otherwise;

    public int Int(string attribute, int otherwise = 0) => Has(attribute) ? checked((int)Attribute(attribute).I) : otherwise;

    public double Float(string attribute, double otherwise) => Has(attribute) ? Attribute(attribute).F : otherwise;

    public string Text(string attribute, string otherwise) => Has(attribute) ? Attribute(attribute).S.ToStringUtf8() : otherwise;

    public int[] Ints(string attribute) => Attribute(attribute).List is { } list ? [.. list.I.Select(number => checked((int)number))] : [];

    /// <summary>The element type that an attribute names, or another.</summary>
    public DType Type(string attribute, DType otherwise) => Has(attribute) ? TensorFlowDType.Read(Attribute(attribute).Type) : otherwise;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Op})";
}
