using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.TensorFlow;

/// <summary>A constant of a graph, decoded when it is first read; one value that stands for many is repeated as it is read, never held as
/// many.</summary>
/// <param name="info">Name, dtype and shape.</param>
/// <param name="value">The constant.</param>
/// <param name="path">The graph, for messages.</param>
internal sealed class ConstantTensor(TensorInfo info, TensorProto value, string path) : Tensor(info)
{
    private readonly Lazy<ReadOnlyMemory<byte>> given = new(() => TensorValues.GivenFor(info, value, path));

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        var bytes = given.Value.Span;
        var stored = (int)Math.Clamp(bytes.Length - offset, 0, destination.Length);
        if (stored > 0)
        {
            bytes.Slice((int)offset, stored).CopyTo(destination);
        }

        TensorValues.Repeat(bytes[^Math.Min(bytes.Length, DType.ItemSize())..], destination[stored..]);
    }

    /// <inheritdoc/>
    public override void Check() => _ = given.Value;
}
