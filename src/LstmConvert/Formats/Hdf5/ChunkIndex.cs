namespace LstmConvert.Formats.Hdf5;

/// <summary>Which chunk lies where.</summary>
/// <param name="Chunks">The chunks that are there, by their number in C order.</param>
/// <param name="PartialArePlain">True if chunks that reach over an end are not packed.</param>
internal sealed record ChunkIndex(IReadOnlyDictionary<long, StoredChunk> Chunks, bool PartialArePlain);

/// <summary>Chunks as an index finds them: each is compared with the file and the grid, and none may be there twice.</summary>
/// <param name="file">The file.</param>
/// <param name="grid">The chunks' shape.</param>
/// <param name="isFiltered">True if chunks are packed.</param>
internal sealed class ChunkList(Hdf5Bytes file, ChunkGrid grid, bool isFiltered)
{
    /// <summary>No filter makes a chunk twice as long, and this, in bytes.</summary>
    private const int MostOverhead = 1024;

    public Dictionary<long, StoredChunk> Chunks { get; } = [];

    /// <summary>Adds a chunk by its place along each axis.</summary>
    public void Add(ReadOnlySpan<long> scaled, StoredChunk chunk)
    {
        for (var axis = 0; axis < grid.Rank; axis++)
        {
            if (scaled[axis] < 0 || scaled[axis] >= grid.Counts[axis])
            {
                throw file.Damaged("a chunk", chunk.Address, $"is number {scaled[axis]} of {grid.Counts[axis]} along axis {axis}");
            }
        }

        file.Within(chunk.Address, chunk.Bytes, "a chunk");
        if (isFiltered ? chunk.Bytes > (2 * grid.ChunkBytes) + MostOverhead : chunk.Bytes != grid.ChunkBytes)
        {
            throw file.Damaged("a chunk", chunk.Address, $"has {chunk.Bytes} bytes in the file, and {grid.ChunkBytes} unpacked");
        }

        if (!Chunks.TryAdd(grid.Number(scaled), chunk))
        {
            throw file.Damaged("a chunk", chunk.Address, $"is there twice: ({string.Join(", ", scaled.ToArray())})");
        }
    }
}
