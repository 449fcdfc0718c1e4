using System.Buffers.Binary;
using System.Numerics;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.TensorFlow;

/// <summary>
/// A part of a partitioned variable: a start and a length for each axis, where a length of -1 is the whole axis. The key of a part is
/// <c>NumIncreasing(0) String(name) NumIncreasing(rank) (SignedNumIncreasing(start) SignedNumIncreasing(length))*</c>
/// (tensorflow/core/util/saved_tensor_slice_util.cc, core/lib/strings/ordered_code.cc).
/// </summary>
/// <param name="extents">Start and length of each axis, as stored.</param>
internal sealed class TensorSlice(IReadOnlyList<(long Start, long Length)> extents)
{
    /// <summary>A length that means the whole axis.</summary>
    public const long Whole = -1;

    /// <summary>Start and length of each axis, as stored.</summary>
    public IReadOnlyList<(long Start, long Length)> Extents { get; } = extents;

    /// <summary>Reads a part; an extent without a length is the whole axis.</summary>
    public static TensorSlice Read(TensorSliceProto proto) =>
        new([
            .. proto.Extent.Select(extent =>
                extent.HasLengthCase == TensorSliceProto.Types.Extent.HasLengthOneofCase.None || extent.Length < 0
                    ? (0, Whole)
                    : (extent.Start, extent.Length)),
        ]);

    /// <summary>The key of this part. The extents go in exactly as stored: an axis that is covered completely by numbers is not the same as
    /// a whole axis.</summary>
    /// <param name="name">The variable's name, UTF-8.</param>
    public byte[] Key(ReadOnlySpan<byte> name)
    {
        var key = new List<byte>(name.Length + 16) { 0 };
        foreach (var b in name)
        {
            key.Add(b);
            if (b is 0 or 0xff)
            {
                key.Add((byte)~b);
            }
        }

        key.AddRange([0, 1]);
        WriteNumber(key, (ulong)Extents.Count);
        foreach (var (start, length) in Extents)
        {
            WriteSigned(key, start);
            WriteSigned(key, length);
        }

        return [.. key];
    }

    /// <summary>Start and length of each axis within a shape, or null if the part does not lie in it.</summary>
    public (long Start, long Length)[]? Within(Shape shape)
    {
        if (Extents.Count != shape.Rank)
        {
            return null;
        }

        var box = new (long Start, long Length)[shape.Rank];
        for (var axis = 0; axis < box.Length; axis++)
        {
            var (start, length) = Extents[axis];
            box[axis] = length == Whole ? (0, shape[axis]) : (start, length);
            if (start < 0 || box[axis].Start > shape[axis] || box[axis].Length > shape[axis] - box[axis].Start)
            {
                return null;
            }
        }

        return box;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join(':', Extents.Select(extent => extent.Length == Whole ? "-" : $"{extent.Start},{extent.Length}"));

    private static void WriteNumber(List<byte> key, ulong value)
    {
        var count = (64 - BitOperations.LeadingZeroCount(value) + 7) / 8;
        key.Add((byte)count);
        for (var k = count - 1; k >= 0; k--)
        {
            key.Add((byte)(value >> (8 * k)));
        }
    }

    /// <summary>n bytes of two's complement, n the smallest with -2^(7n-1) &lt;= value &lt; 2^(7n-1), the first n bits after the sign's bit
    /// flipped to tell n.</summary>
    internal static void WriteSigned(List<byte> key, long value)
    {
        var magnitude = (ulong)(value < 0 ? ~value : value);
        var count = ((64 - BitOperations.LeadingZeroCount(magnitude)) / 7) + 1;
        Span<byte> wide = stackalloc byte[10];
        wide[..2].Fill(value < 0 ? (byte)0xff : (byte)0);
        BinaryPrimitives.WriteInt64BigEndian(wide[2..], value);
        var bytes = wide[(10 - count)..];
        var header = 0xffff << (16 - count);
        bytes[0] ^= (byte)(header >> 8);
        if (count > 1)
        {
            bytes[1] ^= (byte)header;
        }

        foreach (var b in bytes)
        {
            key.Add(b);
        }
    }
}
