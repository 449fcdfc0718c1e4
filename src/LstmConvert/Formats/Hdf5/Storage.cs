namespace LstmConvert.Formats.Hdf5;

/// <summary>Where the elements of a dataset are.</summary>
internal abstract class Storage
{
    /// <summary>Reads bytes of the elements as they lie in the file, as if they lay in one piece.</summary>
    /// <param name="offset">The first byte, a multiple of an element.</param>
    /// <param name="destination">Filled completely.</param>
    public abstract void Read(long offset, Span<byte> destination);
}

/// <summary>Elements in the object header.</summary>
/// <param name="elements">The elements.</param>
internal sealed class CompactStorage(ReadOnlyMemory<byte> elements) : Storage
{
    public override void Read(long offset, Span<byte> destination) =>
        elements.Span.Slice((int)offset, destination.Length).CopyTo(destination);
}

/// <summary>Elements in one piece.</summary>
/// <param name="file">The file.</param>
/// <param name="address">Where they begin.</param>
internal sealed class ContiguousStorage(Hdf5Bytes file, long address) : Storage
{
    public override void Read(long offset, Span<byte> destination) => file.Elements(address + offset, destination);
}

/// <summary>Elements that were never written: one value.</summary>
/// <param name="fill">One element.</param>
internal sealed class FilledStorage(ReadOnlyMemory<byte> fill) : Storage
{
    public override void Read(long offset, Span<byte> destination) => Fill(fill.Span, destination);

    /// <summary>Repeats an element.</summary>
    public static void Fill(ReadOnlySpan<byte> element, Span<byte> destination)
    {
        for (; destination.Length > 0; destination = destination[element.Length..])
        {
            element.CopyTo(destination);
        }
    }
}
