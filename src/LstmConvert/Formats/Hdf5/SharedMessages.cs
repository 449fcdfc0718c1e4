namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// Where messages lie that objects of the file share (File Format Specification 3.0, III.H, and the message 0x000f of the superblock's
/// extension, IV.A.2.p): an index for each kind of message, each with a heap of its own. <code>
/// message  1 version 0, address of the table, 1 number of indexes
/// table    4 "SMTB"; an index: 1 version 0, 1 kind: 0 list, 1 B-tree, 2 messages as bits, 4 smallest message, 2 most in a list,
///          2 fewest in a B-tree, 2 messages, address of the index, of the heap; 4 checksum
/// </code>
/// The bit of a message is that of its number: 0x0008 a datatype, 0x1000 an attribute (hdf5 1.10.8 src/H5Oprivate.h, H5SM.c; the
/// specification counts them from 0).
/// An object names a message by its identifier in the heap: the indexes, which serve writing alone, are not read.
/// </summary>
internal sealed class SharedMessages
{
    private const string What = "the table of shared messages";

    /// <summary>The most indexes (H5O_SHMESG_MAX_NINDEXES).</summary>
    private const int MaximumIndexes = 8;

    /// <summary>The messages that may be shared, as bits.</summary>
    private const int Shareable =
        (1 << (int)MessageType.Dataspace)
        | (1 << (int)MessageType.Datatype)
        | (1 << (int)MessageType.FillValue)
        | (1 << (int)MessageType.Filters)
        | (1 << (int)MessageType.Attribute);

    private readonly Superblock superblock;
    private readonly List<(int Kinds, long Heap)> indexes = [];
    private readonly Dictionary<long, FractalHeap> heaps = [];

    private SharedMessages(Superblock superblock) => this.superblock = superblock;

    /// <summary>Bytes of an identifier of a shared message.</summary>
    public static int IdBytes => 8;

    /// <summary>Reads the table.</summary>
    /// <param name="superblock">The file.</param>
    /// <param name="message">The message of the superblock's extension.</param>
    public static SharedMessages Read(Superblock superblock, Hdf5Fields message)
    {
        var (file, table) = (superblock.File, new SharedMessages(superblock));
        message.Version(0, 0);
        var (address, count) = (message.PlaceThere(), message.U8());
        if (count is 0 or > MaximumIndexes)
        {
            throw message.Damaged($"says {count} indexes of shared messages, and {MaximumIndexes} is the most");
        }

        var fields = file.Structure(address, 4 + (count * (14 + (2 * file.AddressSize))) + 4, What);
        fields.MoveTo(fields.Length - 4);
        fields.Checksum();
        fields.MoveTo(0);
        fields.Signature("SMTB"u8);
        for (var k = 0; k < count; k++)
        {
            fields.Version(0, 0);
            fields.Version(0, 1);
            var kinds = fields.U16();
            if ((kinds & ~Shareable) != 0 || table.indexes.Exists(index => (index.Kinds & kinds) != 0))
            {
                throw fields.Damaged($"has an index of the kinds 0x{kinds:x4}, which are not known or are another's too");
            }

            fields.Skip(10 + file.AddressSize);
            table.indexes.Add((kinds, fields.Place()));
        }

        return table;
    }

    /// <summary>A message that several objects share.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="id">Its identifier in the heap, <see cref="IdBytes"/>.</param>
    /// <param name="from">Who names it.</param>
    public Hdf5Fields Find(MessageType type, ReadOnlyMemory<byte> id, Hdf5Fields from)
    {
        // Both messages of fill values are one kind.
        var kind = 1 << (int)(type == MessageType.OldFillValue ? MessageType.FillValue : type);
        var (_, place) = indexes.Find(index => (index.Kinds & kind) != 0);
        if (place <= 0)
        {
            throw from.Damaged($"shares a message {type}, and the file shares none of that kind");
        }

        if (!heaps.TryGetValue(place, out var heap))
        {
            heaps.Add(place, heap = FractalHeap.Open(superblock, place));
        }

        return heap.Read(id, $"the message {type}");
    }
}
