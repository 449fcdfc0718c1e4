using System.Buffers.Binary;
using System.Runtime.InteropServices;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.TensorFlow;

/// <summary>
/// The values of a TensorProto: raw bytes, or the field of their type (tensorflow/core/framework/tensor.proto). In a graph's constant
/// the last value stands for all that are left out; in a checkpoint none is.
/// </summary>
internal static class TensorValues
{
    /// <summary>The largest constant that is filled from one value, in bytes.</summary>
    public const int MaximumFill = 1 << 30;

    /// <summary>The largest rank of a tensor (TensorShape::MaxDimensions).</summary>
    public const int MaximumRank = 254;

    /// <summary>Name, dtype and shape of a constant that holds numbers of a fixed size; null for any other, or one that cannot
    /// be.</summary>
    public static TensorInfo? Info(string name, TensorProto value)
    {
        var dtype = TensorFlowDType.Read(value.Dtype);
        if (dtype.ItemSize() == 0 || ShapeOf(value.TensorShape) is not { } shape)
        {
            return null;
        }

        try
        {
            var info = new TensorInfo(name, dtype, shape);
            return info.ByteCount >= 0 ? info : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>A shape; none is a scalar's. Null where a length is not known, negative, or the elements cannot be counted.</summary>
    public static Shape? ShapeOf(TensorShapeProto? shape)
    {
        try
        {
            return shape is null ? Shape.Scalar
                : shape.UnknownRank || shape.Dim.Count > MaximumRank || shape.Dim.Any(dim => dim.Size < 0) ? null
                : new Shape([.. shape.Dim.Select(dim => dim.Size)]);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>The values as they are given, C order, little-endian: all bytes, or one value for each that is in the field.</summary>
    /// <param name="dtype">The element type; a checkpoint leaves it out of the record.</param>
    /// <param name="value">The record.</param>
    public static ReadOnlyMemory<byte> Given(DType dtype, TensorProto value) =>
        value.TensorContent.Length > 0
            ? value.TensorContent.Memory
            : dtype switch
            {
                DType.Float32 => Cast<float>([.. value.FloatVal]),
                DType.Float64 => Cast<double>([.. value.DoubleVal]),
                DType.Complex64 => Cast<float>([.. value.ScomplexVal]),
                DType.Complex128 => Cast<double>([.. value.DcomplexVal]),
                DType.Int64 => Cast<long>([.. value.Int64Val]),
                DType.UInt32 => Cast<uint>([.. value.Uint32Val]),
                DType.UInt64 => Cast<ulong>([.. value.Uint64Val]),
                DType.Bool => Cast<bool>([.. value.BoolVal]),
                DType.Float16 or DType.BFloat16 => Cast<ushort>([.. value.HalfVal.Select(bits => unchecked((ushort)bits))]),
                DType.Int32 or DType.QInt32 => Cast<int>([.. value.IntVal]),
                DType.Int16 or DType.UInt16 or DType.QInt16 or DType.QUInt16 => Cast<ushort>([
                    .. value.IntVal.Select(number => unchecked((ushort)number)),
                ]),
                _ => value.IntVal.Select(number => unchecked((byte)number)).ToArray(),
            };

    /// <summary>The bytes of a graph's constant, C order, little-endian.</summary>
    /// <param name="info">Name, dtype and shape.</param>
    /// <param name="value">The constant.</param>
    /// <param name="path">The graph, for messages.</param>
    /// <exception cref="UnreadableInputException">There are more or fewer than the shape needs.</exception>
    public static ReadOnlyMemory<byte> Bytes(TensorInfo info, TensorProto value, string path)
    {
        var given = GivenFor(info, value, path);
        if (given.Length == info.ByteCount)
        {
            return given;
        }

        var bytes = new byte[info.ByteCount];
        given.Span.CopyTo(bytes);
        Repeat(given.Span[^info.DType.ItemSize()..], bytes.AsSpan(given.Length));
        return bytes;
    }

    /// <summary>Fills a block with one element.</summary>
    /// <param name="element">The element's bytes.</param>
    /// <param name="destination">A multiple of them long.</param>
    public static void Repeat(ReadOnlySpan<byte> element, Span<byte> destination)
    {
        // What is filled already is copied behind itself: twice as much each time.
        for (var filled = 0; filled < destination.Length;)
        {
            var part = filled == 0 ? element : destination[..Math.Min(filled, destination.Length - filled)];
            part.CopyTo(destination[filled..]);
            filled += part.Length;
        }
    }

    /// <summary>The values that are given, all of them or as many as are not like the last one.</summary>
    /// <param name="info">Name, dtype and shape.</param>
    /// <param name="value">The constant.</param>
    /// <param name="path">The graph, for messages.</param>
    /// <exception cref="UnreadableInputException">There are more or fewer than the shape needs.</exception>
    public static ReadOnlyMemory<byte> GivenFor(TensorInfo info, TensorProto value, string path)
    {
        var given = Given(info.DType, value);
        if (value.TensorContent.Length > 0 || given.Length == info.ByteCount)
        {
            return given.Length == info.ByteCount ? given : throw Misfit(info, given.Length, path);
        }

        var size = info.DType.ItemSize();
        if (given.Length == 0 || given.Length % size != 0 || given.Length > info.ByteCount || info.ByteCount > MaximumFill)
        {
            throw Misfit(info, given.Length, path);
        }

        return given;
    }

    /// <summary>The only element of a constant with one; null for any other.</summary>
    public static double? Scalar(TensorProto value)
    {
        if (Info("", value) is not { } info || info.Shape.ElementCount != 1)
        {
            return null;
        }

        Span<byte> one = stackalloc byte[16];
        one.Clear();
        var given = Given(info.DType, value).Span;
        given[..Math.Min(given.Length, info.DType.ItemSize())].CopyTo(one);
        return info.DType switch
        {
            DType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(one),
            DType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(one),
            DType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(one),
            DType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(one),
            DType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(one),
            DType.BFloat16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(one) << 16),
            _ => null,
        };
    }

    private static byte[] Cast<T>(T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(values).ToArray();

    private static UnreadableInputException Misfit(TensorInfo info, int count, string path) =>
        new(
            $"{path}: the constant {info.Name} is {info.DType.Name()} {info.Shape}, {info.ByteCount} bytes, and its value has {count}. Export the graph again."
        );
}
