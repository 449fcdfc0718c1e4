namespace LstmConvert.Files;

/// <summary>The bytes of one member of a source: a file, or an entry of an archive. Safe for several threads.</summary>
internal abstract class ByteSource
{
    /// <summary>What a message calls it: a path, or <c>archive.npz, entry kernel.npy</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The number of bytes.</summary>
    public abstract long Length { get; }

    /// <summary>True if reading back and forth is cheap.</summary>
    public abstract bool IsRandomAccess { get; }

    /// <summary>Fills the destination with the bytes from an offset on.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="destination">Filled completely.</param>
    /// <exception cref="UnreadableInputException">There are fewer bytes, or they do not match their checksum.</exception>
    public abstract void Read(long offset, Span<byte> destination);

    protected UnreadableInputException TooShort(long offset, int wanted) => new(
        $"{Name} ends early: {wanted} bytes are needed at offset {offset}, and it has {Length}. Copy or export it again.");
}

/// <summary>A file. It is opened for each block, so that a folder of thousands of files needs one handle at a time.</summary>
/// <param name="path">The file's path.</param>
internal sealed class FileBytes(string path) : ByteSource
{
    private readonly long length = InputFile.Length(path);

    public override string Name => path;

    public override long Length => length;

    public override bool IsRandomAccess => true;

    public override void Read(long offset, Span<byte> destination)
    {
        if (destination.Length == 0)
        {
            return;
        }

        using var handle = InputFile.OpenHandle(path);
        var wanted = destination.Length;
        var at = offset;
        while (destination.Length > 0)
        {
            var count = InputFile.Read(handle, path, destination, at);
            if (count == 0)
            {
                throw TooShort(offset, wanted);
            }

            at += count;
            destination = destination[count..];
        }
    }
}

/// <summary>A file that was read as a whole.</summary>
/// <param name="name">The file's path.</param>
/// <param name="bytes">Its bytes.</param>
internal sealed class HeldBytes(string name, byte[] bytes) : ByteSource
{
    public override string Name => name;

    public override long Length => bytes.Length;

    public override bool IsRandomAccess => true;

    public override void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > bytes.Length - destination.Length)
        {
            throw TooShort(offset, destination.Length);
        }

        bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
    }
}

/// <summary>A file that is not there, or is cut off: every read says so.</summary>
/// <param name="name">The file's path.</param>
/// <param name="problem">What is wrong, as a sentence.</param>
internal sealed class MissingBytes(string name, string problem) : ByteSource
{
    /// <summary>What is wrong, as a sentence.</summary>
    public string Problem { get; } = problem;

    public override string Name => name;

    public override long Length => 0;

    public override bool IsRandomAccess => true;

    public override void Read(long offset, Span<byte> destination) => throw new UnreadableInputException(Problem);
}
