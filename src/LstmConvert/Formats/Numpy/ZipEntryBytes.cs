using System.IO.Compression;
using System.IO.Hashing;
using LstmConvert.Files;

namespace LstmConvert.Formats.Numpy;

/// <summary>
/// An entry of a zip archive, stored or deflated, read front to back. Going back reopens the entry. Its CRC-32 is compared
/// each time a pass from the first byte reaches the last.
/// </summary>
/// <param name="archivePath">The archive's path.</param>
/// <param name="entry">The entry.</param>
internal sealed class ZipEntryBytes(string archivePath, ZipArchiveEntry entry) : ByteSource, IDisposable
{
    /// <summary>An entry larger than this, in bytes, that is <see cref="MaximumRatio"/> times its compressed size holds no trained
    /// weights.</summary>
    public const long AlwaysInflated = 64L << 20;

    /// <summary>Trained weights deflate to a half at the best; only constants, and archives made to fill a disk, reach this.</summary>
    public const int MaximumRatio = 200;

    private readonly Crc32 crc = new();
    private Stream? stream;
    private long position;

    public override string Name => $"{archivePath}, entry {entry.FullName}";

    public override long Length => entry.Length;

    public override bool IsRandomAccess => false;

    public override void Read(long offset, Span<byte> destination)
    {
        if (destination.Length == 0)
        {
            return;
        }

        if (
            Length > AlwaysInflated
            && Length / MaximumRatio > entry.CompressedLength
            && offset + destination.Length > NpyHeader.MaximumHeaderBytes)
        {
            throw new UnreadableInputException(
                $"{Name} grows from {entry.CompressedLength} to {Length} bytes, more than {MaximumRatio} times; trained weights do not, an archive made to fill a disk does. If it is meant, write the archive again without compression."
            );
        }

        lock (entry.Archive!)
        {
            try
            {
                if (entry.IsEncrypted)
                {
                    throw new UnreadableInputException($"{Name} is encrypted. Save it without a password.");
                }

                if (stream is null || offset < position)
                {
                    Reopen();
                }

                Span<byte> skipped = stackalloc byte[4096];
                while (position < offset)
                {
                    Fill(skipped[..(int)Math.Min(skipped.Length, offset - position)]);
                }

                Fill(destination);
            }
            catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException)
            {
                throw new UnreadableInputException($"{Name} cannot be read: {e.Message} Copy or export the archive again.", e);
            }
        }
    }

    public void Dispose() => stream?.Dispose();

    private void Reopen()
    {
        stream?.Dispose();
        stream = entry.Open();
        position = 0;
        crc.Reset();
    }

    private void Fill(Span<byte> destination)
    {
        var count = stream!.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        if (count < destination.Length)
        {
            throw TooShort(position, destination.Length);
        }

        crc.Append(destination);
        position += count;
        if (position == Length && crc.GetCurrentHashAsUInt32() != entry.Crc32)
        {
            throw new UnreadableInputException(
                $"{Name} is damaged: its CRC-32 is {crc.GetCurrentHashAsUInt32():x8}, the archive says {entry.Crc32:x8}. Copy or export the archive again."
            );
        }
    }
}
