using LstmConvert.Tensors;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// Elements in chunks, each packed by itself. Chunks are read and unpacked when they are needed; a few are kept.
/// </summary>
internal sealed class ChunkedStorage : Storage
{
    /// <summary>The unpacked chunks that are kept, in bytes.</summary>
    private const int KeptBytes = 32 << 20;

    /// <summary>A chunk that is packed may have so many bytes in any file, or <see cref="Layout.MaximumRatio"/> times the file's.</summary>
    private const int MostChunkBytes = 32 << 20;

    private readonly Hdf5Bytes file;
    private readonly ChunkGrid grid;
    private readonly Filters filters;
    private readonly IReadOnlyDictionary<long, StoredChunk> chunks;
    private readonly Storage? fill;
    private readonly bool partialArePlain;
    private readonly Lock turn = new();
    private readonly Dictionary<long, byte[]> kept = [];
    private readonly Queue<long> order = new();
    private long keptBytes;

    private ChunkedStorage(Hdf5Bytes file, ChunkGrid grid, Filters filters, ChunkIndex index, Storage? fill)
    {
        (this.file, this.grid, this.filters, this.fill) = (file, grid, filters, fill);
        (chunks, partialArePlain) = (index.Chunks, index.PartialArePlain);
    }

    public static Storage Open(ObjectHeader header, Hdf5Fields fields, (int Version, int Rank) layout, FillValue fill, Datatype type,
        Dataspace space)
    {
        var superblock = header.Superblock;
        var filters = Filters.Read(superblock, header);
        var place = new ChunkLayout(layout.Version, layout.Rank, fields);
        if (space.IsNull || place.Lengths.Length != space.Shape.Rank + 1 || place.Lengths[^1] != type.Size ||
            place.Lengths.Any(length => length <= 0))
        {
            throw fields.Damaged(
                $"has chunks of {string.Join(", ", place.Lengths)} for elements of {type.Size} bytes and the shape {space.Shape}");
        }

        var grid = Bounded(fields, () => new ChunkGrid(space.Shape, space.Maxima, place.Lengths[..^1], checked((int)type.Size)));
        var padded = Bounded(fields, () => checked(grid.Count * grid.ChunkBytes));
        var most = Math.Max(MostChunkBytes, Layout.MaximumRatio * superblock.File.FileLength);
        if (space.Shape.ElementCount == 0)
        {
            return new FilledStorage(fill.Value);
        }

        if ((filters.Count > 0 && grid.ChunkBytes > Math.Min(most, Array.MaxLength)) ||
            padded / 2 > Math.Max(most / 2, space.Bytes(type, fields)))
        {
            throw superblock.File.Refused("a dataset",
                $"has {grid.Count} chunks of {grid.ChunkBytes} bytes in a file of {superblock.File.FileLength}",
                "Repack it with smaller chunks: h5repack");
        }

        var index = place.Index(superblock, grid, filters.Count > 0);
        return new ChunkedStorage(superblock.File, grid, filters, index, index.Chunks.Count < grid.Count ? Layout.Filled(fields, fill)
            : null);
    }

    public override void Read(long offset, Span<byte> destination)
    {
        var size = grid.ElementBytes;
        var last = grid.Rank - 1;
        var place = new long[grid.Rank];
        var scaled = new long[grid.Rank];
        lock (turn)
        {
            for (var element = offset / size; destination.Length > 0;)
            {
                var rest = element;
                var (inside, stride) = (0L, 1L);
                for (var axis = last; axis >= 0; axis--)
                {
                    (rest, place[axis]) = Math.DivRem(rest, grid.Shape[axis]);
                    scaled[axis] = place[axis] / grid.Lengths[axis];
                    inside += place[axis] % grid.Lengths[axis] * stride;
                    stride *= grid.Lengths[axis];
                }

                // A run of elements along the last axis, within one chunk.
                var run = last < 0 ? 1 : Math.Min(grid.Shape[last] - place[last], grid.Lengths[last] - (place[last] % grid.Lengths[last]));
                var bytes = (int)Math.Min(run * size, destination.Length);
                Copy(grid.Number(scaled), inside * size, destination[..bytes]);
                destination = destination[bytes..];
                element += bytes / size;
            }
        }
    }

    private static T Bounded<T>(Hdf5Fields fields, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (OverflowException)
        {
            throw fields.Damaged("has more chunks, or larger ones, than any file holds");
        }
    }

    private void Copy(long number, long at, Span<byte> destination)
    {
        if (!chunks.TryGetValue(number, out var chunk))
        {
            fill!.Read(0, destination);
            return;
        }

        var isPlain = filters.Count == 0 || (partialArePlain && grid.IsPartial(number));
        if (isPlain && chunk.Bytes != grid.ChunkBytes)
        {
            throw file.Damaged("a chunk", chunk.Address, $"has {chunk.Bytes} bytes, and is not packed: {grid.ChunkBytes} are expected");
        }

        if (isPlain && grid.ChunkBytes > 1 << 20)
        {
            file.Elements(chunk.Address + at, destination);
            return;
        }

        Unpacked(number, chunk, isPlain).AsSpan((int)at, destination.Length).CopyTo(destination);
    }

    private byte[] Unpacked(long number, StoredChunk chunk, bool isPlain)
    {
        if (kept.TryGetValue(number, out var bytes))
        {
            return bytes;
        }

        bytes = new byte[chunk.Bytes];
        file.Elements(chunk.Address, bytes);
        bytes = isPlain ? bytes : filters.Unpack(bytes, chunk.Mask, (int)grid.ChunkBytes, chunk.Address);
        while (keptBytes + bytes.Length > KeptBytes && order.TryDequeue(out var oldest))
        {
            keptBytes -= kept[oldest].Length;
            kept.Remove(oldest);
        }

        kept.Add(number, bytes);
        order.Enqueue(number);
        keptBytes += bytes.Length;
        return bytes;
    }
}
