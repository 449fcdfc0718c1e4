using System.Runtime.InteropServices;
using LstmConvert.Tensors;
using PureHDF;
using PureHDF.Selections;

namespace LstmConvert.Formats.Hdf5;

/// <summary>A dataset, read by rows.</summary>
internal sealed class Hdf5Tensor(string path, string name, IH5Dataset dataset) : Tensor(Describe(path, name, dataset))
{
    private readonly Lock turn = new();

    public override void Read(long offset, Span<byte> destination)
    {
        var size = DType.ItemSize();
        var buffer = new byte[destination.Length];
        lock (turn)
        {
            Hdf5File.Guard(path, Name, () =>
            {
                var rowBytes = Shape.RowLength * size;
                var isWhole = offset == 0 && buffer.Length == Info.ByteCount;
                if (isWhole || Shape.Rank < 2)
                {
                    var all = isWhole ? buffer : new byte[Info.ByteCount];
                    Fill(all, null);
                    all.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
                    return 0;
                }

                var (first, last) = (offset / rowBytes, (offset + buffer.Length - 1) / rowBytes);
                var rows = offset % rowBytes == 0 && buffer.Length % rowBytes == 0 ? buffer : new byte[(last - first + 1) * rowBytes];
                var starts = new ulong[Shape.Rank];
                starts[0] = (ulong)first;
                var counts = Shape.Dimensions.ToArray().Select(length => (ulong)length).ToArray();
                counts[0] = (ulong)(last - first + 1);
                Fill(rows, new HyperslabSelection(Shape.Rank, starts, counts));
                if (rows != buffer)
                {
                    rows.AsSpan((int)(offset - (first * rowBytes)), buffer.Length).CopyTo(buffer);
                }

                return 0;
            });
        }

        buffer.CopyTo(destination);
    }

    /// <summary>Reads elements as numbers, so that the library turns those of the other byte order; bytes it hands out as they lie.</summary>
    private void Fill(byte[] target, Selection? selection)
    {
        switch (DType)
        {
            case DType.Float32:
                Fill(new float[target.Length / sizeof(float)], target, selection);
                break;
            case DType.Float64:
                Fill(new double[target.Length / sizeof(double)], target, selection);
                break;
            default:
                dataset.Read(target.AsMemory(), fileSelection: selection);
                break;
        }
    }

    private void Fill<T>(T[] numbers, byte[] target, Selection? selection)
        where T : unmanaged
    {
        dataset.Read(numbers.AsMemory(), fileSelection: selection);
        MemoryMarshal.AsBytes(numbers.AsSpan()).CopyTo(target);
    }

    private static TensorInfo Describe(string path, string name, IH5Dataset dataset) => Hdf5File.Guard(path, name, () =>
    {
        var dtype = (dataset.Type.Class, dataset.Type.Size) switch
        {
            (H5DataTypeClass.FloatingPoint, 2) => DType.Float16,
            (H5DataTypeClass.FloatingPoint, 4) => DType.Float32,
            (H5DataTypeClass.FloatingPoint, 8) => DType.Float64,
            (H5DataTypeClass.FixedPoint, 4) => DType.Int32,
            (H5DataTypeClass.FixedPoint, 8) => DType.Int64,
            _ => DType.Other,
        };
        var info = new TensorInfo(name, dtype, new Shape([.. dataset.Space.Dimensions.Select(length => checked((long)length))]));
        return checked(info.Shape.ElementCount * sizeof(double)) >= 0 ? info : throw new OverflowException();
    });
}
