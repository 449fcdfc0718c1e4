using System.Numerics;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// Where many links or attributes of one object lie (File Format Specification 3.0, III.G). Objects are found by an offset in the heap's
/// own space, which is cut into rows of blocks: the first two rows have blocks of the starting size, each further row doubles. <code>
/// header   4 "FRHP", 1 version 0, 2 bytes of an identifier, 2 bytes of filters, 1 flags: 2 direct blocks have checksums, 4 largest managed
///          object, ids and B-tree of huge objects, ten counts, 2 width, starting block size, largest direct block, 2 bits of offsets,
///          2 starting rows, address of the root, 2 rows of the root; 4 checksum
/// direct   4 "FHDB", 1 version 0, address of the header, offset, [4 checksum]; objects
/// indirect 4 "FHIB", 1 version 0, address of the header, offset, addresses of blocks; 4 checksum
/// id       1 kind: 0x00 managed: offset, length; 0x10 huge: key of a B-tree record; 0x20 tiny: the object itself
/// </code>
/// </summary>
internal sealed class FractalHeap
{
    private const string What = "a fractal heap";
    private const int MaximumRows = 64;

    private readonly Superblock superblock;
    private readonly long address;
    private readonly bool hasChecksums;
    private readonly long largestManaged;
    private readonly long hugeTree;
    private readonly int width;
    private readonly long startBytes;
    private readonly long largestDirect;
    private readonly int offsetBytes;
    private readonly int lengthBytes;
    private readonly long root;
    private readonly int rootRows;
    private readonly Dictionary<long, Hdf5Fields> blocks = [];
    private Dictionary<ulong, (long Address, long Length)>? huge;

    private FractalHeap(Superblock superblock, long address)
    {
        (this.superblock, this.address) = (superblock, address);
        var head = File.Structure(address, 26 + (12 * File.LengthSize) + (3 * File.AddressSize), What);
        head.MoveTo(head.Length - 4);
        head.Checksum();
        head.MoveTo(0);
        head.Signature("FRHP"u8);
        head.Version(0, 0);
        IdBytes = head.U16();
        if (head.U16() > 0)
        {
            throw File.Refused(What, "is compressed");
        }

        hasChecksums = (head.Flags(3) & 2) != 0;
        largestManaged = head.U32();
        head.Skip(File.LengthSize);
        hugeTree = head.Place();
        head.Skip(File.LengthSize + File.AddressSize + (8 * File.LengthSize));
        (width, startBytes, largestDirect) = (head.U16(), head.Size(), head.Size());
        var bits = head.U16();
        head.Skip(2);
        (root, rootRows) = (head.Place(), head.U16());
        if (!BitOperations.IsPow2(width) || !BitOperations.IsPow2(startBytes) || !BitOperations.IsPow2(largestDirect) ||
            largestDirect < startBytes || bits is 0 or > 62 || rootRows > MaximumRows || width == 0)
        {
            throw head.Damaged(
                $"has {width} blocks of {startBytes} to {largestDirect} bytes in a row, {rootRows} rows and offsets of {bits} bits");
        }

        offsetBytes = (bits + 7) / 8;
        lengthBytes = Math.Min((BitOperations.Log2((ulong)largestDirect) + 7) / 8, Tree2.SizeOf(largestManaged));
    }

    /// <summary>Bytes of an identifier.</summary>
    public int IdBytes { get; }

    private Hdf5Bytes File => superblock.File;

    private int DirectRows => BitOperations.Log2((ulong)largestDirect) - BitOperations.Log2((ulong)startBytes) + 2;

    /// <summary>Opens a heap.</summary>
    public static FractalHeap Open(Superblock superblock, long address) => new(superblock, address);

    /// <summary>An object of the heap.</summary>
    /// <param name="id">Its identifier.</param>
    /// <param name="what">What it is, for messages.</param>
    public Hdf5Fields Read(ReadOnlyMemory<byte> id, string what)
    {
        var fields = new Hdf5Fields(File, id, "an identifier of a fractal heap", address);
        var kind = fields.U8();
        switch (kind & 0xf0)
        {
            case 0x00:
                return Managed(fields.Size(offsetBytes), fields.Size(lengthBytes), what);
            case 0x10 when hugeTree >= 0:
                var (place, length) = Huge(fields.Number(Math.Min(8, fields.Left)));
                return File.Structure(place, length, what);
            case 0x20 when IdBytes <= 17:
                return fields.Part((kind & 0x0f) + 1, what);
            default:
                throw fields.Damaged($"is of the kind 0x{kind:x2}, which is not known");
        }
    }

    /// <summary>Objects too large for the heap's blocks lie alone; a B-tree knows where.</summary>
    private (long Address, long Length) Huge(ulong key)
    {
        if (huge is null)
        {
            huge = [];
            foreach (var record in Tree2.Open(superblock, hugeTree, Tree2.HugeObjects).Records())
            {
                var (place, length) = (record.PlaceThere(), record.Size());
                huge.TryAdd(record.Number(File.LengthSize), (place, length));
            }
        }

        return huge.TryGetValue(key, out var found) ? found : throw File.Damaged(What, address, $"has no huge object {key}");
    }

    private Hdf5Fields Managed(long offset, long length, string what)
    {
        if (length is 0 || length > largestManaged)
        {
            throw File.Damaged(What, address, $"has an object of {length} bytes, and {largestManaged} is the most");
        }

        var (start, blockBytes, block) = Block(offset);
        var at = offset - start;
        if (at < HeadBytes(hasChecksums) || at + length > blockBytes)
        {
            throw block.Damaged($"has an object of {length} bytes at {at}, and ends at {blockBytes}");
        }

        File.Charge(length, what);
        block.MoveTo((int)at);
        return block.Part((int)length, what);
    }

    /// <summary>The direct block that an offset is in: down from the root, row by row.</summary>
    private (long Start, long Bytes, Hdf5Fields Block) Block(long offset)
    {
        if (root < 0)
        {
            throw File.Damaged(What, address, "is empty, and something points into it");
        }

        if (rootRows == 0)
        {
            return (0, startBytes, Direct(root, 0, startBytes));
        }

        var (at, rows, start) = (root, rootRows, 0L);
        for (var depth = 0; depth < MaximumRows; depth++)
        {
            var row = offset - start < width * startBytes ? 0 : BitOperations.Log2((ulong)((offset - start) / (width * startBytes))) + 1;
            if (row >= rows)
            {
                break;
            }

            var (bytes, rowStart) = (BlockBytes(row), row == 0 ? 0 : width * startBytes << (row - 1));
            var column = (int)((offset - start - rowStart) / bytes);
            var child = Child(at, start, rows, row, column);
            start += rowStart + (column * bytes);
            if (row < DirectRows)
            {
                return (start, bytes, Direct(child, start, bytes));
            }

            (at, rows) = (child, BitOperations.Log2((ulong)bytes) - BitOperations.Log2((ulong)(startBytes * width)) + 1);
        }

        throw File.Damaged(What, address, $"has nothing at {offset}");
    }

    private long BlockBytes(int row) => row == 0 ? startBytes : startBytes << (row - 1) is var bytes && bytes > 0 && row < 62 ? bytes
        : throw File.Damaged(What, address, $"has a row {row}");

    private int HeadBytes(bool withChecksum) => 5 + File.AddressSize + offsetBytes + (withChecksum ? 4 : 0);

    private long Child(long place, long start, int rows, int row, int column)
    {
        if (!blocks.TryGetValue(place, out var fields))
        {
            if (rows > MaximumRows)
            {
                throw File.Damaged(What, address, $"has an indirect block of {rows} rows");
            }

            fields = File.Structure(place, HeadBytes(false) + ((long)rows * width * File.AddressSize) + 4, What);
            fields.MoveTo(fields.Length - 4);
            fields.Checksum();
            Head(fields, "FHIB"u8, start);
            blocks.Add(place, fields);
        }

        fields.MoveTo(HeadBytes(false) + (((row * width) + column) * File.AddressSize));
        return fields.PlaceThere();
    }

    private Hdf5Fields Direct(long place, long start, long bytes)
    {
        if (!blocks.TryGetValue(place, out var fields))
        {
            fields = File.Structure(place, bytes, What);
            Head(fields, "FHDB"u8, start);
            if (hasChecksums)
            {
                CheckDirect(fields);
            }

            blocks.Add(place, fields);
        }

        return fields;
    }

    private void Head(Hdf5Fields fields, ReadOnlySpan<byte> signature, long start)
    {
        fields.MoveTo(0);
        fields.Signature(signature);
        fields.Version(0, 0);
        var (header, offset) = (fields.PlaceThere(), fields.Size(offsetBytes));
        if (header != address || offset != start)
        {
            throw fields.Damaged($"has a block of the heap at {header} and offset {offset}, where {address} and {start} are expected");
        }
    }

    /// <summary>The checksum of a direct block stands in its head and is computed as if it were 0.</summary>
    private void CheckDirect(Hdf5Fields fields)
    {
        var stored = fields.U32();
        var bytes = fields.Before(fields.Length).ToArray();
        bytes.AsSpan(HeadBytes(false), 4).Clear();
        if (Hdf5Checksums.Lookup3(bytes) is var computed && computed != stored && File.VerifiesChecksums)
        {
            throw fields.Damaged($"has a block with the checksum {stored:x8}, and its bytes give {computed:x8}");
        }
    }
}
