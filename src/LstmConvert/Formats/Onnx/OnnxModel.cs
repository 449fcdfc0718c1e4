using LstmConvert.Files;
using LstmConvert.Formats.Onnx.Protos;
using LstmConvert.TensorFlow;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Onnx;

/// <summary>
/// An ONNX model (onnx/onnx onnx/onnx.proto; the recurrent operators in docs/Operators.md). A recurrent node is one with an attribute
/// <c>hidden_size</c>. Its inputs
/// are initializers without meaning in their names, so that variables are called after the node, one for each direction:
/// <code>
/// X W R B sequence_lens initial_h initial_c P      W (d, g*u, x)   R (d, g*u, u)   B (d, 2*g*u): that of W, then that of R   P (d, 3*u): i o f
/// NODE/onnx.OPERATOR/W, …/R, …/Wb, …/Rb, …/Pi, …/Po, …/Pf              below NODE/fw and NODE/bw where d is 2
/// </code>
/// No file outside is opened: a model whose numbers lie in another one is refused.
/// </summary>
internal sealed class OnnxModel : ISourceFormat
{
    /// <summary>The largest model that a protobuf message can be, in bytes.</summary>
    public const long MaximumBytes = int.MaxValue;

    /// <summary>The attribute that every recurrent operator has, and no other.</summary>
    private const string HiddenSize = "hidden_size";

    /// <inheritdoc/>
    public string Name => "ONNX model";

    /// <inheritdoc/>
    public SourceMatch? Match(SourcePath path) =>
        Begins(path.Head) || (path.Head.Length > 0 && path.Text.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            ? new SourceMatch(this, path.Text, _ => Open(path.Text))
            : null;

    /// <summary>Field 1 is the version of the format, 3 to 30; then the producer's name, the operator sets or the graph.</summary>
    private static bool Begins(ReadOnlySpan<byte> head) =>
        head.Length > 8 && head[0] == 0x08 && head[1] is >= 3 and <= 30 && head[2] is 0x12 or 0x1a or 0x3a or 0x42;

    private TensorSet Open(string path)
    {
        var bytes = InputFile.ReadAll(path, MaximumBytes);
        var model = Message.Parse<ModelProto>(bytes, path, "the model");
        if (model.Graph is not { } graph)
        {
            throw new UnreadableInputException($"{path} is no ONNX model: it has no graph. Name the file that the exporter wrote.");
        }

        var reader = new OnnxCells(path, graph);
        foreach (var node in graph.Node.Where(node => node.Domain is "" or "ai.onnx" && node.Attribute.Any(one => one.Name == HiddenSize)))
        {
            reader.Add(node);
        }

        var (tensors, leftOut) = reader.Rest();
        return new TensorSet(path, Name, tensors, leftOut)
        {
            StatedCells = reader.Cells,
            Details =
                $"IR version {model.IrVersion}{(model.ProducerName.Length > 0 ? $", written by {model.ProducerName} {model.ProducerVersion}".TrimEnd() : "")}",
        };
    }
}
