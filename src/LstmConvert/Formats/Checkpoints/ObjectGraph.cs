using System.Text;
using LstmConvert.TensorFlow;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>
/// The graph of objects in an object-based checkpoint (TensorFlow 2, <c>tf.train.Checkpoint</c>;
/// core/protobuf/trackable_object_graph.proto):
/// it says which object a variable belongs to, and which name it had in its program, behind a key that is only one of the paths to it
/// (<c>variables/0/.ATTRIBUTES/VARIABLE_VALUE</c>).
/// </summary>
internal sealed class ObjectGraph
{
    /// <summary>The key of the text tensor that holds the graph.</summary>
    public const string Key = "_CHECKPOINTABLE_OBJECT_GRAPH";

    /// <summary>The most objects; a large model with its optimizer has some ten thousand.</summary>
    public const int MaximumNodes = 1_000_000;

    private const string Attributes = "/.ATTRIBUTES/";
    private const string Value = "VARIABLE_VALUE";
    private const string Configuration = "OBJECT_CONFIG_JSON";

    private readonly TrackableObjectGraph graph;
    private readonly string file;

    private ObjectGraph(TrackableObjectGraph graph, string file)
    {
        this.graph = graph;
        this.file = file;
    }

    /// <summary>The name in the program by key in the file. A name may repeat: two layers of eager code may be called alike.</summary>
    public IReadOnlyDictionary<string, string> ProgramNames
    {
        get
        {
            var names = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (
                var attribute in graph
                    .Nodes.SelectMany(node => node.Attributes)
                    .Where(attribute => attribute.FullName.Length > 0 && attribute.CheckpointKey.Length > 0))
            {
                names.TryAdd(attribute.CheckpointKey, VariableName.WithoutOutput(attribute.FullName));
            }

            return names;
        }
    }

    /// <summary>Reads the graph; null if the tensor holds none.</summary>
    /// <param name="texts">The text tensor's elements: one.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <exception cref="UnreadableInputException">It is broken, or larger than any program's.</exception>
    public static ObjectGraph? Read(ReadOnlyMemory<byte>[] texts, string file)
    {
        if (texts is not [var text])
        {
            return null;
        }

        var graph = Message.Parse<TrackableObjectGraph>(text, file, Key);
        return graph.Nodes.Count <= MaximumNodes
            ? new ObjectGraph(graph, file)
            : throw CheckpointV2.Broken(file, $"its object graph has {graph.Nodes.Count} objects; {MaximumNodes} is the most that is read");
    }

    /// <summary>The Keras configurations that TensorFlow 1.12 to 2.0 stored beside the variables, by the path of the object (empty for the
    /// root).</summary>
    public static IReadOnlyDictionary<string, string> Configurations(IEnumerable<Tensor> texts) =>
        texts.Where(tensor => tensor.Name.EndsWith(Attributes + Configuration, StringComparison.Ordinal))
            .Select(tensor => (tensor.Name, Texts: CheckpointV2.Texts(tensor)))
            .Where(pair => pair.Texts is [_])
            .ToDictionary(
                pair => pair.Name[..^(Attributes.Length + Configuration.Length)].TrimStart('/'),
                pair => Encoding.UTF8.GetString(pair.Texts[0].Span),
                StringComparer.Ordinal);

    /// <summary>The objects of a checkpoint.</summary>
    /// <param name="texts">The checkpoint's texts by key, for the configurations among them.</param>
    /// <exception cref="UnreadableInputException">An edge leads nowhere.</exception>
    public ObjectTree? Tree(IReadOnlyDictionary<string, TextTensor> texts)
    {
        if (graph.Nodes.Count == 0)
        {
            return null;
        }

        var nodes = graph.Nodes.Select(_ => new ObjectNode()).ToArray();
        for (var k = 0; k < nodes.Length; k++)
        {
            Describe(nodes[k], graph.Nodes[k], texts);
            foreach (var child in graph.Nodes[k].Children)
            {
                nodes[k].Add(child.LocalName, nodes[Checked(child.NodeId, nodes.Length, file)]);
            }
        }

        return ObjectTree.Below(nodes[0]);
    }

    /// <summary>
    /// Gives the objects of a SavedModel their variables. Its own graph has the same edges as the checkpoint's, and other numbers: the two
    /// are walked together from their roots.
    /// </summary>
    /// <param name="root">The SavedModel's root object, its edges complete.</param>
    /// <param name="texts">The checkpoint's texts by key, for the configurations among them.</param>
    /// <exception cref="UnreadableInputException">An edge leads nowhere.</exception>
    public void Describe(ObjectNode root, IReadOnlyDictionary<string, TextTensor> texts)
    {
        if (graph.Nodes.Count == 0)
        {
            return;
        }

        var pairs = new Queue<(ObjectNode Node, int Stored)>([(root, 0)]);
        var seen = new HashSet<ObjectNode>(ReferenceEqualityComparer.Instance) { root };
        while (pairs.TryDequeue(out var pair))
        {
            var stored = graph.Nodes[pair.Stored];
            Describe(pair.Node, stored, texts);
            var byName = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var child in stored.Children)
            {
                byName.TryAdd(child.LocalName, Checked(child.NodeId, graph.Nodes.Count, file));
            }

            foreach (var (name, child) in pair.Node.Children)
            {
                if (byName.TryGetValue(name, out var id) && seen.Add(child))
                {
                    pairs.Enqueue((child, id));
                }
            }
        }
    }

    /// <summary>The number of an object, if there is one.</summary>
    internal static int Checked(int id, int count, string file) =>
        id >= 0 && id < count ? id : throw CheckpointV2.Broken(file, $"an object leads to object {id} of {count}");

    private static void Describe(
        ObjectNode node,
        TrackableObjectGraph.Types.TrackableObject stored,
        IReadOnlyDictionary<string, TextTensor> texts)
    {
        foreach (var attribute in stored.Attributes)
        {
            if (attribute.Name == Value)
            {
                node.Variable = VariableName.WithoutOutput(attribute.CheckpointKey);
                node.ProgramName = VariableName.WithoutOutput(attribute.FullName);
            }
            else if (
                attribute.Name == Configuration
                && texts.TryGetValue(attribute.CheckpointKey, out var text)
                && text.ReadTexts() is [var configuration])
            {
                node.Metadata ??= Encoding.UTF8.GetString(configuration.Span);
            }
        }
    }
}
