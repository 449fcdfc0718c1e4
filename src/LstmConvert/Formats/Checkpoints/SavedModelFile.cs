using LstmConvert.Files;
using LstmConvert.TensorFlow;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>
/// The objects of a SavedModel, with what Keras says of each: TensorFlow 2.0 to 2.4 keeps it in <c>saved_model.pb</c>
/// (<c>SavedObjectGraph.nodes[k].user_object.metadata</c>), 2.5 to 2.15 in <c>keras_metadata.pb</c> beside it, by the object's number;
/// Keras 3 and <c>tf.saved_model.save</c> keep none. The objects' variables are in the checkpoint's own object graph.
/// </summary>
internal static class SavedModelFile
{
    /// <summary>The file of Keras beside the graph.</summary>
    public const string KerasMetadataName = "keras_metadata.pb";

    /// <summary>Reads the objects; null for a SavedModel of TensorFlow 1, which has none.</summary>
    /// <param name="path">The SavedModel's graph.</param>
    /// <param name="variables">The object graph of its checkpoint, or null.</param>
    /// <param name="texts">The checkpoint's texts by key.</param>
    /// <exception cref="UnreadableInputException">A file is broken, or larger than any program's.</exception>
    public static ObjectTree? Objects(string path, ObjectGraph? variables, IReadOnlyDictionary<string, TextTensor> texts)
    {
        var stored = Message
            .Parse<SavedModelObjects>(Read(path), path, "its graph of objects")
            .MetaGraphs.FirstOrDefault()
            ?.ObjectGraphDef?.Nodes;
        if (stored is null or { Count: 0 })
        {
            return null;
        }

        if (stored.Count > ObjectGraph.MaximumNodes)
        {
            throw CheckpointV2.Broken(path, $"it has {stored.Count} objects; {ObjectGraph.MaximumNodes} is the most that is read");
        }

        var nodes = stored.Select(_ => new ObjectNode()).ToArray();
        for (var k = 0; k < nodes.Length; k++)
        {
            nodes[k].Identifier = stored[k].UserObject?.Identifier ?? "";
            nodes[k].Metadata = stored[k].UserObject?.Metadata is { Length: > 0 } metadata ? metadata : null;
            foreach (var child in stored[k].Children)
            {
                nodes[k].Add(child.LocalName, nodes[ObjectGraph.Checked(child.NodeId, nodes.Length, path)]);
            }
        }

        AddKerasMetadata(Path.Combine(Path.GetDirectoryName(path) ?? "", KerasMetadataName), nodes);
        variables?.Describe(nodes[0], texts);
        return ObjectTree.Below(nodes[0]);
    }

    private static void AddKerasMetadata(string path, ObjectNode[] nodes)
    {
        if (!File.Exists(path))
        {
            return;
        }

        foreach (var record in Message.Parse<SavedMetadata>(Read(path), path, "what Keras says of its objects").Nodes)
        {
            var node = nodes[ObjectGraph.Checked(record.NodeId, nodes.Length, path)];
            node.Metadata = record.Metadata.Length > 0 ? record.Metadata : node.Metadata;
            node.Identifier = record.Identifier.Length > 0 ? record.Identifier : node.Identifier;
        }
    }

    private static byte[] Read(string path)
    {
        var bytes = InputFile.ReadAll(path, GraphFile.MaximumBytes);
        return StandIn.Of(path, bytes) is { } problem ? throw new UnreadableInputException(problem) : bytes;
    }
}
