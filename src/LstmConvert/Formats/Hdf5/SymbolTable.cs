using System.Text;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// A group as HDF5 before 1.8 writes it, and h5py still does: a B-tree of symbol nodes, whose names lie in a local heap (File Format
/// Specification 3.0, IV.A.2.r, III.A.1, III.B, III.D). <code>
/// symbol table message: address of the B-tree, address of the heap
/// B-tree node: 4 "TREE", 1 type 0, 1 level, 2 entries used, siblings left and right; key, child, key, child, ... key
/// symbol node: 4 "SNOD", 1 version 1, 1 reserved, 2 number of symbols; entries
/// local heap: 4 "HEAP", 1 version 0, 3 reserved, bytes of data, first free block, address of data
/// </code>
/// Keys are names in the heap; the names of child k are behind key k and not behind key k + 1.
/// </summary>
internal sealed class SymbolTable
{
    /// <summary>The most levels of a B-tree: more than a file of 2^64 bytes could fill.</summary>
    public const int MaximumLevels = 64;

    private readonly Superblock superblock;
    private readonly Hdf5Fields heap;
    private readonly HashSet<long> seen = [];
    private readonly List<Link> links = [];
    private byte[] last = [];

    private SymbolTable(Superblock superblock, long heapAddress)
    {
        this.superblock = superblock;
        var head = File.Structure(heapAddress, 8 + (2 * File.LengthSize) + File.AddressSize, "a local heap");
        head.Signature("HEAP"u8);
        head.Version(0, 0);
        head.Skip(3);
        var (length, free) = (head.Size(), head.Size());
        heap = File.Structure(head.PlaceThere(), length, "the names of a group");
        CheckFree(free);
    }

    private Hdf5Bytes File => superblock.File;

    /// <summary>All links of a group in the order of their names.</summary>
    public static IReadOnlyList<Link> Read(Superblock superblock, Hdf5Fields message)
    {
        var (tree, heap) = (message.PlaceThere(), message.PlaceThere());
        var table = new SymbolTable(superblock, heap);
        table.Node(tree, -1, [], null);
        return table.links;
    }

    /// <summary>The free blocks form a chain within the heap, each at least as long as its own head.</summary>
    private void CheckFree(long free)
    {
        var width = File.LengthSize;
        for (var steps = heap.Length / (2 * width); free != 1; steps--)
        {
            if (free < 0 || free > heap.Length - (2 * width) || steps == 0)
            {
                throw heap.Damaged($"has a free block at {free} of {heap.Length}");
            }

            heap.MoveTo((int)free);
            var (at, next, length) = (free, heap.Size(), heap.Size());
            if (next == 0 || length > heap.Length - at || length < 2 * width)
            {
                throw heap.Damaged($"has a free block of {length} bytes at {at} of {heap.Length}");
            }

            free = next;
        }
    }

    private void Node(long address, int level, byte[] low, byte[]? high)
    {
        const string what = "a group's B-tree node";
        var (children, width) = (2 * superblock.GroupInternalK, File.AddressSize + File.LengthSize);
        var fields = File.Structure(address, 8 + (2 * File.AddressSize), what);
        fields.Signature("TREE"u8);
        var (type, at, count) = (fields.U8(), fields.U8(), fields.U16());
        if (type != 0 || at >= MaximumLevels || (level >= 0 && at != level) || count > children || !seen.Add(address))
        {
            throw fields.Damaged(
                $"is of type {type}, level {at} with {count} of {children} children{(seen.Contains(address) ? ", or is met twice" : "")}");
        }

        fields.Place();
        fields.Place();
        File.Within(address, fields.Length + (children * (long)width) + File.LengthSize, what);
        var body = File.Structure(address + fields.Length, (count * (long)width) + File.LengthSize, what);
        var key = Name(body.Size(), what);
        Ascending(body, low, key, true);
        for (var k = 0; k < count; k++)
        {
            var child = body.PlaceThere();
            var next = Name(body.Size(), what);
            Ascending(body, key, next, false);
            if (at == 0)
            {
                Symbols(child, key, next);
            }
            else
            {
                Node(child, at - 1, key, next);
            }

            key = next;
        }

        if (high is not null)
        {
            Ascending(body, key, high, true);
        }
    }

    private void Symbols(long address, byte[] low, byte[] high)
    {
        const string what = "a symbol node";
        var head = File.Structure(address, 8, what);
        head.Signature("SNOD"u8);
        head.Version(1, 1);
        head.Skip(1);
        var count = head.U16();
        if (count > 2 * superblock.GroupLeafK || !seen.Add(address))
        {
            throw head.Damaged($"has {count} symbols, and {2 * superblock.GroupLeafK} is the most, or is met twice");
        }

        File.Within(address, 8 + (2L * superblock.GroupLeafK * (24L + File.LengthSize + File.AddressSize)), what);
        var fields = File.Structure(address + 8, count * (24L + File.LengthSize + File.AddressSize), what);
        Ascending(fields, last, low, true);
        last = low;
        for (var k = 0; k < count; k++)
        {
            var entry = SymbolEntry.Read(fields);
            var name = Name(entry.NameOffset, what);
            Ascending(fields, last, name, false);
            last = name;
            var text = fields.Decode(name);
            links.Add(entry.IsSoft ? new Link(text, Hdf5Bytes.Undefined, fields.Decode(Name(entry.TargetOffset, what)), "a soft")
                : Link.Hard(text, entry.Header));
        }

        Ascending(fields, last, high, true);
    }

    /// <summary>Lookups in HDF5 are binary searches: names out of order would be there and not be found.</summary>
    private static void Ascending(Hdf5Fields fields, byte[] before, byte[] after, bool mayBeEqual)
    {
        var order = before.AsSpan().SequenceCompareTo(after);
        if (order > 0 || (order == 0 && !mayBeEqual))
        {
            throw fields.Damaged($"has {Encoding.UTF8.GetString(after)} behind {Encoding.UTF8.GetString(before)}, and names ascend");
        }
    }

    /// <summary>A name in the local heap, up to its NUL.</summary>
    private byte[] Name(long offset, string what)
    {
        if (offset < 0 || offset >= heap.Length)
        {
            throw heap.Damaged($"has {heap.Length} bytes, and {what} points to {offset}");
        }

        heap.MoveTo((int)offset);
        var rest = heap.Bytes(heap.Left).Span;
        var end = rest.IndexOf((byte)0);
        File.Charge(end, "names of groups");
        return end >= 0 ? rest[..end].ToArray() : throw heap.Damaged($"has a name at {offset} that does not end");
    }
}
