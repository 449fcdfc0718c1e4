namespace LstmConvert.Formats.Hdf5;

/// <summary>The part of a layout message that is about chunks.</summary>
internal sealed class ChunkLayout
{
    private readonly int version;
    private readonly Hdf5Fields fields;
    private readonly int flags;
    private readonly long oldAddress = Hdf5Bytes.Undefined;

    public ChunkLayout(int version, int rank, Hdf5Fields fields)
    {
        (this.version, this.fields) = (version, fields);
        if (version < 4)
        {
            var count = version < 3 ? rank : fields.U8();
            oldAddress = fields.Place();
            Lengths = Read(count, 4);
            return;
        }

        flags = fields.Flags(3);
        var axes = fields.U8();
        var width = fields.U8();
        Lengths = width is > 0 and <= 8 ? Read(axes, width) : throw fields.Damaged($"has lengths of {width} bytes");
    }

    /// <summary>The lengths of a chunk, and the bytes of an element behind them.</summary>
    public long[] Lengths { get; }

    /// <summary>Reads where all chunks are.</summary>
    public ChunkIndex Index(Superblock superblock, ChunkGrid grid, bool isFiltered)
    {
        var list = new ChunkList(superblock.File, grid, isFiltered);
        if (version < 4)
        {
            if (oldAddress >= 0)
            {
                new ChunkTree1(superblock, grid, list).Read(oldAddress);
            }

            return new ChunkIndex(list.Chunks, false);
        }

        var arrays = new ChunkArrays(superblock, grid, list, isFiltered, hasWideSizes: version > 4);
        switch (fields.U8())
        {
            case 1:
                Single(grid, list, isFiltered);
                break;
            case 2:
                arrays.Implicit(isFiltered ? throw fields.Damaged("has filters, and chunks without an index have none") : fields.Place());
                break;
            case 3:
                fields.Skip(1);
                arrays.Fixed(fields.Place());
                break;
            case 4:
                fields.Skip(5);
                arrays.Extensible(fields.Place());
                break;
            case 5:
                fields.Skip(6);
                arrays.Tree(fields.Place());
                break;
            case var unknown:
                throw fields.Damaged($"has chunks by the unknown index {unknown}");
        }

        return new ChunkIndex(list.Chunks, (flags & 1) != 0);
    }

    private long[] Read(int count, int width) => count is > 0 and <= Dataspace.MaximumRank + 1
        ? [.. Enumerable.Range(0, count).Select(_ => fields.Size(width))]
        : throw fields.Damaged($"has chunks of {count} axes");

    private void Single(ChunkGrid grid, ChunkList list, bool isFiltered)
    {
        if (isFiltered != ((flags & 2) != 0) || grid.Count != 1)
        {
            throw fields.Damaged($"has {grid.Count} chunks where one is meant, or other filters than it says");
        }

        var (bytes, mask) = isFiltered ? (fields.Size(), fields.U32()) : (grid.ChunkBytes, 0u);
        if (fields.Place() is >= 0 and var address)
        {
            list.Add(new long[grid.Rank], new StoredChunk(address, bytes, mask));
        }
    }
}
