using LstmConvert.TensorFlow;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.FrozenGraphs;

/// <summary>A frozen graph (<c>.pb</c>, GraphDef): its variables are constants, named as the variables were.</summary>
internal sealed class FrozenGraph : ISourceFormat
{
    /// <inheritdoc/>
    public string Name => "frozen graph";

    /// <inheritdoc/>
    public SourceMatch? Match(SourcePath path) =>
        !path.IsFolder && GraphFile.KindOf(path.Text) == GraphFileKind.Graph && path.Checkpoint is null
            ? new SourceMatch(this, path.Text, options => Open(path.Text, options))
            : null;

    private TensorSet Open(string path, SourceOptions options)
    {
        var graph = GraphFile.Read(path);
        var constants = graph.Constants;
        return constants.Count > 0
                ? new TensorSet(path, Name, [.. constants.DistinctBy(tensor => tensor.Name, StringComparer.Ordinal)])
                {
                    Details = graph.ToString(),
                    GraphPath = path,
                }
            : options.WithoutValues ? SourceCatalog.GraphAlone(path, [])
            : throw new UnreadableInputException(
                $"{path} is a graph whose variables are not in it. Name the checkpoint beside it, or freeze the graph.");
    }
}
