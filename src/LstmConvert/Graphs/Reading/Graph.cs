using System.Globalization;
using LstmConvert.TensorFlow;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Reading;

/// <summary>
/// A graph of TensorFlow: a Saver's <c>.meta</c> (MetaGraphDef), a <c>.pb</c> (GraphDef, frozen or not), or a SavedModel's
/// <c>saved_model.pb</c>. Its functions are put in the place of their calls.
/// </summary>
public sealed class Graph
{
    private Graph(GraphFile file)
    {
        Path = file.Path;
        Kind = file.KindName;
        TensorFlowVersion = file.TensorFlowVersion;
        Producer = file.Producer;
        Definition = file.Graph;
        Signatures = file.Signatures.ToDictionary(
            one => one.Key,
            one => new GraphSignature(Tensors(one.Value.Inputs), Tensors(one.Value.Outputs)),
            StringComparer.Ordinal);
        Nodes = GraphBuilder.Build(file.Graph, Path);
        Variables = new GraphVariables(Nodes);
    }

    /// <summary>A graph that was read already, of another file that holds the same.</summary>
    private Graph(Graph same, string path)
    {
        Path = path;
        (Kind, TensorFlowVersion, Producer) = (same.Kind, same.TensorFlowVersion, same.Producer);
        (Definition, Signatures, Nodes, Variables) = (same.Definition, same.Signatures, same.Nodes, same.Variables);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What it is, as a noun: <c>meta graph</c>, <c>graph</c>, <c>SavedModel's graph</c>.</summary>
    public string Kind { get; }

    /// <summary>The version of TensorFlow that wrote it, or null; releases before 0.12.1 did not say.</summary>
    public string? TensorFlowVersion { get; }

    /// <summary>The producer version of the graph, which dates it where the version is absent.</summary>
    public int Producer { get; }

    /// <summary>The number of nodes, functions in their place.</summary>
    public int NodeCount => Nodes.Count;

    /// <summary>Nodes and functions as they are stored, which execution reads afresh.</summary>
    internal GraphDef Definition { get; }

    /// <summary>What a SavedModel offers to its users, by name: <c>serving_default</c> in most.</summary>
    internal IReadOnlyDictionary<string, GraphSignature> Signatures { get; }

    internal List<GraphNode> Nodes { get; }

    internal GraphVariables Variables { get; }

    /// <summary>The constants that may be weights: floating point, with an axis (one unit has a bias of one element). In a frozen graph
    /// they have the names of the variables.</summary>
    public IReadOnlyList<Tensor> Constants
    {
        get
        {
            var constants = new List<Tensor>();
            foreach (var node in Nodes.Where(node => node.Op == "Const"))
            {
                if (
                    node.Attribute("value")?.Tensor is { } value
                    && TensorValues.Info(node.Name, value) is { } info
                    && info.DType.IsWeight()
                    && info.Shape.Rank > 0)
                {
                    constants.Add(new ConstantTensor(info, value, Path));
                }
            }

            return constants;
        }
    }

    /// <summary>True if a file starts like a graph, whatever it is called. A <c>.meta</c> counts by its name, so that a damaged one is
    /// named.</summary>
    /// <param name="path">A file's path.</param>
    public static bool Matches(string path) => GraphFile.KindOf(path) is not null;

    /// <summary>Reads a graph.</summary>
    /// <param name="path">The file, or a SavedModel's folder.</param>
    /// <exception cref="UnreadableInputException">It is no graph, or is broken.</exception>
    public static Graph Open(string path) => new(GraphFile.Read(path));

    /// <summary>Reads a graph of a file's bytes.</summary>
    /// <param name="file">The file.</param>
    /// <param name="bytes">What is in it.</param>
    /// <exception cref="UnreadableInputException">It is no graph, or is broken.</exception>
    internal static Graph Of(string file, byte[] bytes) => new(GraphFile.Read(file, bytes));

    /// <summary>The same graph, of another file that holds the same bytes; not read again, so only one of both may be in use.</summary>
    /// <param name="path">The other file.</param>
    internal Graph At(string path) => new(this, path);

    private static Dictionary<string, string> Tensors(IEnumerable<KeyValuePair<string, SignatureTensor>> named) =>
        named.ToDictionary(one => one.Key, one => one.Value.Name, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Path}: {Kind}, {(TensorFlowVersion is { } version ? $"TensorFlow {version}" : $"producer {Producer}")}, {NodeCount} nodes");
}

/// <summary>A way to run a program: its inputs and outputs.</summary>
/// <param name="Inputs">The tensors of the graph that are fed, by what they are called outside.</param>
/// <param name="Outputs">Those that are fetched.</param>
internal sealed record GraphSignature(IReadOnlyDictionary<string, string> Inputs, IReadOnlyDictionary<string, string> Outputs);
