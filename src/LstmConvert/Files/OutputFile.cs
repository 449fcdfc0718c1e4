namespace LstmConvert.Files;

/// <summary>A file that appears under its name only when it is complete: written beside it, checked, renamed.</summary>
public static class OutputFile
{
    /// <summary>Writes a file. A link is followed, and the mode of a file that is replaced is kept.</summary>
    /// <typeparam name="T">What writing gives.</typeparam>
    /// <param name="path">The target.</param>
    /// <param name="overwrite">True replaces a regular file of that name.</param>
    /// <param name="write">Writes and checks the temporary file of this path, which exists and is empty.</param>
    /// <exception cref="OutputException">The target exists, or cannot be written.</exception>
    public static T Write<T>(string path, bool overwrite, Func<string, T> write)
    {
        Check(path, overwrite);
        string? made = null;
        try
        {
            var target = InputFile.LinkTarget(path) is null ? Path.GetFullPath(path) : Links.RealPath(path);
            if (InputFile.LinkTarget(target) is not null)
            {
                throw new OutputException($"{path} is a link that leads back to itself. Remove it, or choose another name.");
            }

            var folder = Path.GetDirectoryName(target)!;
            made = FirstMissing(folder);
            Directory.CreateDirectory(folder);
            var mode = !OperatingSystem.IsWindows() && File.Exists(target) ? File.GetUnixFileMode(target) : (UnixFileMode?)null;
            using var temporary = TemporaryFile.For(target, mode);
            var result = write(temporary.Path);
            temporary.MoveTo(target, overwrite, mode);
            made = null;
            return result;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new OutputException(
                $"{path} cannot be written: {e.Message.TrimEnd('.')}. Check the folder, its permissions and the free space.",
                e);
        }
        finally
        {
            RemoveEmpty(made, Path.GetDirectoryName(path));
        }
    }

    /// <summary>Refuses a target that exists or is a folder, before any work is done.</summary>
    /// <param name="path">The target.</param>
    /// <param name="overwrite">True allows a regular file of that name.</param>
    /// <exception cref="OutputException">It exists, or is no regular file.</exception>
    public static void Check(string path, bool overwrite)
    {
        var kind = FileIdentity.Of(path).Kind;
        if (kind == FileKind.Folder || Path.EndsInDirectorySeparator(path))
        {
            throw new OutputException($"{path} is a folder. Name a file.", remedies: [new SettingRemedy(Setting.OutputFolder, path)]);
        }

        if (kind == FileKind.Special)
        {
            throw new OutputException($"{path} is a device, a pipe or a socket, and only regular files are replaced. Choose another name.");
        }

        if (kind == FileKind.Regular && !overwrite)
        {
            throw new OutputException(
                $"{path} exists. Choose another name, or have it replaced.",
                remedies: [new SettingRemedy(Setting.Overwrite)]);
        }
    }

    /// <summary>Refuses a target that is one of the files that are read: by what it is, whatever it is called.</summary>
    /// <param name="path">The target.</param>
    /// <param name="sources">The files that are read; asked for only where the target exists.</param>
    /// <exception cref="OutputException">It is one of them.</exception>
    public static void RefuseSources(string path, Func<IEnumerable<string>> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (
            FileIdentity.Of(path) is { Kind: FileKind.Regular } target
            && sources().FirstOrDefault(source => FileIdentity.Of(source) == target) is { } own)
        {
            throw new OutputException(
                $"{path} is {(own == path ? "" : $"{own}, ")}a file of the source, and is never replaced. Choose another name.");
        }
    }

    /// <summary>Removes the temporary files of all targets that are being written: for a process that ends at once.</summary>
    public static void RemoveUnfinished() => TemporaryFile.RemoveUnfinished();

    /// <summary>The first folder of a path that is not there, or null.</summary>
    private static string? FirstMissing(string folder)
    {
        string? missing = null;
        for (var at = folder; at is not null && !Path.Exists(at); at = Path.GetDirectoryName(at))
        {
            missing = at;
        }

        return missing;
    }

    /// <summary>Removes the folders that were made for a target that did not come.</summary>
    private static void RemoveEmpty(string? made, string? folder)
    {
        try
        {
            for (
                var at = made is null ? null : Path.GetFullPath(folder ?? "");
                at is not null && at.Length >= made!.Length;
                at = Path.GetDirectoryName(at))
            {
                Directory.Delete(at);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Something else is in it, or it is gone.
        }
    }
}
