using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Numpy;

/// <summary>An array of a <c>.npy</c> file or <c>.npz</c> entry, seen in C order and little-endian whatever its own order is.</summary>
internal sealed class NpyTensor : Tensor
{
    /// <summary>The largest band of rows of a Fortran-ordered matrix that is held in memory, in bytes.</summary>
    private const int BandBytes = 32 << 20;

    /// <summary>A run of a column that is shorter than this, in bytes, is not worth a read of its own.</summary>
    private const int SmallRun = 1 << 16;

    private readonly ByteSource bytes;
    private readonly NpyHeader header;
    private readonly Lock turn = new();
    private byte[]? band;
    private long bandStart;

    private NpyTensor(TensorInfo info, ByteSource bytes, NpyHeader header)
        : base(info)
    {
        this.bytes = bytes;
        this.header = header;
    }

    /// <summary>Opens an array: reads its header and checks it against the number of bytes.</summary>
    /// <param name="name">The variable's name.</param>
    /// <param name="bytes">The file or entry.</param>
    /// <param name="voidDType">What two-byte void elements stand for, or null.</param>
    public static NpyTensor Open(string name, ByteSource bytes, DType? voidDType)
    {
        var header = NpyHeader.Read(bytes, voidDType);
        return new NpyTensor(new TensorInfo(name, header.DType, header.Shape), bytes, header);
    }

    /// <inheritdoc/>
    internal override bool IsReadAnywhere => bytes.IsRandomAccess && !header.IsFortranOrder;

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        if (header.IsFortranOrder && Shape.Rank > 1 && Shape.ElementCount > 0)
        {
            ReadTransposed(offset, destination);
        }
        else
        {
            bytes.Read(header.DataOffset + offset, destination);
        }

        if (header.IsBigEndian)
        {
            Swap(destination);
        }
    }

    private void Swap(Span<byte> destination)
    {
        // A complex number is two numbers, each swapped by itself.
        var size = DType is DType.Complex64 or DType.Complex128 ? header.ItemSize / 2 : header.ItemSize;
        if (size == 1)
        {
            return;
        }

        for (var k = 0; k < destination.Length; k += size)
        {
            destination.Slice(k, size).Reverse();
        }
    }

    private void ReadTransposed(long offset, Span<byte> destination)
    {
        lock (turn)
        {
            while (destination.Length > 0)
            {
                if (band is null || offset < bandStart || offset >= bandStart + band.Length)
                {
                    LoadBand(offset);
                }

                var from = (int)(offset - bandStart);
                var count = Math.Min(destination.Length, band!.Length - from);
                band.AsSpan(from, count).CopyTo(destination);
                destination = destination[count..];
                offset += count;
            }
        }
    }

    /// <summary>Loads the rows around an offset: element [r, c...] of a Fortran-ordered array lies at r + rows * (c + ...).</summary>
    private void LoadBand(long offset)
    {
        var rows = Shape.Rows;
        var size = header.ItemSize;
        var rowBytes = Shape.RowLength * size;
        var bandRows = bytes.IsRandomAccess ? Math.Clamp(BandBytes / rowBytes, 1, rows) : rows;
        if (bandRows * rowBytes > Array.MaxLength)
        {
            throw new UnreadableInputException(
                $"{bytes.Name} is a Fortran-ordered array of {rows * rowBytes} bytes inside an archive, too large to be turned. Save it in C order: numpy.ascontiguousarray."
            );
        }

        var first = offset / rowBytes / bandRows * bandRows;
        bandRows = Math.Min(bandRows, rows - first);
        band = new byte[bandRows * rowBytes];
        bandStart = first * rowBytes;
        if (bandRows == rows || bandRows * size < SmallRun)
        {
            ReadThrough(first, bandRows, band);
            return;
        }

        var column = new byte[bandRows * size];
        for (long c = 0; c < Shape.RowLength; c++)
        {
            bytes.Read(header.DataOffset + ((FortranColumn(c) * rows) + first) * size, column);
            for (var r = 0; r < bandRows; r++)
            {
                column.AsSpan(r * size, size).CopyTo(band.AsSpan((int)((r * rowBytes) + (c * size))));
            }
        }
    }

    /// <summary>Reads the array once, front to back, and puts the elements of the band's rows in their places.</summary>
    private void ReadThrough(long first, long bandRows, byte[] into)
    {
        var (size, rows, rowBytes) = (header.ItemSize, Shape.Rows, Shape.RowLength * header.ItemSize);
        var strides = new long[Shape.Rank];
        for (var (axis, stride) = (Shape.Rank - 1, (long)size); axis >= 1; axis--)
        {
            strides[axis] = stride;
            stride *= Shape[axis];
        }

        var place = new long[Shape.Rank];
        var (row, column) = (0L, 0L);
        var block = new byte[Math.Min(Info.ByteCount, (1 << 20) / size * size)];
        for (long at = 0; at < Info.ByteCount; at += block.Length)
        {
            var part = block.AsSpan(0, (int)Math.Min(block.Length, Info.ByteCount - at));
            bytes.Read(header.DataOffset + at, part);
            for (var k = 0; k < part.Length; k += size)
            {
                if (row >= first && row - first < bandRows)
                {
                    part.Slice(k, size).CopyTo(into.AsSpan((int)(((row - first) * rowBytes) + column)));
                }

                if (++row == rows)
                {
                    row = 0;
                    column = Next(place, column, strides);
                }
            }
        }
    }

    /// <summary>The next place over the axes after the first in Fortran order, as an offset within a row in C order, in bytes.</summary>
    private long Next(long[] place, long column, long[] strides)
    {
        for (var axis = 1; axis < place.Length; axis++)
        {
            column += strides[axis];
            if (++place[axis] < Shape[axis])
            {
                break;
            }

            column -= place[axis] * strides[axis];
            place[axis] = 0;
        }

        return column;
    }

    /// <summary>The place of a row's element c (counted in C order over the axes after the first) in Fortran order.</summary>
    private long FortranColumn(long c)
    {
        // The last axis has the largest stride in Fortran order: the product of the axes between the first and itself.
        long place = 0;
        var stride = Shape.RowLength;
        for (var axis = Shape.Rank - 1; axis >= 1; axis--)
        {
            stride /= Shape[axis];
            place += c % Shape[axis] * stride;
            c /= Shape[axis];
        }

        return place;
    }
}
