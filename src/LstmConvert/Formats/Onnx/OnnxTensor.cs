using System.Buffers.Binary;
using LstmConvert.Formats.Onnx.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Onnx;

/// <summary>The values of an initializer, C order, little-endian.</summary>
/// <param name="DType">The element type.</param>
/// <param name="Shape">The lengths of the axes.</param>
/// <param name="Bytes">The elements.</param>
internal sealed record OnnxTensor(DType DType, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Bytes)
{
    private const int External = 1;

    /// <summary>TensorProto.DataType, by number.</summary>
    private static readonly DType[] DTypes =
    [
        DType.Other,
        DType.Float32,
        DType.UInt8,
        DType.Int8,
        DType.UInt16,
        DType.Int16,
        DType.Int32,
        DType.Int64,
        DType.String,
        DType.Bool,
        DType.Float16,
        DType.Float64,
        DType.UInt32,
        DType.UInt64,
        DType.Complex64,
        DType.Complex128,
        DType.BFloat16,
    ];

    /// <summary>Reads an initializer; null where its elements have no fixed size.</summary>
    /// <param name="path">The model.</param>
    /// <param name="tensor">The initializer.</param>
    /// <exception cref="UnreadableInputException">Its elements lie in another file, or their number does not fit its shape.</exception>
    public static OnnxTensor? Of(string path, TensorProto tensor)
    {
        if (tensor.DataLocation == External)
        {
            throw new UnreadableInputException(
                $"{path}: the numbers of {tensor.Name} lie in another file, which is not opened. Save the model in one file: onnx.save(onnx.load(\"model.onnx\"), \"one.onnx\")."
            );
        }

        var dtype = tensor.DataType >= 0 && tensor.DataType < DTypes.Length ? DTypes[tensor.DataType] : DType.Other;
        if (dtype.ItemSize() == 0)
        {
            return null;
        }

        var bytes = tensor.RawData.Length > 0 ? tensor.RawData.Memory : Fields(tensor, dtype);
        return RawTensor.SizeWithin(tensor.Dims, dtype, bytes.Length) == bytes.Length
            ? new OnnxTensor(dtype, [.. tensor.Dims], bytes)
            : throw new UnreadableInputException(
                $"{path} is damaged: {tensor.Name} is {dtype.Name()} ({string.Join(", ", tensor.Dims.Take(RawTensor.MaximumRank))}) and has {bytes.Length} bytes. Copy or export it again."
            );
    }

    /// <summary>Elements that stand in fields of their type and not as bytes.</summary>
    private static byte[] Fields(TensorProto tensor, DType dtype)
    {
        if (dtype == DType.Float64)
        {
            var doubles = new byte[8 * tensor.DoubleData.Count];
            foreach (var (k, value) in tensor.DoubleData.Index())
            {
                BinaryPrimitives.WriteDoubleLittleEndian(doubles.AsSpan(8 * k), value);
            }

            return doubles;
        }

        // Halves stand in int32_data, as their bits.
        var isHalf = dtype is DType.Float16 or DType.BFloat16;
        var bytes = new byte[isHalf ? 2 * tensor.Int32Data.Count : 4 * tensor.FloatData.Count];
        foreach (var (k, bits) in isHalf ? tensor.Int32Data.Index() : [])
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * k), (ushort)bits);
        }

        foreach (var (k, value) in isHalf ? [] : tensor.FloatData.Index())
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * k), value);
        }

        return bytes;
    }

    /// <summary>True if every element is 0, whatever its sign.</summary>
    public bool IsZero
    {
        get
        {
            var span = Bytes.Span;
            var size = DType.ItemSize();
            for (var k = 0; k < span.Length; k++)
            {
                if ((k % size == size - 1 ? span[k] & 0x7f : span[k]) != 0)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Some of the elements, which lie one after another, as a variable.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="first">The first element.</param>
    /// <param name="shape">The lengths of its axes.</param>
    public Tensor Part(string name, long first, params long[] shape)
    {
        var info = new TensorInfo(name, DType, new Shape(shape));
        return new MemoryTensor(info, Bytes.Slice(checked((int)(first * DType.ItemSize())), checked((int)info.ByteCount)));
    }
}
