namespace LstmConvert.Files;

/// <summary>Opens files to be written from the start.</summary>
internal static class EmptyFile
{
    /// <summary>
    /// Opens a file without content, made or emptied. What is empty is not emptied once more, as <see cref="FileMode.Create"/> does: ext4
    /// takes that for a file that replaces another's content, and waits for the disk when it is closed (ext4, option auto_da_alloc).
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="bufferSize">Bytes of the buffer; 1 for none.</param>
    public static FileStream Open(string path, int bufferSize = 4096)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize);
        try
        {
            if (file.Length > 0)
            {
                file.SetLength(0);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return file;
    }
}
