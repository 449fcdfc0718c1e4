using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.TensorFlow;

/// <summary>A constant of a graph, decoded when it is first read.</summary>
/// <param name="info">Name, dtype and shape.</param>
/// <param name="value">The constant.</param>
/// <param name="path">The graph, for messages.</param>
internal sealed class ConstantTensor(TensorInfo info, TensorProto value, string path) : Tensor(info)
{
    private readonly Lazy<ReadOnlyMemory<byte>> bytes = new(() => TensorValues.Bytes(info, value, path));

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination) => bytes.Value.Span.Slice(checked((int)offset), destination.Length).CopyTo(destination);
}
