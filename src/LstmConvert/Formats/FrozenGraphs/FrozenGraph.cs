using LstmConvert.Formats.Checkpoints;
using LstmConvert.TensorFlow;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.FrozenGraphs;

/// <summary>A frozen graph (<c>.pb</c>, GraphDef): its variables are constants, named as the variables were.</summary>
public sealed class FrozenGraph : ISourceFormat
{
    /// <inheritdoc/>
    public string Name => "frozen graph";

    /// <inheritdoc/>
    public bool Matches(string path) => GraphFile.KindOf(path) == GraphFileKind.Graph && CheckpointPath.Find(path) is null;

    /// <inheritdoc/>
    public TensorSet Open(string path, SourceOptions options)
    {
        var graph = GraphFile.Read(path);
        var constants = graph.Constants;
        return constants.Count > 0
            ? new TensorSet(path, Name, [.. constants.DistinctBy(tensor => tensor.Name, StringComparer.Ordinal)]) { Details = graph.ToString(), GraphPath = path }
            : throw new UnreadableInputException($"{path} is a graph whose variables are not in it. Name the checkpoint beside it, or freeze the graph.");
    }
}
