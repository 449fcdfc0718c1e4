using System.IO.Compression;

namespace LstmConvert.Files;

/// <summary>Opens zip archives to be read. .NET reads an archive's directory when it is first asked for; here it is read at once.</summary>
internal static class ZipInput
{
    /// <summary>Opens an archive.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="UnreadableInputException">It cannot be opened, or its directory is broken.</exception>
    public static ZipArchive Open(string path) => InputFile.Guard(path, () => Whole(path, () => ZipFile.OpenRead(path)));

    /// <summary>Opens an archive, or gives null where none can be opened.</summary>
    /// <param name="path">The path.</param>
    public static ZipArchive? TryOpen(string path)
    {
        try
        {
            return WithDirectory(ZipFile.OpenRead(path));
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Takes an archive whose bytes are opened by an action.</summary>
    /// <param name="name">What a message calls it.</param>
    /// <param name="open">Opens it.</param>
    /// <exception cref="UnreadableInputException">Its directory is broken.</exception>
    public static ZipArchive Whole(string name, Func<ZipArchive> open)
    {
        try
        {
            return WithDirectory(open());
        }
        catch (InvalidDataException e)
        {
            throw new UnreadableInputException($"{name} is no complete zip archive: {e.Message} Copy or save it again.", e);
        }
    }

    private static ZipArchive WithDirectory(ZipArchive archive)
    {
        try
        {
            return archive.Entries.Count >= 0 ? archive : throw new InvalidDataException();
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }
}
