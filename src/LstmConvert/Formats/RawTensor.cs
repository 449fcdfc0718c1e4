using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats;

/// <summary>A tensor whose elements lie in a file one after another, in C order and little-endian.</summary>
/// <param name="info">Name, dtype and shape.</param>
/// <param name="bytes">The file.</param>
/// <param name="offset">Where the first element begins, in bytes.</param>
internal sealed class RawTensor(TensorInfo info, ByteSource bytes, long offset) : Tensor(info)
{
    /// <summary>The most axes that a shape may have, NumPy's limit of old.</summary>
    public const int MaximumRank = 32;

    /// <inheritdoc/>
    internal override bool IsReadAnywhere => bytes.IsRandomAccess;

    /// <inheritdoc/>
    public override void Read(long from, Span<byte> destination) => bytes.Read(checked(offset + from), destination);

    /// <summary>The size in bytes of so many elements, compared with what is there before anything is read or allocated.</summary>
    /// <param name="shape">The lengths of the axes.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="most">The bytes that are there.</param>
    /// <returns>The size; -1 if it is more than is there.</returns>
    public static long SizeWithin(IReadOnlyList<long> shape, DType dtype, long most)
    {
        if (shape.Count > MaximumRank)
        {
            return -1;
        }

        long size = Math.Max(1, dtype.ItemSize());
        foreach (var length in shape)
        {
            if (length < 0 || (length > 0 && size > most / length))
            {
                // An axis of length 0 further on would make it nothing; no weight has one.
                return -1;
            }

            size *= length;
        }

        return size;
    }
}
