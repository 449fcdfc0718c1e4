using LstmConvert.Tensors;

namespace LstmConvert.Formats.Hdf5;

/// <summary>The shape of a dataset's chunks.</summary>
/// <param name="Shape">The dataset.</param>
/// <param name="Maxima">The longest that its axes may become; -1 for no limit.</param>
/// <param name="Lengths">A chunk.</param>
/// <param name="ElementBytes">Bytes of an element.</param>
internal sealed record ChunkGrid(Shape Shape, IReadOnlyList<long> Maxima, long[] Lengths, int ElementBytes)
{
    /// <summary>The number of axes.</summary>
    public int Rank => Lengths.Length;

    /// <summary>Bytes of a chunk that is not packed.</summary>
    public long ChunkBytes { get; } = Lengths.Aggregate((long)ElementBytes, (product, length) => checked(product * length));

    /// <summary>Chunks along each axis.</summary>
    public long[] Counts { get; } = [.. Lengths.Select((length, axis) => (Shape[axis] + length - 1) / length)];

    /// <summary>All chunks.</summary>
    public long Count => Counts.Aggregate(1L, (product, count) => checked(product * count));

    /// <summary>The number of a chunk, C order.</summary>
    public long Number(ReadOnlySpan<long> scaled)
    {
        var number = 0L;
        for (var axis = 0; axis < Rank; axis++)
        {
            number = (number * Counts[axis]) + scaled[axis];
        }

        return number;
    }

    /// <summary>The place of a chunk among all, along each axis.</summary>
    public long[] Scaled(long number)
    {
        var scaled = new long[Rank];
        for (var axis = Rank - 1; axis >= 0; axis--)
        {
            (number, scaled[axis]) = Math.DivRem(number, Counts[axis]);
        }

        return scaled;
    }

    /// <summary>True if a chunk reaches over the end of an axis.</summary>
    public bool IsPartial(long number) => Scaled(number).Select((place, axis) => (place + 1) * Lengths[axis] > Shape[axis]).Contains(true);
}

/// <summary>A chunk in the file.</summary>
/// <param name="Address">Where it begins.</param>
/// <param name="Bytes">Its bytes there.</param>
/// <param name="Mask">The filters that were left out, a bit each.</param>
internal readonly record struct StoredChunk(long Address, long Bytes, uint Mask);
