using System.Numerics;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// The indexes of chunks that HDF5 1.10 added (File Format Specification 3.0, VII.A, C to F): none, for chunks back to back; arrays
/// of fixed and of growing length; a B-tree of version 2 where several axes grow. An element is an address, or address, bytes and
/// filter mask. <code>
/// fixed       4 "FAHD", 1 version 0, 1 client: 1 packed, 1 bytes of an element, 1 bits of a page, elements, address; 4 checksum
///   block     4 "FADB", 1 version 0, 1 client, address of the header, [pages in use]; elements, 4 checksum; pages with 4 checksum each
/// extensible  4 "EAHD", 1 version 0, 1 client, 1 bytes of an element, 1 bits of the count, 1 elements in the index, 1 in the first block,
///             1 pointers of the first super block, 1 bits of a page, six counts, address of the index; 4 checksum
///   index     4 "EAIB", 1 version 0, 1 client, address of the header; elements, addresses of blocks, addresses of super blocks; 4 checksum
///   super     4 "EASB", 1 version 0, 1 client, address of the header, offset, [pages in use], addresses of blocks; 4 checksum
///   block     4 "EADB", 1 version 0, 1 client, address of the header, offset; elements, 4 checksum; or 4 checksum, pages as above
/// </code>
/// </summary>
internal sealed class ChunkArrays(Superblock superblock, ChunkGrid grid, ChunkList list, bool isFiltered, bool hasWideSizes)
{
    private const string FixedArray = "a fixed array of chunks";
    private const string ExtensibleArray = "an extensible array of chunks";

    private Hdf5Bytes File => superblock.File;

    /// <summary>Bytes of a packed chunk's length, from the length that it has unpacked (HDF5 adds one for chunks that grow); since HDF5 2.0
    /// as many as any length has.</summary>
    private int SizeBytes => hasWideSizes ? File.LengthSize : Math.Min(8, 1 + ((BitOperations.Log2((ulong)grid.ChunkBytes) + 8) / 8));

    private int ElementBytes => File.AddressSize + (isFiltered ? SizeBytes + 4 : 0);

    /// <summary>Chunks back to back, in the order of the largest shape that the dataset may have.</summary>
    public void Implicit(long address)
    {
        if (address < 0)
        {
            return;
        }

        foreach (var (scaled, index) in Places(FixedStrides(FixedArray), -1))
        {
            list.Add(scaled, new StoredChunk(checked(address + (index * grid.ChunkBytes)), grid.ChunkBytes, 0));
        }
    }

    /// <summary>A fixed array: one element for each chunk of the largest shape.</summary>
    public void Fixed(long address)
    {
        if (address < 0)
        {
            return;
        }

        var head = Head(FixedArray, address, 8 + File.LengthSize + File.AddressSize + 4, "FAHD"u8);
        var (elementBytes, pageBits, count, block) = (head.U8(), head.U8(), head.Size(), head.Place());
        if (elementBytes != ElementBytes || pageBits > 30 || count > File.End)
        {
            throw head.Damaged($"has {count} elements of {elementBytes} bytes, and {ElementBytes} are expected, in pages of 2^{pageBits}");
        }

        if (block < 0)
        {
            return;
        }

        var elements = ReadFixed(address, block, count, 1L << pageBits);
        foreach (var (scaled, index) in Places(FixedStrides(FixedArray), -1))
        {
            Add(scaled, index < count ? elements(index) : throw head.Damaged($"has {count} elements, and chunk {index} is needed"));
        }
    }

    /// <summary>An extensible array: chunks in C order, after the axis that grows was made the first.</summary>
    public void Extensible(long address)
    {
        if (address < 0)
        {
            return;
        }

        var growing = grid.Maxima.ToList().IndexOf(-1);
        var head = Head(ExtensibleArray, address, 12 + (6 * File.LengthSize) + File.AddressSize + 4, "EAHD"u8);
        if (growing < 0 || head.U8() is var bytes && bytes != ElementBytes)
        {
            throw head.Damaged($"has other elements than {ElementBytes} bytes, or no axis grows");
        }

        var array = new ExtensibleArray(superblock, address, ElementBytes, isFiltered, head);
        foreach (var (scaled, index) in Places(FixedStrides(ExtensibleArray, growing), growing))
        {
            Add(scaled, array.Element(index));
        }
    }

    /// <summary>A B-tree: records with the place of the chunk along each axis.</summary>
    public void Tree(long address)
    {
        if (address < 0)
        {
            return;
        }

        foreach (var record in Tree2.Open(superblock, address, isFiltered ? Tree2.FilteredChunks : Tree2.Chunks).Records())
        {
            var place = record.PlaceThere();
            var (bytes, mask) = isFiltered ? (record.Size(record.Left - 4 - (8 * grid.Rank)), record.U32()) : (grid.ChunkBytes, 0u);
            list.Add([.. Enumerable.Range(0, grid.Rank).Select(_ => record.Size(8))], new StoredChunk(place, bytes, mask));
        }
    }

    /// <summary>The head that all structures of arrays share; the checksum is their last field.</summary>
    internal static Hdf5Fields Checked(Superblock superblock, string what, long address, long length, ReadOnlySpan<byte> signature,
        bool isFiltered)
    {
        var fields = superblock.File.Structure(address, length, what);
        fields.MoveTo(fields.Length - 4);
        fields.Checksum();
        fields.MoveTo(0);
        fields.Signature(signature);
        fields.Version(0, 0);
        return fields.U8() == (isFiltered ? 1 : 0) ? fields
            : throw fields.Damaged($"is of the client {fields.Before(6)[5]}, and the chunks are {(isFiltered ? "" : "not ")}packed");
    }

    /// <summary>The address of the header that a block names as its own.</summary>
    internal static void Belongs(Hdf5Fields fields, long header)
    {
        if (fields.Place() != header)
        {
            throw fields.Damaged($"is of another array than the one at {header}");
        }
    }

    /// <summary>True if a page of elements was ever written: bits from the highest on.</summary>
    internal static bool IsInUse(ReadOnlySpan<byte> pages, long page) => (pages[(int)(page / 8)] & (0x80 >> (int)(page % 8))) != 0;

    private Hdf5Fields Head(string what, long address, long length, ReadOnlySpan<byte> signature) =>
        Checked(superblock, what, address, length, signature, isFiltered);

    private Func<long, Hdf5Fields?> ReadFixed(long header, long address, long count, long pageLength)
    {
        var pages = count > pageLength ? (count + pageLength - 1) / pageLength : 0;
        var inUse = (int)((pages + 7) / 8);
        var prefix = 6 + File.AddressSize + inUse;
        var block = Head(FixedArray, address, prefix + (pages == 0 ? count * ElementBytes : 0) + 4, "FADB"u8);
        Belongs(block, header);
        if (pages == 0)
        {
            return index =>
            {
                block.MoveTo(prefix + (int)(index * ElementBytes));
                return block;
            };
        }

        var bits = block.Bytes(inUse);
        var read = new Dictionary<long, Hdf5Fields>();
        return index =>
        {
            var (page, at) = Math.DivRem(index, pageLength);
            if (!IsInUse(bits.Span, page))
            {
                return null;
            }

            if (!read.TryGetValue(page, out var fields))
            {
                var length = Math.Min(pageLength, count - (page * pageLength)) * ElementBytes;
                read.Add(page, fields = Page(superblock, FixedArray, address + prefix + 4 + (page * ((pageLength * ElementBytes) + 4)),
                    length));
            }

            fields.MoveTo((int)at * ElementBytes);
            return fields;
        };
    }

    /// <summary>A page of elements with its checksum.</summary>
    internal static Hdf5Fields Page(Superblock superblock, string what, long address, long length)
    {
        var fields = superblock.File.Structure(address, length + 4, what);
        fields.MoveTo((int)length);
        fields.Checksum();
        return fields;
    }

    private void Add(long[] scaled, Hdf5Fields? element)
    {
        if (element?.Place() is >= 0 and var address)
        {
            list.Add(scaled, isFiltered ? new StoredChunk(address, element.Size(SizeBytes), element.U32())
                : new StoredChunk(address, grid.ChunkBytes, 0));
        }
    }

    /// <summary>The chunks of the largest shape along each axis; the axis that grows does not count.</summary>
    private long[] FixedStrides(string what, int growing = -1)
    {
        var counts = new long[grid.Rank];
        for (var axis = 0; axis < grid.Rank; axis++)
        {
            counts[axis] = axis == growing ? 1 : grid.Maxima[axis] is >= 0 and var most ? ((most - 1) / grid.Lengths[axis]) + 1
                : throw File.Damaged(what, -1, $"is of a dataset whose axis {axis} grows");
        }

        return counts;
    }

    /// <summary>All chunks of the dataset: their place along each axis and their number in the array.</summary>
    private IEnumerable<(long[] Scaled, long Index)> Places(long[] counts, int growing)
    {
        for (var number = 0L; number < grid.Count; number++)
        {
            var scaled = grid.Scaled(number);
            var index = growing > 0 ? scaled[growing] : 0L;
            for (var axis = 0; axis < grid.Rank; axis++)
            {
                index = axis == growing && growing > 0 ? index : checked((index * counts[axis]) + scaled[axis]);
            }

            File.Charge(0, "an array of chunks");
            yield return (scaled, index);
        }
    }
}
