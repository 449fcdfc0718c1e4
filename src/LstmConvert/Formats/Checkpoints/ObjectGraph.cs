using System.Text;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>
/// The tree of objects in an object-based checkpoint (TensorFlow 2, <c>tf.train.Checkpoint</c>): it says which name a variable had in
/// its program, behind a key that is only a path of attributes (<c>variables/0/.ATTRIBUTES/VARIABLE_VALUE</c>).
/// </summary>
internal sealed class ObjectGraph
{
    /// <summary>The key of the text tensor that holds the tree.</summary>
    public const string Key = "_CHECKPOINTABLE_OBJECT_GRAPH";

    private const string Attributes = "/.ATTRIBUTES/";
    private const string Configuration = "OBJECT_CONFIG_JSON";

    private ObjectGraph(Dictionary<string, string> programNames) => ProgramNames = programNames;

    /// <summary>The name in the program by key in the file. A name may repeat: two layers of eager code may be called alike.</summary>
    public IReadOnlyDictionary<string, string> ProgramNames { get; }

    /// <summary>Reads the tree.</summary>
    /// <param name="texts">The text tensor's elements: one.</param>
    /// <param name="file">The file's name, for messages.</param>
    public static ObjectGraph? Read(ReadOnlyMemory<byte>[] texts, string file)
    {
        if (texts is not [var text])
        {
            return null;
        }

        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var attribute in CheckpointV2.Parse(TrackableObjectGraph.Parser, text, file, Key).Nodes.SelectMany(node => node.Attributes))
        {
            if (attribute.FullName.Length > 0 && attribute.CheckpointKey.Length > 0)
            {
                names.TryAdd(attribute.CheckpointKey, VariableName.WithoutOutput(attribute.FullName));
            }
        }

        return new ObjectGraph(names);
    }

    /// <summary>The Keras configurations that TensorFlow 1.12 to 2.0 stored beside the variables, by the path of the object (empty for the root).</summary>
    public static IReadOnlyDictionary<string, string> Configurations(IEnumerable<Tensor> texts) =>
        texts.Where(tensor => tensor.Name.EndsWith(Attributes + Configuration, StringComparison.Ordinal))
            .Select(tensor => (tensor.Name, Texts: CheckpointV2.Texts(tensor)))
            .Where(pair => pair.Texts is [_])
            .ToDictionary(pair => pair.Name[..^(Attributes.Length + Configuration.Length)].TrimStart('/'), pair => Encoding.UTF8.GetString(pair.Texts[0].Span), StringComparer.Ordinal);
}
