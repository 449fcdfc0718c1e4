namespace LstmConvert.Files;

/// <summary>Several files read as one, in order: a file may end in the middle of anything.</summary>
/// <param name="name">What a message calls it.</param>
/// <param name="parts">The files.</param>
internal sealed class JoinedBytes(string name, IReadOnlyList<ByteSource> parts) : ByteSource
{
    public override string Name => name;

    public override long Length { get; } = parts.Sum(part => part.Length);

    public override bool IsRandomAccess => true;

    public override void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length - destination.Length)
        {
            throw TooShort(offset, destination.Length);
        }

        var start = 0L;
        foreach (var part in parts)
        {
            if (destination.Length > 0 && offset < start + part.Length)
            {
                var count = (int)Math.Min(destination.Length, start + part.Length - offset);
                part.Read(offset - start, destination[..count]);
                offset += count;
                destination = destination[count..];
            }

            start += part.Length;
        }
    }
}
