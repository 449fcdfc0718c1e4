using System.Numerics;
using System.Text;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// A B-tree of version 2 (File Format Specification 3.0, III.A.2): the index of many links, attributes and chunks. <code>
/// header  4 "BTHD", 1 version 0, 1 type, 4 bytes of a node, 2 bytes of a record, 2 depth, 1 split, 1 merge,
///         address of the root, 2 records in it, records in all, 4 checksum
/// node    4 "BTIN" or "BTLF", 1 version 0, 1 type; records; children: address, records in it [records below it]; 4 checksum
/// </code>
/// </summary>
internal sealed class Tree2
{
    /// <summary>Records: address and length of a huge object of a heap, its identifier.</summary>
    public const int HugeObjects = 1;

    /// <summary>Records: hash of the name, identifier in the heap.</summary>
    public const int LinkNames = 5;

    /// <summary>Records: identifier in the heap, message flags, order, hash of the name.</summary>
    public const int AttributeNames = 8;

    /// <summary>Records: address of the chunk, scaled offsets.</summary>
    public const int Chunks = 10;

    /// <summary>Records: address of the chunk, bytes, filter mask, scaled offsets.</summary>
    public const int FilteredChunks = 11;

    private const string What = "a B-tree of version 2";
    private const int NodeHead = 6;
    private const int MaximumDepth = 32;

    private readonly Hdf5Bytes file;
    private readonly HashSet<long> seen = [];
    private readonly int type;
    private readonly int nodeBytes;
    private readonly int recordBytes;
    private readonly int depth;
    private readonly long root;
    private readonly int rootRecords;
    private readonly long totalRecords;
    private readonly (long MostRecords, long MostBelow)[] levels;
    private readonly int countBytes;

    private Tree2(Hdf5Bytes file, Hdf5Fields head, int type)
    {
        (this.file, this.type) = (file, type);
        head.Skip(16 + file.AddressSize + 2 + file.LengthSize);
        head.Checksum();
        head.MoveTo(0);
        head.Signature("BTHD"u8);
        head.Version(0, 0);
        var stored = head.U8();
        (var node, recordBytes, depth) = (head.U32(), head.U16(), head.U16());
        head.Skip(2);
        (root, rootRecords, totalRecords) = (head.Place(), head.U16(), head.Size());
        if (stored != type || node is < 16 or > 1 << 26 || recordBytes == 0 || recordBytes > node - NodeHead - 4 || depth > MaximumDepth ||
            totalRecords > file.End)
        {
            throw head.Damaged(
                $"is of type {stored} with nodes of {node} bytes, records of {recordBytes} and depth {depth}; type {type} is expected");
        }

        nodeBytes = (int)node;
        levels = new (long, long)[depth + 1];
        levels[0] = ((nodeBytes - NodeHead - 4) / recordBytes, (nodeBytes - NodeHead - 4) / recordBytes);
        countBytes = SizeOf(levels[0].MostRecords);
        for (var k = 1; k <= depth; k++)
        {
            var pointer = PointerBytes(k);
            var most = (nodeBytes - NodeHead - 4 - pointer) / (recordBytes + pointer);
            var below = new BigInteger(most + 1) * levels[k - 1].MostBelow + most;
            levels[k] = (most, below > long.MaxValue ? long.MaxValue : (long)below);
            if (most < 1)
            {
                throw head.Damaged($"has nodes of {nodeBytes} bytes, too small for records of {recordBytes}");
            }
        }
    }

    /// <summary>Opens a tree whose records are of a type.</summary>
    public static Tree2 Open(Superblock superblock, long address, int type)
    {
        var file = superblock.File;
        return new Tree2(file, file.Structure(address, 16 + file.AddressSize + 2 + file.LengthSize + 4, What), type);
    }

    /// <summary>All records in order, each as fields of its own.</summary>
    public IReadOnlyList<Hdf5Fields> Records()
    {
        var records = new List<Hdf5Fields>();
        if (root >= 0)
        {
            Node(root, rootRecords, depth, records);
        }

        return records.Count == totalRecords ? records
            : throw file.Damaged(What, root, $"has {records.Count} records, and its header says {totalRecords}");
    }

    /// <summary>Records of names are in the order of a hash, which must be the name's own.</summary>
    public static void CheckName(Hdf5Fields record, string name, uint hash, ref uint last)
    {
        var computed = Hdf5Checksums.Lookup3(Encoding.UTF8.GetBytes(name));
        if (hash != computed || hash < last)
        {
            throw record.Damaged($"has the hash {hash:x8} for {name}, which gives {computed:x8}, behind {last:x8}");
        }

        last = hash;
    }

    private void Node(long address, long count, int level, List<Hdf5Fields> records)
    {
        if (!seen.Add(address) || count > levels[level].MostRecords || (count == 0 && level > 0))
        {
            throw file.Damaged(What, address,
                $"has a node of {count} records where {levels[level].MostRecords} is the most, or one that is met twice");
        }

        var pointer = level == 0 ? 0 : PointerBytes(level);
        var fields = file.Structure(address, NodeHead + (count * recordBytes) + (level == 0 ? 0 : (count + 1) * pointer) + 4, What);
        fields.MoveTo(fields.Length - 4);
        fields.Checksum();
        fields.MoveTo(0);
        fields.Signature(level == 0 ? "BTLF"u8 : "BTIN"u8);
        fields.Version(0, 0);
        if (fields.U8() is var stored && stored != type)
        {
            throw fields.Damaged($"has a node of type {stored}, not {type}");
        }

        var own = Enumerable.Range(0, (int)count).Select(_ => fields.Part(recordBytes, "a record of a B-tree")).ToArray();
        for (var k = 0; k < own.Length + (level == 0 ? 0 : 1); k++)
        {
            if (level > 0)
            {
                var (child, inChild) = (fields.PlaceThere(), fields.Size(countBytes));
                var (before, below) = (records.Count, level > 1 ? fields.Size(BelowBytes(level)) : inChild);
                Node(child, inChild, level - 1, records);
                if (records.Count - before != below)
                {
                    throw fields.Damaged($"has {records.Count - before} records below a child, and says {below}");
                }
            }

            if (k < own.Length)
            {
                records.Add(own[k]);
            }
        }
    }

    /// <summary>A child of a node of a level: its address, the records in it, and from level 2 on the records below it.</summary>
    private int PointerBytes(int level) => file.AddressSize + countBytes + (level > 1 ? BelowBytes(level) : 0);

    private int BelowBytes(int level) => SizeOf(levels[level - 1].MostBelow);

    /// <summary>The bytes that hold numbers up to a limit.</summary>
    internal static int SizeOf(long limit) => (BitOperations.Log2((ulong)Math.Max(limit, 1)) / 8) + 1;
}
