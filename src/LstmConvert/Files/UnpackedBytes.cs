namespace LstmConvert.Files;

/// <summary>A member of an archive, unpacked into a temporary file that nobody else sees, so that it can be read back and forth.</summary>
internal sealed class UnpackedBytes : ByteSource, IDisposable
{
    private const int BlockBytes = 1 << 20;

    private readonly ByteSource source;
    private readonly FileStream file;

    /// <summary>Unpacks a member.</summary>
    /// <param name="source">The member.</param>
    /// <exception cref="UnreadableInputException">It is damaged, or there is no room for it.</exception>
    public UnpackedBytes(ByteSource source)
    {
        this.source = source;
        file = InputFile.Guard(source.Name, () =>
            new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        RemoveName();
        try
        {
            var block = new byte[BlockBytes];
            for (long at = 0; at < source.Length; at += block.Length)
            {
                var part = block.AsMemory(0, (int)Math.Min(block.Length, source.Length - at));
                source.Read(at, part.Span);
                InputFile.Guard(source.Name, () =>
                {
                    file.Write(part.Span);
                    return 0;
                });
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Where an open file needs no name it has none: a killed run leaves nothing.</summary>
    private void RemoveName()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(file.Name);
        }
    }

    public override string Name => source.Name;

    public override long Length => source.Length;

    public override bool IsRandomAccess => true;

    public override void Read(long offset, Span<byte> destination)
    {
        var (wanted, at) = (destination.Length, offset);
        while (destination.Length > 0)
        {
            var count = InputFile.Read(file.SafeFileHandle, Name, destination, at);
            if (count == 0)
            {
                throw TooShort(offset, wanted);
            }

            at += count;
            destination = destination[count..];
        }
    }

    public void Dispose() => file.Dispose();
}
