using System.IO.Compression;

namespace LstmConvert.Files;

/// <summary>Opens zip archives to be read.</summary>
internal static class ZipInput
{
    /// <summary>Opens an archive and reads its directory, which .NET else reads when it is first asked for.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="UnreadableInputException">It cannot be opened, or its directory is broken.</exception>
    public static ZipArchive Open(string path)
    {
        var archive = InputFile.Guard(path, () => Whole(path, () => ZipFile.OpenRead(path)));
        try
        {
            return Whole(path, () => archive.Entries.Count >= 0 ? archive : throw new InvalidDataException());
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    private static ZipArchive Whole(string path, Func<ZipArchive> open)
    {
        try
        {
            return open();
        }
        catch (InvalidDataException e)
        {
            throw new UnreadableInputException($"{path} is no complete zip archive: {e.Message} Copy or save it again.", e);
        }
    }
}
