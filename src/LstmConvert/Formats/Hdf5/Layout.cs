using LstmConvert.Tensors;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// How elements are stored (File Format Specification 3.0, IV.A.2.i): <code>
/// version 1, 2  1 version, 1 rank, 1 class: 0 compact, 1 contiguous, 2 chunked; 5 reserved, [address], 4 each length, [4 element] [4
/// bytes, elements]
/// version 3 to 5 1 version, 1 class
///   0 compact     2 bytes, elements
///   1 contiguous  address, bytes
///   2 chunked, 3  1 rank + 1, address of a B-tree, 4 each length of a chunk, 4 bytes of an element
///   2 chunked, 4+ 1 flags, 1 rank + 1, 1 width, lengths of a chunk and bytes of an element; 1 index, its parameters, its address
///   3 virtual     refused
/// </code>
/// Version 5, of HDF5 2.0, is version 4 with wider elements in the indexes of packed chunks (hdf5 2.0.0 src/H5Oprivate.h,
/// H5O_LAYOUT_VERSION_5).
/// </summary>
internal static class Layout
{
    /// <summary>A dataset of so many bytes is believed in any file.</summary>
    public const long AlwaysBelieved = 16L << 20;

    /// <summary>A dataset may be so many times as long as its file: trained weights deflate to a half, only constants to less.</summary>
    public const int MaximumRatio = 16;

    private const string What = "a dataset";

    /// <summary>Reads where the elements of a dataset are.</summary>
    /// <exception cref="UnreadableInputException">They lie elsewhere, are not there, or are more than the file could hold.</exception>
    public static Storage Read(Superblock superblock, ObjectHeader header, Datatype type, Dataspace space)
    {
        var file = superblock.File;
        if (header.Has(MessageType.ExternalFiles))
        {
            throw file.Refused(What, "has its numbers in other files (external storage), which are never opened",
                "Save it as one file: h5repack");
        }

        var fields = header.Needed(MessageType.Layout);
        var bytes = space.Bytes(type, fields);
        if (bytes > AlwaysBelieved && bytes / MaximumRatio > file.FileLength)
        {
            throw file.Refused(
                What,
                $"of shape {space.Shape} has {bytes} bytes in a file of {file.FileLength}: more than {MaximumRatio} times as many, which no trained weights have",
                "If it is meant, save it without compression");
        }

        var fill = FillValue.Read(header, type);
        var version = fields.Version(1, 5);
        var (rank, kind) = version < 3 ? (fields.U8(), fields.U8()) : (-1, fields.U8());
        fields.Skip(version < 3 ? 5 : 0);
        return kind switch
        {
            0 => version < 3 ? OldCompact(fields, rank, bytes) : Compact(fields, fields.U16(), bytes),
            1 => Contiguous(fields, version, header, fill, bytes),
            2 => ChunkedStorage.Open(header, fields, (version, rank), fill, type, space),
            3 when version >= 4 =>
                throw file.Refused(What, "is virtual: its numbers are in other datasets, which are never opened",
                "Save it as a dataset of its own: h5repack"),
            _ => throw fields.Damaged($"is of the unknown class {kind}"),
        };
    }

    /// <summary>What is not there at all.</summary>
    public static Storage Filled(Hdf5Fields fields, FillValue fill) =>
        fill.IsWritten ? new FilledStorage(fill.Value) : throw fields.Damaged("has no numbers, and no value for those that are not there");

    private static CompactStorage OldCompact(Hdf5Fields fields, int rank, long bytes)
    {
        fields.Skip(4 * rank);
        return Compact(fields, fields.U32(), bytes);
    }

    private static CompactStorage Compact(Hdf5Fields fields, long stored, long bytes) =>
        stored == bytes ? new CompactStorage(fields.Bytes((int)bytes))
            : throw fields.Damaged($"holds {stored} bytes, and its elements have {bytes}");

    private static Storage Contiguous(Hdf5Fields fields, int version, ObjectHeader header, FillValue fill, long bytes)
    {
        var address = fields.Place();
        var stored = version < 3 ? bytes : fields.Size();
        if (header.Has(MessageType.Filters) && Filters.Read(header.Superblock, header).Count > 0)
        {
            throw fields.Damaged("is in one piece and has filters, which only chunks have");
        }

        if (bytes == 0)
        {
            return new FilledStorage(fill.Value);
        }

        if (address < 0)
        {
            return Filled(fields, fill);
        }

        if (stored != bytes)
        {
            throw fields.Damaged($"has {stored} bytes, and its elements have {bytes}");
        }

        fields.File.Within(address, bytes, "the numbers of a dataset");
        return new ContiguousStorage(fields.File, address);
    }
}
