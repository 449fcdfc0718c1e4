using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Graphs.Reading;

/// <summary>One output of a node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Index">The output's number.</param>
internal readonly record struct Output(GraphNode Node, int Index);

/// <summary>A node with its data edges; control edges are not kept.</summary>
internal sealed class GraphNode(string name, string op, NodeDef? definition)
{
    /// <summary>So many users are looked through; more are found by their output: a split of thousands of parts has as many.</summary>
    private const int FewUsers = 16;

    private ILookup<int, (GraphNode Node, int Input)>? byOutput;

    public string Name { get; } = name;

    public string Op { get; } = op;

    /// <summary>True for the variable of a functional loop: its first input is the value before the first step, its second the one for the
    /// next step.</summary>
    public bool IsLoopVariable { get; init; }

    /// <summary>Its place among the nodes of the graph.</summary>
    public int Number { get; set; }

    /// <summary>What feeds each input; null where nothing in the file does.</summary>
    public List<Output?> Inputs { get; } = [];

    /// <summary>Who reads an output: the reader, which of its inputs, which output of this node.</summary>
    public List<(GraphNode Node, int Input, int Output)> Users { get; } = [];

    /// <summary>The attribute of this name, or null.</summary>
    public AttrValue? Attribute(string attribute) =>
        definition is not null && definition.Attr.TryGetValue(attribute, out var value) ? value : null;

    /// <summary>What feeds an input, or null.</summary>
    public Output? Input(int index) => index >= 0 && index < Inputs.Count ? Inputs[index] : null;

    /// <summary>Who reads output 0, or another.</summary>
    public IEnumerable<(GraphNode Node, int Input)> UsersOf(int output = 0)
    {
        if (Users.Count <= FewUsers)
        {
            return Users.Where(user => user.Output == output).Select(user => (user.Node, user.Input));
        }

        byOutput ??= Users.ToLookup(user => user.Output, user => (user.Node, user.Input));
        return byOutput[output];
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Op} {Name}";
}
