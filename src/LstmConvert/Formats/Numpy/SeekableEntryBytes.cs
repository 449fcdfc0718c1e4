using System.IO.Compression;
using LstmConvert.Files;

namespace LstmConvert.Formats.Numpy;

/// <summary>An entry of a zip archive that is read back and forth: in memory once something of it is asked for.</summary>
/// <param name="archivePath">The archive's path.</param>
/// <param name="entry">The entry.</param>
internal sealed class SeekableEntryBytes(string archivePath, ZipArchiveEntry entry) : ByteSource
{
    private readonly Lazy<byte[]> bytes = new(() => ReadAll(archivePath, entry));

    public override string Name => $"{archivePath}, entry {entry.FullName}";

    public override long Length => entry.Length;

    public override bool IsRandomAccess => true;

    public override void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length - destination.Length)
        {
            throw TooShort(offset, destination.Length);
        }

        bytes.Value.AsSpan((int)offset, destination.Length).CopyTo(destination);
    }

    private static byte[] ReadAll(string archivePath, ZipArchiveEntry entry)
    {
        if (entry.Length > Array.MaxLength)
        {
            throw new UnreadableInputException($"{archivePath}, entry {entry.FullName} has {entry.Length} bytes; {Array.MaxLength} is the most that is read from an archive. Unpack it, and name what is in it.");
        }

        var source = new ZipEntryBytes(archivePath, entry);
        var result = new byte[GuardRatio(archivePath, entry)];
        source.Read(0, result);
        source.Dispose();
        return result;
    }

    private static long GuardRatio(string archivePath, ZipArchiveEntry entry) =>
        entry.Length > ZipEntryBytes.AlwaysInflated && entry.Length / ZipEntryBytes.MaximumRatio > entry.CompressedLength
            ? throw new UnreadableInputException(
                $"{archivePath}, entry {entry.FullName} grows from {entry.CompressedLength} to {entry.Length} bytes, more than {ZipEntryBytes.MaximumRatio} times; trained weights do not, an archive made to fill a disk does.")
            : entry.Length;
}
