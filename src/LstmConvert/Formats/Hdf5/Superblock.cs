using LstmConvert.Files;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// The beginning of an HDF5 file (File Format Specification 3.0, II.A), at 0, 512, 1024, 2048 … behind a user block. <code>
/// version 0, 1                                        version 2, 3
/// 0   8  signature \x89HDF\r\n\x1a\n                  0   8  signature
/// 8   5  versions: superblock, free space 0,          8   1  version
///        root entry 0, reserved, shared header 0      9   2  size of addresses, of lengths
/// 13  2  size of addresses, of lengths                11  1  flags: 1 open for writing, 4 written while read
/// 16  2  group leaf K                                 12     base, extension, end of file, root's object header
/// 18  2  group internal K                                 4  checksum
/// 20  4  flags
/// 24  4  version 1: chunk K, reserved
///        base, free space, end of file, driver, root's symbol table entry
/// </code>
/// </summary>
/// <param name="File">The file's bytes, with its sizes and its end.</param>
/// <param name="Root">The address of the root's object header.</param>
/// <param name="GroupLeafK">Half the most entries of a symbol node.</param>
/// <param name="GroupInternalK">Half the most children of a group's B-tree node.</param>
/// <param name="ChunkK">Half the most children of a chunk's B-tree node.</param>
/// <param name="Extension">The address of the superblock's extension, or none.</param>
internal sealed record Superblock(Hdf5Bytes File, long Root, int GroupLeafK, int GroupInternalK, int ChunkK, long Extension)
{
    private const string What = "the superblock";

    /// <summary>The bytes that tell what else a file may be.</summary>
    private const int HeadBytes = 512;

    /// <summary>The messages that objects of the file share; null where there are none.</summary>
    private SharedMessages? Messages { get; init; }

    /// <summary>The texts of varying length.</summary>
    public GlobalHeap Heap { get; } = new(File);

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>A message that lies in the heap of those that objects of the file share.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="id">Its identifier.</param>
    /// <param name="from">Who names it.</param>
    public Hdf5Fields InHeap(MessageType type, ReadOnlyMemory<byte> id, Hdf5Fields from) =>
        Messages?.Find(type, id, from) ?? throw from.Damaged("lies among shared messages, and the file has none");

    /// <summary>Where the superblock is, or -1.</summary>
    public static long Find(ByteSource source)
    {
        Span<byte> head = stackalloc byte[8];
        for (long at = 0; at <= source.Length - head.Length; at = at == 0 ? 512 : at * 2)
        {
            source.Read(at, head);
            if (head.SequenceEqual(Signature))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Reads the superblock.</summary>
    /// <param name="source">The file.</param>
    /// <param name="verifyChecksums">False to read structures whose checksum is wrong.</param>
    /// <exception cref="UnreadableInputException">There is none, or it is broken, or the file is shorter than it says.</exception>
    public static Superblock Read(ByteSource source, bool verifyChecksums)
    {
        var at = Find(source);
        if (at < 0)
        {
            var head = new byte[Math.Min(HeadBytes, source.Length)];
            source.Read(0, head);
            throw new UnreadableInputException(
                ForeignFile.Of(source.Name, head) is { } kind
                    ? $"{source.Name} is {kind.Name}, and a Keras file is expected here. {kind.Advice ?? "Name the .h5 or .keras file."}"
                    : $"{source.Name} is no HDF5 file (its first bytes are {Convert.ToHexStringLower(head.AsSpan(0, Math.Min(8, head.Length)))}). Name the .h5 or .keras file."
            );
        }

        var file = new Hdf5Bytes(source) { Base = at, End = source.Length - at, VerifiesChecksums = verifyChecksums };
        var version = file.Structure(8, 1, What).Version(0, 3);
        var superblock = version < 2 ? ReadOld(file, version) : ReadNew(file);
        return superblock.Extension < 0 ? superblock : superblock.WithExtension();
    }

    private static Superblock ReadOld(Hdf5Bytes file, int version)
    {
        var sizes = file.Structure(0, 24, What);
        sizes.Skip(9);
        sizes.Version(0, 0);
        sizes.Version(0, 0);
        sizes.Skip(1);
        sizes.Version(0, 0);
        Sizes(file, sizes);
        sizes.Skip(1);
        var (leaf, inner, flags) = (sizes.U16(), sizes.U16(), sizes.U32());
        var begin = version == 0 ? 24 : 28;
        var fields = file.Structure(0, begin + (5 * file.AddressSize) + file.LengthSize + 24, What);
        fields.Skip(24);
        var chunk = version == 0 ? 32 : fields.U16();
        if (leaf == 0 || inner == 0 || chunk == 0 || flags > 7)
        {
            throw fields.Damaged($"has the K {leaf}, {inner}, {chunk} and the flags {flags}");
        }

        fields.MoveTo(begin);
        End(file, fields, () => fields.Place());
        if (fields.Place() >= 0)
        {
            throw file.Refused(What, "names a driver: the file is one of several parts", "Join them with h5repart or h5repack");
        }

        var entry = SymbolEntry.Read(fields);
        return entry.IsSoft ? throw fields.Damaged("calls the root a link")
            : new Superblock(file, entry.Header, leaf, inner, chunk, Hdf5Bytes.Undefined);
    }

    private static Superblock ReadNew(Hdf5Bytes file)
    {
        var sizes = file.Structure(0, 12, What);
        sizes.Skip(9);
        Sizes(file, sizes);
        var flags = sizes.Flags(7);
        var fields = file.Structure(0, 12 + (4 * file.AddressSize) + 4, What);
        fields.MoveTo(12 + (4 * file.AddressSize));
        fields.Checksum();
        if ((flags & 5) != 0)
        {
            throw file.Refused(What, "says that the file is still open for writing",
                "Close it in the program that writes it, or run h5clear -s on a copy");
        }

        fields.MoveTo(12);
        var extension = Hdf5Bytes.Undefined;
        End(file, fields, () => extension = fields.Place());
        return new Superblock(file, fields.PlaceThere(), 4, 16, 32, extension);
    }

    private static void Sizes(Hdf5Bytes file, Hdf5Fields fields)
    {
        var (address, length) = (fields.U8(), fields.U8());
        if (address is not (2 or 4 or 8) || length is not (2 or 4 or 8))
        {
            throw fields.Damaged($"says addresses of {address} and lengths of {length} bytes; 2, 4 and 8 are read");
        }

        (file.AddressSize, file.LengthSize) = (address, length);
    }

    /// <summary>Base, a field between, end: the end counts from the file's first byte, and moves with a superblock that moved.</summary>
    private static void End(Hdf5Bytes file, Hdf5Fields fields, Func<long> between)
    {
        var start = fields.Size(file.AddressSize);
        between();
        var end = fields.Size(file.AddressSize);
        if (end < start || end - start > file.End)
        {
            throw new UnreadableInputException(
                $"{file.Name} is cut off: it has {file.FileLength} bytes, and its superblock says {file.Base} + {end - start}. Copy or save it again."
            );
        }

        file.End = end - start;
    }

    /// <summary>The extension of version 2 and 3 may say other K than usual, and that messages are shared.</summary>
    private Superblock WithExtension()
    {
        var header = ObjectHeader.Read(this, Extension);
        if (header.Has(MessageType.Driver))
        {
            throw File.Refused(What, "names a driver: the file is one of several parts", "Join them with h5repart or h5repack");
        }

        var shared = header.Find(MessageType.SharedTable) is { } table ? this with { Messages = SharedMessages.Read(this, table) } : this;
        if (header.Find(MessageType.TreeK) is not { } fields)
        {
            return shared;
        }

        fields.Version(0, 0);
        return shared with { ChunkK = fields.U16(), GroupInternalK = fields.U16(), GroupLeafK = fields.U16() };
    }
}
