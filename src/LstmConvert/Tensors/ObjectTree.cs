using System.Globalization;

namespace LstmConvert.Tensors;

/// <summary>An edge from an object to another: the attribute of the program that held it.</summary>
/// <param name="Name">The attribute's name: <c>cell</c>, <c>layer_with_weights-0</c>, <c>kernel</c>; a number in a list.</param>
/// <param name="Node">The object.</param>
internal readonly record struct ObjectEdge(string Name, ObjectNode Node);

/// <summary>An object of the program that was saved: a model, a layer, a list, a variable. Several edges may lead to it, its own among
/// them.</summary>
internal sealed class ObjectNode
{
    private readonly List<ObjectEdge> children = [];

    /// <summary>What it is, where a SavedModel says so: <c>_tf_keras_rnn_layer</c>, <c>_tf_keras_layer</c>, <c>trackable_list_wrapper</c>;
    /// else empty.</summary>
    public string Identifier { get; internal set; } = "";

    /// <summary>What Keras says of it as JSON: <c>class_name</c>, <c>name</c>, <c>config</c> and more; null where nothing is
    /// stored.</summary>
    public string? Metadata { get; internal set; }

    /// <summary>The name of the variable that it is, in its <see cref="TensorSet"/>; null for what is none, or is not stored.</summary>
    public string? Variable { get; internal set; }

    /// <summary>The name that the variable had in its program; empty where none is stored.</summary>
    public string ProgramName { get; internal set; } = "";

    /// <summary>The edges to other objects, in the order in which they are stored.</summary>
    public IReadOnlyList<ObjectEdge> Children => children;

    /// <summary>The edge on the shortest path from the root: the object it starts from and its name; null for the root.</summary>
    public (ObjectNode Node, string Name)? Parent { get; internal set; }

    /// <summary>The attributes on the shortest path from the root with <c>/</c> between them; empty for the root.</summary>
    public string Path
    {
        get
        {
            var parts = new Stack<string>();
            for (var at = Parent; at is { } parent; at = parent.Node.Parent)
            {
                parts.Push(parent.Name);
            }

            return string.Join('/', parts);
        }
    }

    /// <summary>The object that an attribute held, or null.</summary>
    public ObjectNode? Child(string name)
    {
        foreach (var edge in children)
        {
            if (edge.Name == name)
            {
                return edge.Node;
            }
        }

        return null;
    }

    /// <summary>The objects whose attribute is a prefix and a number, by that number: <c>layer_with_weights-</c> of a model, the empty
    /// prefix for the elements of a list.</summary>
    public IReadOnlyList<ObjectNode> Numbered(string prefix) =>
        [
            .. children
                .Where(edge => edge.Name.StartsWith(prefix, StringComparison.Ordinal))
                .Select(edge =>
                    (
                        edge.Node,
                        IsNumber: int.TryParse(
                            edge.Name.AsSpan(prefix.Length),
                            NumberStyles.None,
                            CultureInfo.InvariantCulture,
                            out var number),
                        Number: number))
                .Where(element => element.IsNumber)
                .OrderBy(element => element.Number)
                .Select(element => element.Node),
        ];

    /// <summary>The variables that the object holds itself, by attribute: <c>kernel</c>, <c>recurrent_kernel</c>, <c>bias</c>. The value is
    /// the name in the <see cref="TensorSet"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Variables =>
        [.. children.Where(edge => edge.Node.Variable is not null).Select(edge => KeyValuePair.Create(edge.Name, edge.Node.Variable!))];

    internal void Add(string name, ObjectNode child) => children.Add(new ObjectEdge(name, child));

    /// <inheritdoc/>
    public override string ToString() => $"{Path} {Identifier}{(Variable is null ? "" : $" = {Variable}")}";
}

/// <summary>
/// The objects of the program behind a source: of a SavedModel, or of an object-based checkpoint. Edges may lead back; every object is
/// listed once, nearest to the root first, and its path is the shortest one.
/// </summary>
internal sealed class ObjectTree
{
    private ObjectTree(List<ObjectNode> nodes) => Nodes = nodes;

    /// <summary>The model, or the checkpoint.</summary>
    public ObjectNode Root => Nodes[0];

    /// <summary>All objects that the root leads to, itself first, in the order of their distance.</summary>
    public IReadOnlyList<ObjectNode> Nodes { get; }

    /// <summary>The tree below a root whose edges are complete.</summary>
    internal static ObjectTree Below(ObjectNode root)
    {
        var nodes = new List<ObjectNode> { root };
        var seen = new HashSet<ObjectNode>(ReferenceEqualityComparer.Instance) { root };
        for (var k = 0; k < nodes.Count; k++)
        {
            foreach (var (name, child) in nodes[k].Children)
            {
                if (seen.Add(child))
                {
                    child.Parent = (nodes[k], name);
                    nodes.Add(child);
                }
            }
        }

        return new ObjectTree(nodes);
    }
}
