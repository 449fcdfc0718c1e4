using System.IO.Compression;
using LstmConvert.Files;
using LstmConvert.Formats.Numpy;

namespace LstmConvert.Formats;

/// <summary>An archive that is an entry of another one.</summary>
internal static class InnerArchive
{
    /// <summary>Opens it, held in memory.</summary>
    /// <param name="path">The outer archive.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="most">The most bytes that are held.</param>
    /// <exception cref="UnreadableInputException">It is larger, damaged, or no archive.</exception>
    public static ZipArchive Open(string path, ZipArchiveEntry entry, long most)
    {
        using var source = new ZipEntryBytes(path, entry);
        if (source.Length > most)
        {
            throw new UnreadableInputException(
                $"{source.Name} has {source.Length} bytes; {most} is the most that is read of an archive inside another. Unpack it, and name it."
            );
        }

        var bytes = new byte[Sound(source, entry)];
        source.Read(0, bytes);
        return ZipInput.Whole(source.Name, () => new ZipArchive(new MemoryStream(bytes, writable: false), ZipArchiveMode.Read));
    }

    /// <summary>The length of an entry that is read as a whole, refused where no packing gives so much from so little.</summary>
    public static long Sound(ZipEntryBytes source, ZipArchiveEntry entry) =>
        entry.Length / 1100 <= entry.CompressedLength
            ? entry.Length
            : throw new UnreadableInputException(
                $"{source.Name} is damaged: {entry.CompressedLength} bytes cannot be {entry.Length} unpacked. Copy or save it again.");
}
