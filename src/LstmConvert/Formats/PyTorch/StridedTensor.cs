using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.PyTorch;

/// <summary>A tensor whose axes lie in another order or further apart than C order: a transposed matrix, a slice. Its elements are gathered
/// when they are first read.</summary>
/// <param name="info">Name, dtype and shape.</param>
/// <param name="storage">The storage.</param>
/// <param name="first">The first element.</param>
/// <param name="strides">The strides of the axes, in elements.</param>
internal sealed class StridedTensor(TensorInfo info, ByteSource storage, long first, IReadOnlyList<long> strides) : Tensor(info)
{
    private readonly Lock turn = new();
    private byte[]? gathered;

    /// <summary>True if the elements lie in C order, one after another.</summary>
    public static bool IsContiguous(IReadOnlyList<long> shape, IReadOnlyList<long> strides)
    {
        var expected = 1L;
        for (var axis = shape.Count - 1; axis >= 0; axis--)
        {
            if (shape[axis] != 1 && strides[axis] != expected)
            {
                return false;
            }

            expected *= Math.Max(1, shape[axis]);
        }

        return true;
    }

    /// <summary>True if the last element is one of so many.</summary>
    public static bool IsWithin(IReadOnlyList<long> shape, IReadOnlyList<long> strides, long there)
    {
        if (shape.Contains(0))
        {
            return true;
        }

        var last = 0L;
        for (var axis = 0; axis < shape.Count; axis++)
        {
            if (strides[axis] < 0 || (shape[axis] > 1 && strides[axis] > there / (shape[axis] - 1)))
            {
                return false;
            }

            last += (shape[axis] - 1) * strides[axis];
            if (last >= there)
            {
                return false;
            }
        }

        return last < there;
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        lock (turn)
        {
            gathered ??= Gather();
        }

        gathered.AsSpan(checked((int)offset), destination.Length).CopyTo(destination);
    }

    private byte[] Gather()
    {
        var size = DType.ItemSize();
        if (storage.Length > System.Array.MaxLength || Info.ByteCount > System.Array.MaxLength)
        {
            throw new UnreadableInputException(
                $"{storage.Name}: {Name} has {Info.ByteCount} bytes and is not contiguous, too large to be turned. Save it after .contiguous()."
            );
        }

        var (from, to) = (new byte[storage.Length], new byte[Info.ByteCount]);
        storage.Read(0, from);
        var place = new long[Shape.Rank];
        for (long k = 0, at = first; k < Shape.ElementCount; k++)
        {
            from.AsSpan(checked((int)(at * size)), size).CopyTo(to.AsSpan((int)(k * size)));
            for (var axis = place.Length - 1; axis >= 0; axis--)
            {
                at += strides[axis];
                if (++place[axis] < Shape[axis])
                {
                    break;
                }

                at -= place[axis] * strides[axis];
                place[axis] = 0;
            }
        }

        return to;
    }
}
