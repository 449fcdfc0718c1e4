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
                    dataset.Read(all.AsMemory());
                    all.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
                    return 0;
                }

                var (first, last) = (offset / rowBytes, (offset + buffer.Length - 1) / rowBytes);
                var rows = offset % rowBytes == 0 && buffer.Length % rowBytes == 0 ? buffer : new byte[(last - first + 1) * rowBytes];
                var starts = new ulong[Shape.Rank];
                starts[0] = (ulong)first;
                var counts = Shape.Dimensions.ToArray().Select(length => (ulong)length).ToArray();
                counts[0] = (ulong)(last - first + 1);
                dataset.Read(rows.AsMemory(), fileSelection: new HyperslabSelection(Shape.Rank, starts, counts));
                if (rows != buffer)
                {
                    rows.AsSpan((int)(offset - (first * rowBytes)), buffer.Length).CopyTo(buffer);
                }

                return 0;
            });
        }

        buffer.CopyTo(destination);
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
