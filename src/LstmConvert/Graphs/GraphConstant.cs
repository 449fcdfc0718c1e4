using System.Buffers.Binary;
using System.Runtime.InteropServices;
using LstmConvert.Graphs.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs;

/// <summary>
/// The value of a Const node: raw bytes, or the field of its type, in which the last value stands for all that are left out
/// (tensorflow/core/framework/tensor.proto).
/// </summary>
internal static class GraphConstant
{
    /// <summary>The largest constant that is filled from one value, in bytes.</summary>
    public const int MaximumFill = 1 << 30;

    /// <summary>Name, dtype and shape of a constant that holds numbers of a fixed size; null for any other, or one that cannot be.</summary>
    public static TensorInfo? Info(string name, TensorProto value)
    {
        DType? dtype = value.Dtype switch
        {
            1 => DType.Float32,
            2 => DType.Float64,
            3 => DType.Int32,
            9 => DType.Int64,
            14 => DType.BFloat16,
            19 => DType.Float16,
            _ => null,
        };
        if (dtype is null || value.TensorShape is { } shape && (shape.UnknownRank || shape.Dim.Count > 254 || shape.Dim.Any(dim => dim.Size < 0)))
        {
            return null;
        }

        try
        {
            var info = new TensorInfo(name, dtype.Value, new Shape([.. value.TensorShape?.Dim.Select(dim => dim.Size) ?? []]));
            return info.ByteCount >= 0 ? info : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>The bytes of a constant, C order, little-endian.</summary>
    /// <exception cref="UnreadableInputException">There are more or fewer than the shape needs.</exception>
    public static ReadOnlyMemory<byte> Bytes(TensorInfo info, TensorProto value, string path)
    {
        if (value.TensorContent.Length > 0 || info.ByteCount == 0)
        {
            return value.TensorContent.Length == info.ByteCount ? value.TensorContent.Memory : throw Misfit(info, value.TensorContent.Length, path);
        }

        byte[] given = info.DType switch
        {
            DType.Float32 => Cast<float>([.. value.FloatVal]),
            DType.Float64 => Cast<double>([.. value.DoubleVal]),
            DType.Int32 => Cast<int>([.. value.IntVal]),
            DType.Int64 => Cast<long>([.. value.Int64Val]),
            _ => Cast<ushort>([.. value.HalfVal.Select(bits => unchecked((ushort)bits))]),
        };
        var size = info.DType.ItemSize();
        if (given.Length == 0 || given.Length > info.ByteCount || info.ByteCount > MaximumFill)
        {
            throw Misfit(info, given.Length, path);
        }

        var bytes = new byte[info.ByteCount];
        given.CopyTo(bytes, 0);
        for (var at = given.Length; at < bytes.Length; at += size)
        {
            given.AsSpan(given.Length - size).CopyTo(bytes.AsSpan(at));
        }

        return bytes;
    }

    /// <summary>The only element of a constant with one; null for any other.</summary>
    public static double? Scalar(TensorProto value)
    {
        if (Info("", value) is not { } info || info.Shape.ElementCount != 1)
        {
            return null;
        }

        var content = value.TensorContent.Span;
        return info.DType switch
        {
            DType.Float32 => content.Length == 4 ? BinaryPrimitives.ReadSingleLittleEndian(content) : First(value.FloatVal),
            DType.Float64 => content.Length == 8 ? BinaryPrimitives.ReadDoubleLittleEndian(content) : First(value.DoubleVal),
            DType.Int32 => content.Length == 4 ? BinaryPrimitives.ReadInt32LittleEndian(content) : First(value.IntVal),
            DType.Int64 => content.Length == 8 ? BinaryPrimitives.ReadInt64LittleEndian(content) : First(value.Int64Val),
            DType.Float16 => (double)BitConverter.UInt16BitsToHalf(content.Length == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(content) : (ushort)First(value.HalfVal)),
            _ => BitConverter.UInt32BitsToSingle((uint)(content.Length == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(content) : (ushort)First(value.HalfVal)) << 16),
        };
    }

    private static T First<T>(IList<T> values) => values.Count > 0 ? values[0] : default!;

    private static byte[] Cast<T>(T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(values).ToArray();

    private static UnreadableInputException Misfit(TensorInfo info, int count, string path) =>
        new($"{path}: the constant {info.Name} is {info.DType.Name()} {info.Shape}, {info.ByteCount} bytes, and its value has {count}. Export the graph again.");
}
