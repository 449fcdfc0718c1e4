using System.Buffers.Binary;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary>
/// Weights that a TensorFlow.js converter rounded to 256 or 65,536 levels, as TensorFlow.js computes with them: <c>scale * level + min</c>
/// in double precision, rounded to float32 (tfjs-core src/io/io_utils.ts <c>decodeWeights</c>).
/// </summary>
/// <param name="info">The name, float32 and the shape.</param>
/// <param name="levels">The levels, one or two little-endian bytes each.</param>
/// <param name="scale">The distance of two levels.</param>
/// <param name="least">What level 0 stands for.</param>
internal sealed class QuantisedTensor(TensorInfo info, Tensor levels, double scale, double least) : Tensor(info)
{
    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        var size = levels.DType.ItemSize();
        var first = offset / sizeof(float);
        var count = checked((int)(((offset + destination.Length + sizeof(float) - 1) / sizeof(float)) - first));
        var (stored, values) = (new byte[count * size], new byte[count * sizeof(float)]);
        levels.Read(first * size, stored);
        for (var k = 0; k < count; k++)
        {
            var level = size == 1 ? stored[k] : BinaryPrimitives.ReadUInt16LittleEndian(stored.AsSpan(k * size));
            BinaryPrimitives.WriteSingleLittleEndian(values.AsSpan(k * sizeof(float)), (float)((level * scale) + least));
        }

        values.AsSpan((int)(offset - (first * sizeof(float))), destination.Length).CopyTo(destination);
    }
}
