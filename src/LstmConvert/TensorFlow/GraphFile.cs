using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using LstmConvert.Files;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.TensorFlow;

/// <summary>What a file with a graph is.</summary>
internal enum GraphFileKind
{
    /// <summary>A GraphDef, frozen or not.</summary>
    Graph,

    /// <summary>A Saver's MetaGraphDef.</summary>
    MetaGraph,

    /// <summary>A SavedModel.</summary>
    SavedModel,
}

/// <summary>
/// A file with a graph: a Saver's <c>.meta</c> (MetaGraphDef), a <c>.pb</c> (GraphDef, frozen or not), or a SavedModel's
/// <c>saved_model.pb</c>, told apart by their first bytes; or a <c>.pbtxt</c>, any of these as text.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Graph">Nodes and functions as they are stored.</param>
/// <param name="TensorFlowVersion">The version of TensorFlow that wrote it, or null; releases before 0.12.1 did not say.</param>
internal sealed partial record GraphFile(string Path, GraphFileKind Kind, GraphDef Graph, string? TensorFlowVersion)
{
    /// <summary>The name of a SavedModel's graph.</summary>
    public const string SavedModelName = "saved_model.pb";

    /// <summary>The largest file that is read, in bytes: the most that an array, and all but the most that a protocol buffer can
    /// be.</summary>
    public const long MaximumBytes = 0x7fffffc7;

    private const int HeadBytes = 4096;

    /// <summary>What a SavedModel offers to its users: the tensors of its inputs and outputs by their names there.</summary>
    public IReadOnlyDictionary<string, SignatureDef> Signatures { get; init; } =
        new Dictionary<string, SignatureDef>(StringComparer.Ordinal);

    /// <summary>The kind as a noun: <c>meta graph</c>, <c>graph</c>, <c>SavedModel's graph</c>.</summary>
    public string KindName => Name(Kind);

    /// <summary>The producer version of the graph, which dates it where the version of TensorFlow is absent.</summary>
    public int Producer => Graph.Versions?.Producer is > 0 and var producer ? producer : Graph.Version;

    /// <summary>The constants that may be weights: floating point, with an axis (one unit has a bias of one element). In a frozen graph
    /// they have the names of the variables.</summary>
    public IReadOnlyList<Tensor> Constants
    {
        get
        {
            var constants = new List<Tensor>();
            foreach (var node in Graph.Node.Where(node => node.Op == "Const"))
            {
                if (
                    node.Attr.TryGetValue("value", out var value)
                    && value.Tensor is { } tensor
                    && TensorValues.Info(node.Name, tensor) is { } info
                    && info.DType.IsWeight()
                    && info.Shape.Rank > 0)
                {
                    constants.Add(new ConstantTensor(info, tensor, Path));
                }
            }

            return constants;
        }
    }

    /// <summary>The kind of a file by its first bytes, whatever it is called; null for what is no graph or cannot be read. A <c>.meta</c>
    /// counts by its name, so that a damaged one is named.</summary>
    /// <param name="path">A file's path.</param>
    public static GraphFileKind? KindOf(string path) => KindOf(path, InputFile.Head(path, HeadBytes));

    private static GraphFileKind? KindOf(string path, ReadOnlySpan<byte> head)
    {
        if (head.Length == 0)
        {
            return null;
        }

        var name = System.IO.Path.GetFileName(path);
        return name == SavedModelName || (head is [0x08, 0x01, 0x12, ..] && name.EndsWith(".pb", StringComparison.OrdinalIgnoreCase))
                ? GraphFileKind.SavedModel
            : name.EndsWith(".meta", StringComparison.OrdinalIgnoreCase) ? GraphFileKind.MetaGraph
            : StartsWithNode(head) ? GraphFileKind.Graph
            : KindOfText(head);
    }

    /// <summary>What a text describes, by its first field; null for what is no such text.</summary>
    private static GraphFileKind? KindOfText(ReadOnlySpan<byte> head) => TextFormat.FirstField(head) switch
    {
        "node" or "library" or "versions" or "version" => GraphFileKind.Graph,
        "meta_info_def" or "graph_def" or "saver_def" or "collection_def" or "signature_def" => GraphFileKind.MetaGraph,
        "saved_model_schema_version" or "meta_graphs" => GraphFileKind.SavedModel,
        _ => null,
    };

    /// <summary>Reads a graph.</summary>
    /// <param name="path">The file, or a SavedModel's folder.</param>
    /// <exception cref="UnreadableInputException">It is no graph, or is broken.</exception>
    public static GraphFile Read(string path)
    {
        var file = FileOf(path);
        return Read(file, InputFile.ReadAll(file, MaximumBytes));
    }

    /// <summary>The file that is read of a path: a SavedModel's graph where it is a folder.</summary>
    public static string FileOf(string path) => Directory.Exists(path) ? System.IO.Path.Combine(path, SavedModelName) : path;

    /// <summary>Reads a graph of a file's bytes.</summary>
    /// <param name="file">The file.</param>
    /// <param name="bytes">What is in it.</param>
    /// <exception cref="UnreadableInputException">It is no graph, or is broken.</exception>
    public static GraphFile Read(string file, byte[] bytes)
    {
        if (StandIn.Of(file, bytes) is { } problem)
        {
            throw new UnreadableInputException(problem);
        }

        if (KindOf(file, bytes.AsSpan(0, Math.Min(bytes.Length, HeadBytes))) is not { } kind)
        {
            throw new UnreadableInputException(
                $"{file} is {ForeignFile.Of(file)?.Name ?? "of no known kind"}, and a graph of TensorFlow is expected here. Name a .meta, a .pb, a .pbtxt or a {SavedModelName}."
            );
        }

        const string What = "its graph";
        if (KindOfText(bytes.AsSpan(0, Math.Min(bytes.Length, HeadBytes))) is { } described)
        {
            kind = described;
            bytes = TextFormat.ToBytes(
                bytes,
                described == GraphFileKind.Graph ? GraphDef.Descriptor
                    : described == GraphFileKind.MetaGraph ? MetaGraphDef.Descriptor
                    : SavedModel.Descriptor,
                file);
        }

        var meta = kind switch
        {
            GraphFileKind.Graph => new MetaGraphDef { GraphDef = Message.Parse<GraphDef>(bytes, file, What) },
            GraphFileKind.MetaGraph => Message.Parse<MetaGraphDef>(bytes, file, What),
            _ => Message.Parse<SavedModel>(bytes, file, What).MetaGraphs.FirstOrDefault(),
        };
        return meta?.GraphDef is { } graph
            ? new GraphFile(
                file,
                kind,
                graph,
                string.IsNullOrEmpty(meta.MetaInfoDef?.TensorflowVersion) ? null : meta.MetaInfoDef.TensorflowVersion)
            {
                Signatures = meta.SignatureDef.ToDictionary(StringComparer.Ordinal),
            }
            : throw new UnreadableInputException($"{file} is a {Name(kind)} without nodes. Export it again.");
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Path}: {KindName}, {(TensorFlowVersion is { } version ? $"TensorFlow {version}" : $"producer {Producer}")}, {Graph.Node.Count} nodes"
        );

    private static string Name(GraphFileKind kind) => kind switch
    {
        GraphFileKind.Graph => "graph",
        GraphFileKind.MetaGraph => "meta graph",
        _ => "SavedModel's graph",
    };

    /// <summary>True if the bytes start with <c>node { name: … op: … }</c>.</summary>
    private static bool StartsWithNode(ReadOnlySpan<byte> head)
    {
        var at = 0;
        if (
            !Field(head, ref at, 0x0a, out var length)
            || length < 4
            || !Field(head, ref at, 0x0a, out var nameLength)
            || nameLength is < 1 or > 2000
            || at + nameLength + 2 > head.Length)
        {
            return false;
        }

        at += nameLength;
        return Field(head, ref at, 0x12, out var opLength) && opLength is >= 1 and < 200 && at + opLength <= head.Length
            && OperationName().IsMatch(Encoding.UTF8.GetString(head.Slice(at, opLength)));
    }

    private static bool Field(ReadOnlySpan<byte> bytes, ref int at, byte tag, out int length)
    {
        length = 0;
        if (at >= bytes.Length || bytes[at++] != tag)
        {
            return false;
        }

        for (var shift = 0; shift < 28 && at < bytes.Length; shift += 7)
        {
            var b = bytes[at++];
            length |= (b & 0x7f) << shift;
            if (b < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex("^[A-Z_][A-Za-z0-9_>.]*$", RegexOptions.CultureInvariant)]
    private static partial Regex OperationName();
}
