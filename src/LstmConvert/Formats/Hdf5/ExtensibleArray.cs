using System.Numerics;

namespace LstmConvert.Formats.Hdf5;

/// <summary>An array that grows: a few elements in its index block, then blocks of doubling length, then super blocks of such
/// blocks.</summary>
internal sealed class ExtensibleArray
{
    private const string What = "an extensible array of chunks";

    private readonly Superblock superblock;
    private readonly long header;
    private readonly int elementBytes;
    private readonly bool isFiltered;
    private readonly int inIndex;
    private readonly int inFirst;
    private readonly int superPointers;
    private readonly long pageLength;
    private readonly int offsetBytes;
    private readonly Hdf5Fields? index;
    private readonly Dictionary<long, Hdf5Fields> read = [];

    public ExtensibleArray(Superblock superblock, long header, int elementBytes, bool isFiltered, Hdf5Fields head)
    {
        (this.superblock, this.header, this.elementBytes, this.isFiltered) = (superblock, header, elementBytes, isFiltered);
        (var bits, inIndex, inFirst, superPointers) = (head.U8(), head.U8(), head.U8(), head.U8());
        var pageBits = head.U8();
        head.Skip(6 * File.LengthSize);
        var address = head.Place();
        if (bits is 0 or > 62 || pageBits > 30 || !BitOperations.IsPow2(inFirst) || inFirst == 0 || !BitOperations.IsPow2(superPointers) ||
            superPointers < 2 || BitOperations.Log2((uint)inFirst) >= bits)
        {
            throw head.Damaged(
                $"has counts of {bits} bits, pages of 2^{pageBits}, {inFirst} elements in its first block and {superPointers} pointers");
        }

        (pageLength, offsetBytes) = (1L << pageBits, (bits + 7) / 8);
        var superBlocks = 1 + bits - BitOperations.Log2((uint)inFirst) - SuperInIndex;
        if (address >= 0)
        {
            index = ChunkArrays.Checked(superblock, What, address,
                6 + File.AddressSize + (inIndex * elementBytes) + ((BlocksInIndex + Math.Max(0, superBlocks)) * File.AddressSize) + 4,
                "EAIB"u8, isFiltered);
            ChunkArrays.Belongs(index, header);
        }
    }

    private Hdf5Bytes File => superblock.File;

    private int SuperInIndex => 2 * BitOperations.Log2((uint)superPointers);

    private int BlocksInIndex => 2 * (superPointers - 1);

    /// <summary>The fields of an element, or null if it was never written.</summary>
    public Hdf5Fields? Element(long number)
    {
        if (index is null)
        {
            return null;
        }

        var begin = 6 + File.AddressSize;
        if (number < inIndex)
        {
            return At(index, begin + (number * elementBytes));
        }

        number -= inIndex;
        var super = BitOperations.Log2((ulong)(number / inFirst) + 1);
        var (blocks, length) = (1L << (super / 2), (long)inFirst << ((super + 1) / 2));
        var start = inFirst * ((1L << super) - 1);
        var (block, at) = Math.DivRem(number - start, length);
        begin += inIndex * elementBytes;
        if (super < SuperInIndex)
        {
            // The offset that such a block names counts all blocks before it as if they were of its own length: so HDF5 writes it.
            var block0 = Enumerable.Range(0, super).Sum(k => 1L << (k / 2)) + block;
            return InBlock(At(index, begin + (block0 * File.AddressSize)).Place(), start + (block0 * length), length, at, null, 0);
        }

        var place = At(index, begin + ((BlocksInIndex + super - SuperInIndex) * File.AddressSize)).Place();
        return place < 0 ? null : InSuper(place, start, blocks, block, length, at);
    }

    private static Hdf5Fields At(Hdf5Fields fields, long place)
    {
        fields.MoveTo((int)Math.Min(place, int.MaxValue));
        return fields;
    }

    private Hdf5Fields? InSuper(long place, long offset, long blocks, long block, long length, long at)
    {
        var pages = length > pageLength ? length / pageLength : 0;
        var inUse = blocks * ((pages + 7) / 8);
        if (!read.TryGetValue(place, out var fields))
        {
            fields = ChunkArrays.Checked(superblock, What, place,
                6 + File.AddressSize + offsetBytes + inUse + (blocks * File.AddressSize) + 4, "EASB"u8, isFiltered);
            Belongs(fields, offset);
            read.Add(place, fields);
        }

        var bits = At(fields, 6 + File.AddressSize + offsetBytes).Bytes((int)inUse);
        var address = At(fields, 6 + File.AddressSize + offsetBytes + inUse + (block * File.AddressSize)).Place();
        return InBlock(address, offset + (block * length), length, at, bits, block * pages);
    }

    private Hdf5Fields? InBlock(long address, long offset, long length, long at, ReadOnlyMemory<byte>? inUse, long firstPage)
    {
        if (address < 0)
        {
            return null;
        }

        var prefix = 6 + File.AddressSize + offsetBytes;
        var isPaged = length > pageLength;
        if (!read.TryGetValue(address, out var fields))
        {
            fields = ChunkArrays.Checked(superblock, What, address, prefix + (isPaged ? 0
                : length * elementBytes) + 4, "EADB"u8, isFiltered);
            Belongs(fields, offset);
            read.Add(address, fields);
        }

        if (!isPaged)
        {
            return At(fields, prefix + (at * elementBytes));
        }

        var (page, inPage) = Math.DivRem(at, pageLength);
        if (inUse is { } bits && !ChunkArrays.IsInUse(bits.Span, firstPage + page))
        {
            return null;
        }

        var place = address + prefix + 4 + (page * ((pageLength * elementBytes) + 4));
        if (!read.TryGetValue(place, out var elements))
        {
            read.Add(place, elements = ChunkArrays.Page(superblock, What, place, pageLength * elementBytes));
        }

        return At(elements, inPage * elementBytes);
    }

    private void Belongs(Hdf5Fields fields, long offset)
    {
        ChunkArrays.Belongs(fields, header);
        if (fields.Number(offsetBytes) is var stored && stored != (ulong)offset)
        {
            throw fields.Damaged($"is the block at {stored} of its array, and {offset} is expected");
        }
    }
}
