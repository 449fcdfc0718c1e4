namespace LstmConvert.Files;

/// <summary>
/// A folder that appears under its name only when all its files are complete: written beside it, checked, renamed. It is made new, or takes
/// the
/// place of an earlier result; a folder that holds anything else is never touched.
/// </summary>
internal static class OutputFolder
{
    /// <summary>The end of the name of what is replaced, for the moment between two renames.</summary>
    private const string ReplacedEnd = ".old";

    /// <summary>Writes a folder.</summary>
    /// <typeparam name="T">What writing gives.</typeparam>
    /// <param name="path">The target.</param>
    /// <param name="overwrite">True replaces an earlier result.</param>
    /// <param name="isPart">True for the names of files that such a result has.</param>
    /// <param name="write">Writes and checks the temporary folder of this path, which exists and is empty.</param>
    /// <exception cref="OutputException">The target exists, or cannot be written.</exception>
    public static T Write<T>(string path, bool overwrite, Func<string, bool> isPart, Func<string, T> write)
    {
        Check(path, overwrite, isPart);
        try
        {
            var target = Links.RealPath(Path.GetFullPath(Path.TrimEndingDirectorySeparator(path)));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var temporary = TemporaryFile.For(target, null);
            Restore(temporary, target);
            Directory.CreateDirectory(temporary.Folder);
            var result = write(temporary.Folder);
            Rename(temporary, target);
            return result;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new OutputException(
                $"{path} cannot be written: {e.Message.TrimEnd('.')}. Check the folder, its permissions and the free space.",
                e);
        }
    }

    /// <summary>Refuses a target that is no place for a result, before any work is done.</summary>
    /// <param name="path">The target.</param>
    /// <param name="overwrite">True allows an earlier result.</param>
    /// <param name="isPart">True for the names of files that such a result has.</param>
    /// <exception cref="OutputException">It is a file, or a folder with something in it.</exception>
    public static void Check(string path, bool overwrite, Func<string, bool> isPart)
    {
        if (!Directory.Exists(path))
        {
            if (FileIdentity.Of(path).Kind is FileKind.Regular or FileKind.Special)
            {
                throw new OutputException($"{path} is a file, and a folder is written. Choose another name.");
            }

            return;
        }

        if (
            Directory
                .EnumerateFileSystemEntries(path)
                .FirstOrDefault(entry => Directory.Exists(entry) || !isPart(Path.GetFileName(entry))) is
            { } other)
        {
            throw new OutputException(
                $"{path} holds {Path.GetFileName(other)}, which is no part of such a result, and is never replaced. Name a folder that is not there, or an empty one."
            );
        }

        if (!overwrite && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw new OutputException(
                $"{path} exists. Choose another name, or have it replaced.",
                remedies: [new SettingRemedy(Setting.Overwrite)]);
        }
    }

    /// <summary>Brings back what a run that was killed between two renames had moved away, and removes what a killed run wrote.</summary>
    private static void Restore(TemporaryFile temporary, string target)
    {
        if (Directory.Exists(temporary.Folder))
        {
            Directory.Delete(temporary.Folder, recursive: true);
        }

        var replaced = temporary.Folder + ReplacedEnd;
        if (Directory.Exists(replaced) && Directory.Exists(target))
        {
            Directory.Delete(replaced, recursive: true);
        }
        else if (Directory.Exists(replaced))
        {
            Directory.Move(replaced, target);
        }
    }

    private static void Rename(TemporaryFile temporary, string target)
    {
        var replaced = temporary.Folder + ReplacedEnd;
        var exists = Directory.Exists(target);
        if (exists)
        {
            Directory.Move(target, replaced);
        }

        try
        {
            Directory.Move(temporary.Folder, target);
        }
        catch when (exists)
        {
            Directory.Move(replaced, target);
            throw;
        }

        if (exists)
        {
            Directory.Delete(replaced, recursive: true);
        }
    }
}
