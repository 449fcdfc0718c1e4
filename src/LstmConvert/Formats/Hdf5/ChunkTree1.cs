namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// The chunks of HDF5 before 1.10, and of h5py still: a B-tree (File Format Specification 3.0, III.A.1). <code>
/// node: 4 "TREE", 1 type 1, 1 level, 2 entries used, siblings left and right; key, child, key, child, ... key
/// key:  4 bytes of the chunk, 4 filter mask, 8 each offset along an axis, 8 zero
/// </code>
/// </summary>
internal sealed class ChunkTree1(Superblock superblock, ChunkGrid grid, ChunkList list)
{
    private const string What = "a B-tree of chunks";

    private readonly HashSet<long> seen = [];
    private long[]? last;

    public void Read(long address) => Node(address, -1);

    private void Node(long address, int level)
    {
        var file = superblock.File;
        var fields = file.Structure(address, 8 + (2 * file.AddressSize), What);
        fields.Signature("TREE"u8);
        var (type, at, count) = (fields.U8(), fields.U8(), fields.U16());
        if (type != 1 || at >= SymbolTable.MaximumLevels || (level >= 0 && at != level) || count > 2 * superblock.ChunkK ||
            !seen.Add(address))
        {
            throw fields.Damaged($"is of type {type}, level {at} with {count} of {2 * superblock.ChunkK} children, or is met twice");
        }

        fields.Place();
        fields.Place();
        var keyBytes = 8 + (8 * (grid.Rank + 1));
        file.Within(address, fields.Length + (2L * superblock.ChunkK * (keyBytes + file.AddressSize)) + keyBytes, What);
        var body = file.Structure(address + fields.Length, (count * (long)(keyBytes + file.AddressSize)) + keyBytes, What);
        for (var k = 0; k < count; k++)
        {
            var (bytes, mask) = (body.U32(), body.U32());
            var offsets = Key(body, at == 0);
            var child = body.PlaceThere();
            if (at > 0)
            {
                Node(child, at - 1);
            }
            else
            {
                last = offsets;
                list.Add([.. offsets.Select((offset, axis) => offset / grid.Lengths[axis])], new StoredChunk(child, bytes, mask));
            }
        }

        // The key behind the last chunk bounds it.
        body.Skip(8);
        Key(body, isChunk: false, isBound: true);
    }

    /// <summary>Lookups in HDF5 are binary searches: the offsets of chunks ascend.</summary>
    private long[] Key(Hdf5Fields body, bool isChunk, bool isBound = false)
    {
        var offsets = Enumerable.Range(0, grid.Rank).Select(_ => body.Size(8)).ToArray();
        var inElement = body.Size(8);
        var order = last is null ? 1 : offsets.AsSpan().SequenceCompareTo(last);
        var isInOrder = order > 0 || (order == 0 && (isBound ? inElement >= grid.ElementBytes : !isChunk));
        if (!isInOrder || (inElement != 0 && !isBound) || offsets.Where((offset, axis) => offset % grid.Lengths[axis] != 0).Any())
        {
            throw body.Damaged(
                $"has a chunk at ({string.Join(", ", offsets)}) behind ({string.Join(", ", last ?? [])}), and offsets ascend in steps of ({string.Join(", ", grid.Lengths)})"
            );
        }

        return offsets;
    }
}
