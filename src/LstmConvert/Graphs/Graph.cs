using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using LstmConvert.Graphs.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs;

/// <summary>
/// A graph of TensorFlow: a Saver's <c>.meta</c> (MetaGraphDef), a <c>.pb</c> (GraphDef, frozen or not), or a SavedModel's
/// <c>saved_model.pb</c>. Its functions are put in the place of their calls.
/// </summary>
public sealed partial class Graph
{
    /// <summary>The largest file that is read, in bytes: the most that a protocol buffer can be.</summary>
    public const long MaximumBytes = int.MaxValue;

    private Graph(string path, string kind, GraphDef definition, string? version)
    {
        Path = path;
        Kind = kind;
        TensorFlowVersion = string.IsNullOrEmpty(version) ? null : version;
        Producer = definition.Versions?.Producer is > 0 and var producer ? producer : definition.Version;
        Nodes = GraphBuilder.Build(definition, path);
        Variables = new GraphVariables(Nodes);
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

    internal List<GraphNode> Nodes { get; }

    internal GraphVariables Variables { get; }

    /// <summary>The constants that may be weights: floating point, with an axis (one unit has a bias of one element). In a frozen graph they have the names of the variables.</summary>
    public IReadOnlyList<Tensor> Constants
    {
        get
        {
            var constants = new List<Tensor>();
            foreach (var node in Nodes.Where(node => node.Op == "Const"))
            {
                if (node.Attribute("value")?.Tensor is { } value && GraphConstant.Info(node.Name, value) is { } info && info.DType.IsWeight() && info.Shape.Rank > 0)
                {
                    constants.Add(new ConstantTensor(info, value, Path));
                }
            }

            return constants;
        }
    }

    /// <summary>True if a file starts like a graph, whatever it is called. A <c>.meta</c> counts by its name, so that a damaged one is named.</summary>
    /// <param name="path">A file's path.</param>
    public static bool Matches(string path)
    {
        try
        {
            return KindOf(path) is not null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>True if a file is a bare graph (GraphDef), the form of a frozen one.</summary>
    /// <param name="path">A file's path.</param>
    public static bool IsBare(string path)
    {
        try
        {
            return KindOf(path) == "graph";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Reads a graph.</summary>
    /// <param name="path">The file, or a SavedModel's folder.</param>
    /// <exception cref="UnreadableInputException">It is no graph, or is broken.</exception>
    public static Graph Open(string path)
    {
        var file = Directory.Exists(path) ? System.IO.Path.Combine(path, "saved_model.pb") : path;
        try
        {
            if (new FileInfo(file).Length > MaximumBytes)
            {
                throw new UnreadableInputException($"{file} is larger than {MaximumBytes} bytes, more than a graph can be. Name the graph of the program.");
            }

            var kind = KindOf(file);
            if (kind is null)
            {
                throw new UnreadableInputException($"{file} is no graph of TensorFlow. Name a .meta, a frozen .pb or a saved_model.pb.");
            }

            var bytes = File.ReadAllBytes(file);
            if (bytes.AsSpan().StartsWith("version https://git-lfs"u8))
            {
                throw new UnreadableInputException($"{file} is a Git LFS pointer, not the file itself. Fetch it with 'git lfs pull'.");
            }

            return kind switch
            {
                "graph" => new Graph(file, kind, GraphDef.Parser.ParseFrom(bytes), null),
                "meta graph" when MetaGraphDef.Parser.ParseFrom(bytes) is { GraphDef: { } graph } meta => new Graph(file, kind, graph, meta.MetaInfoDef?.TensorflowVersion),
                "SavedModel's graph" when SavedModel.Parser.ParseFrom(bytes).MetaGraphs is [{ GraphDef: { } graph } meta, ..] => new Graph(file, kind, graph, meta.MetaInfoDef?.TensorflowVersion),
                _ => throw new UnreadableInputException($"{file} is a {kind} without nodes. Export it again."),
            };
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new UnreadableInputException($"{file} is no intact graph: {e.Message.TrimEnd('.')}. Copy or export it again.", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UnreadableInputException($"{file} does not exist. Check the path.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableInputException($"{file} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>What the first bytes are: a SavedModel starts with its schema version, a graph with a node, a meta graph with its description and then a graph.</summary>
    private static string? KindOf(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var name = System.IO.Path.GetFileName(path);
        var head = new byte[4096];
        using (var handle = File.OpenHandle(path))
        {
            head = head[..RandomAccess.Read(handle, head, 0)];
        }

        if (name == "saved_model.pb" || (head is [0x08, 0x01, 0x12, ..] && name.EndsWith(".pb", StringComparison.OrdinalIgnoreCase)))
        {
            return "SavedModel's graph";
        }

        if (name.EndsWith(".meta", StringComparison.OrdinalIgnoreCase))
        {
            return "meta graph";
        }

        return StartsWithNode(head) ? "graph" : null;
    }

    /// <summary>True if the bytes start with <c>node { name: … op: … }</c>.</summary>
    private static bool StartsWithNode(ReadOnlySpan<byte> head)
    {
        var at = 0;
        if (!Field(head, ref at, 0x0a, out var length) || length < 4 || !Field(head, ref at, 0x0a, out var nameLength) || nameLength is < 1 or > 2000 || at + nameLength + 2 > head.Length)
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

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Path}: {Kind}, {(TensorFlowVersion is { } version ? $"TensorFlow {version}" : $"producer {Producer}")}, {NodeCount} nodes");

    [GeneratedRegex("^[A-Z_][A-Za-z0-9_>.]*$", RegexOptions.CultureInvariant)]
    private static partial Regex OperationName();

    /// <summary>A constant, decoded when it is first read.</summary>
    private sealed class ConstantTensor(TensorInfo info, TensorProto value, string path) : Tensor(info)
    {
        private readonly Lazy<ReadOnlyMemory<byte>> bytes = new(() => GraphConstant.Bytes(info, value, path));

        public override void Read(long offset, Span<byte> destination) => bytes.Value.Span.Slice(checked((int)offset), destination.Length).CopyTo(destination);
    }
}
