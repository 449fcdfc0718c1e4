using Microsoft.Win32.SafeHandles;

namespace LstmConvert.Files;

/// <summary>Opening what the user named: every failure of the file system becomes one sentence about that path.</summary>
internal static class InputFile
{
    public static long Length(string path) => Guard(path, () =>
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : throw new FileNotFoundException();
    });

    public static SafeFileHandle OpenHandle(string path) =>
        Guard(path, () => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read));

    public static int Read(SafeFileHandle handle, string path, Span<byte> destination, long offset)
    {
        try
        {
            return RandomAccess.Read(handle, destination, offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>The first bytes of a file, fewer if it is shorter; nothing if it is no readable file.</summary>
    public static byte[] Head(string path, int count)
    {
        try
        {
            if (!File.Exists(path))
            {
                return [];
            }

            using var handle = File.OpenHandle(path);
            var head = new byte[count];
            return head[..RandomAccess.Read(handle, head, 0)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public static T Guard<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw Unreadable(path, e);
        }
    }

    public static UnreadableInputException Unreadable(string path, Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => new($"{path} does not exist. Check the path.", e),
        UnauthorizedAccessException when Directory.Exists(path) => new($"{path} is a folder, a file is expected here. Name a file in it.", e),
        UnauthorizedAccessException => new($"{path} cannot be read: permission denied. Check its permissions.", e),
        _ => new($"{path} cannot be read: {e.Message}", e),
    };
}
