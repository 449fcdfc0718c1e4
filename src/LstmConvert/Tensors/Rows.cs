using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace LstmConvert.Tensors;

/// <summary>Reads elements of a weight tensor as float32 or float64, widened exactly; never rounded without being asked.</summary>
public static class Rows
{
    /// <summary>The size of the block of bytes that passes through memory at a time.</summary>
    public const int BlockBytes = 1 << 20;

    /// <summary>Reads consecutive elements as float32. The tensor is float16, bfloat16 or float32.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="first">The first element, C order.</param>
    /// <param name="destination">Filled completely.</param>
    public static void ReadSingles(this Tensor tensor, long first, Span<float> destination)
    {
        var itemSize = tensor.DType.ItemSize();
        if (tensor.DType == DType.Float32)
        {
            var bytes = MemoryMarshal.AsBytes(destination);
            tensor.Read(first * itemSize, bytes);
            ToNative(bytes, itemSize);
            return;
        }

        if (tensor.DType is not (DType.Float16 or DType.BFloat16))
        {
            throw new UnreadableInputException(
                $"{tensor.Info} holds no floating-point numbers, as weights, inputs and outputs are. Save it as float32.");
        }

        var buffer = ArrayPool<byte>.Shared.Rent(destination.Length * itemSize);
        var halves = buffer.AsSpan(0, destination.Length * itemSize);
        tensor.Read(first * itemSize, halves);
        for (var k = 0; k < destination.Length; k++)
        {
            var bits = BinaryPrimitives.ReadUInt16LittleEndian(halves[(2 * k)..]);
            destination[k] = tensor.DType == DType.Float16
                ? (float)BitConverter.UInt16BitsToHalf(bits)
                : BitConverter.UInt32BitsToSingle((uint)bits << 16);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Reads consecutive elements as float64, whichever of the four weight types the tensor has.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="first">The first element, C order.</param>
    /// <param name="destination">Filled completely.</param>
    public static void ReadDoubles(this Tensor tensor, long first, Span<double> destination)
    {
        if (tensor.DType == DType.Float64)
        {
            var bytes = MemoryMarshal.AsBytes(destination);
            tensor.Read(first * sizeof(double), bytes);
            ToNative(bytes, sizeof(double));
            return;
        }

        var singles = ArrayPool<float>.Shared.Rent(destination.Length);
        tensor.ReadSingles(first, singles.AsSpan(0, destination.Length));
        for (var k = 0; k < destination.Length; k++)
        {
            destination[k] = singles[k];
        }

        ArrayPool<float>.Shared.Return(singles);
    }

    /// <summary>Reads consecutive elements as float32 or float64.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="tensor">The tensor.</param>
    /// <param name="first">The first element, C order.</param>
    /// <param name="destination">Filled completely.</param>
    internal static void Read<T>(Tensor tensor, long first, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float))
        {
            tensor.ReadSingles(first, MemoryMarshal.Cast<T, float>(destination));
        }
        else
        {
            tensor.ReadDoubles(first, MemoryMarshal.Cast<T, double>(destination));
        }
    }

    /// <summary>All elements as float64. For biases, states and samples; weights are streamed.</summary>
    /// <param name="tensor">The tensor.</param>
    public static double[] ToDoubles(this Tensor tensor)
    {
        var values = new double[checked((int)tensor.Shape.ElementCount)];
        tensor.ReadDoubles(0, values);
        return values;
    }

    private static void ToNative(Span<byte> bytes, int itemSize)
    {
        if (BitConverter.IsLittleEndian)
        {
            return;
        }

        for (var k = 0; k < bytes.Length; k += itemSize)
        {
            bytes.Slice(k, itemSize).Reverse();
        }
    }
}
