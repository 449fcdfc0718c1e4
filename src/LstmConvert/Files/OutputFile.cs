namespace LstmConvert.Files;

/// <summary>A file that appears under its name only when it is complete: written beside it, checked, renamed.</summary>
public static class OutputFile
{
    /// <summary>Writes a file.</summary>
    /// <typeparam name="T">What writing gives.</typeparam>
    /// <param name="path">The target.</param>
    /// <param name="overwrite">True replaces a file of that name.</param>
    /// <param name="write">Writes and checks the temporary file of this path.</param>
    /// <exception cref="OutputException">The target exists, or cannot be written.</exception>
    public static T Write<T>(string path, bool overwrite, Func<string, T> write)
    {
        Check(path, overwrite);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():n}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            var result = write(temporary);
            File.Move(temporary, path, overwrite);
            return result;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new OutputException($"{path} cannot be written: {e.Message} Check the folder, its permissions and the free space.", e);
        }
        finally
        {
            try
            {
                File.Delete(temporary);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The folder is gone or closed to us: then there is no temporary file to remove either.
            }
        }
    }

    /// <summary>Refuses a target that exists or is a folder, before any work is done.</summary>
    /// <param name="path">The target.</param>
    /// <param name="overwrite">True allows a file of that name.</param>
    /// <exception cref="OutputException">It exists, or is a folder.</exception>
    public static void Check(string path, bool overwrite)
    {
        if (Directory.Exists(path))
        {
            throw new OutputException($"{path} is a folder. Name a file.", remedies: [new SettingRemedy(Setting.OutputFolder, path)]);
        }

        if (File.Exists(path) && !overwrite)
        {
            throw new OutputException($"{path} exists. Choose another name, or have it replaced.", remedies: [new SettingRemedy(Setting.Overwrite)]);
        }
    }
}
