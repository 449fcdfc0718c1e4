using System.Buffers.Binary;
using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.MxNet;

/// <summary>
/// A <c>.params</c> file of MXNet (apache/mxnet v1.9.1 src/ndarray/ndarray.cc, NDArray::Save and NDArray::Load): a list of arrays, then
/// their names.
/// <code>
/// 8   0x112, then 8 bytes reserved, then 8: the number of arrays
/// of each array: 4 magic 0xf993fac9 (0xf993faca with NumPy's shapes) · 4 storage, 0 is dense · 4 rank · 8 each axis · 4 device · 4 its number · 4 type · elements
///                4 magic 0xf993fac8: the same without the storage;   anything else is the rank of 0.x files, 4 each axis
/// 8   the number of names; of each name 8 its length, then its bytes: lstm0_l0_i2h_weight, _unfused.0.i2h_weight, arg:…
/// </code>
/// All numbers little-endian. Names without a prefix are those that gluon's blocks give.
/// </summary>
internal sealed class MxNetParameters : ISourceFormat
{
    /// <summary>The largest number of arrays that is read.</summary>
    public const int MaximumArrays = 100_000;

    /// <summary>The longest name that is read, in bytes.</summary>
    public const int MaximumNameBytes = 4096;

    private const ulong ListMagic = 0x112;
    private const uint First = 0xf993fac8;
    private const uint Second = 0xf993fac9;
    private const uint WithNumpyShape = 0xf993faca;

    private static readonly DType[] DTypes =
    [
        DType.Float32,
        DType.Float64,
        DType.Float16,
        DType.UInt8,
        DType.Int32,
        DType.Int8,
        DType.Int64,
        DType.Bool,
        DType.Int16,
        DType.UInt16,
        DType.UInt32,
        DType.UInt64,
        DType.BFloat16,
    ];

    /// <inheritdoc/>
    public string Name => ".params file of MXNet";

    /// <inheritdoc/>
    public SourceMatch? Match(SourcePath path) => path.Head.Length >= 24 && BinaryPrimitives.ReadUInt64LittleEndian(path.Head) == ListMagic
        ? new SourceMatch(this, path.Text, _ => Open(path.Text))
        : null;

    private TensorSet Open(string path)
    {
        var file = new OpenFileBytes(path);
        try
        {
            var reader = new LittleEndianReader(file, 16);
            var arrays = new List<(DType DType, Shape Shape, long Offset)>();
            var count = reader.Count(MaximumArrays, 8, "arrays");
            for (var k = 0; k < count; k++)
            {
                arrays.Add(Array(reader, file, k));
            }

            var names = reader.Count(MaximumArrays, 8, "names");
            if (names != count)
            {
                throw new UnreadableInputException(
                    $"{path} holds {count} arrays and {names} names. Save the block with save_parameters, which writes both.");
            }

            var tensors = arrays
                .Select(array =>
                    (Tensor)
                        new RawTensor(new TensorInfo(Plain(reader.Text(MaximumNameBytes)), array.DType, array.Shape), file, array.Offset))
                .ToArray();
            return SourceSet.Of(path, Name, tensors, [file]);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static (DType, Shape, long) Array(LittleEndianReader reader, ByteSource file, int number)
    {
        var magic = reader.UInt32();
        if (magic is Second or WithNumpyShape && reader.UInt32() is not 0 and var storage)
        {
            throw new UnreadableInputException(
                $"{file.Name}: array {number} is sparse (storage {storage}), which is not read. Convert it with tostype('default'), and save again."
            );
        }

        var isOld = magic is not (First or Second or WithNumpyShape);
        var rank = isOld ? magic : reader.UInt32();
        if (rank is 0 or > RawTensor.MaximumRank)
        {
            throw new UnreadableInputException(rank == 0
                ? $"{file.Name}: array {number} has no shape: its block was never run. Run it once, and save again."
                : $"{file.Name} is damaged: array {number} would have {rank} axes. Copy or export it again.");
        }

        var shape = new long[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            shape[axis] = isOld ? reader.UInt32() : reader.Int64();
        }

        reader.UInt32();
        reader.UInt32();
        var type = reader.UInt32();
        var dtype =
            type < DTypes.Length
                ? DTypes[type]
                : throw new UnreadableInputException(
                    $"{file.Name}: array {number} is of type {type}, which is not known. Save it as float32.");
        var size = RawTensor.SizeWithin(shape, dtype, file.Length - reader.Position);
        if (size < 0)
        {
            throw new UnreadableInputException(
                $"{file.Name} is cut off: array {number} is {dtype.Name()} ({string.Join(", ", shape)}), and {file.Length - reader.Position} bytes are left. Copy or export it again."
            );
        }

        var offset = reader.Position;
        reader.Skip(size);
        return (dtype, new Shape(shape), offset);
    }

    /// <summary>The name without <c>arg:</c> and <c>aux:</c>, which the Module API writes.</summary>
    private static string Plain(string name) =>
        name.StartsWith("arg:", StringComparison.Ordinal) || name.StartsWith("aux:", StringComparison.Ordinal) ? name[4..] : name;
}
