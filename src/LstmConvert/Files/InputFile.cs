using Microsoft.Win32.SafeHandles;

namespace LstmConvert.Files;

/// <summary>
/// Opening what the user named: every failure of the file system becomes one sentence about that path. A symbolic link is what it
/// points to. A file without bytes is never opened: that is what a pipe or a device looks like, and opening those may wait for ever.
/// </summary>
internal static class InputFile
{
    /// <summary>The number of bytes of a file, or of the file behind a link.</summary>
    /// <exception cref="UnreadableInputException">There is no such file.</exception>
    public static long Length(string path) => Guard(path, () => Find(path)?.Length ?? throw new FileNotFoundException());

    /// <summary>The number of bytes of a file, or of the file behind a link; -1 if there is none.</summary>
    public static long LengthOrNone(string path)
    {
        try
        {
            return Find(path)?.Length ?? -1;
        }
        catch (Exception e) when (IsOfFileSystem(e))
        {
            return -1;
        }
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="UnreadableInputException">It is not there, may not be read, or has no bytes.</exception>
    public static SafeFileHandle OpenHandle(string path) =>
        Guard(path, () =>
            Length(path) > 0
                ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read)
                : throw new UnreadableInputException(
                    $"{path} has no bytes: it is empty, or a pipe or a device. Name the file that the program wrote."));

    /// <summary>Reads from an open file; fewer bytes at its end.</summary>
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
            var length = LengthOrNone(path);
            if (length <= 0)
            {
                return [];
            }

            using var handle = File.OpenHandle(path);
            var head = new byte[Math.Min(length, count)];
            return head[..RandomAccess.Read(handle, head, 0)];
        }
        catch (Exception e) when (IsOfFileSystem(e))
        {
            return [];
        }
    }

    /// <summary>All bytes of a file.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="maximum">The most bytes that are read.</param>
    /// <exception cref="UnreadableInputException">It is not there, may not be read, has no bytes, or more than the maximum.</exception>
    public static byte[] ReadAll(string path, long maximum)
    {
        using var handle = OpenHandle(path);
        var length = Guard(path, () => RandomAccess.GetLength(handle));
        if (length > maximum)
        {
            throw new UnreadableInputException(
                $"{path} has {length} bytes; {maximum} is the most that is read of such a file. Name the file that the program wrote.");
        }

        var bytes = new byte[length];
        var at = 0;
        while (at < bytes.Length)
        {
            var count = Read(handle, path, bytes.AsSpan(at), at);
            if (count == 0)
            {
                throw new UnreadableInputException(
                    $"{path} became shorter while it was read, {at} of {bytes.Length} bytes. Wait until its program has written it.");
            }

            at += count;
        }

        return bytes;
    }

    /// <summary>Runs an action whose failures become sentences about a path.</summary>
    /// <exception cref="UnreadableInputException">The file system refused.</exception>
    public static T Guard<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (IsOfFileSystem(e))
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Where a symbolic link leads, as it is written; null for what is no link.</summary>
    public static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (IsOfFileSystem(e))
        {
            return null;
        }
    }

    /// <summary>A failure of the file system as a sentence.</summary>
    public static UnreadableInputException Unreadable(string path, Exception e) =>
        e switch
        {
            FileNotFoundException or DirectoryNotFoundException when LinkTarget(path) is { } target => new(
                $"{path} is a link to {target}, which is not there. Fetch the file from its store, or correct the link.",
                e),
            FileNotFoundException or DirectoryNotFoundException when Directory.Exists(path) => new(
                $"{path} is a folder, and a file is expected here. Name a file in it.",
                e),
            FileNotFoundException or DirectoryNotFoundException => new($"{path} does not exist.{NearPaths.Sentence(path)}", e),
            UnauthorizedAccessException when Directory.Exists(path) => new(
                $"{path} is a folder, and a file is expected here. Name a file in it.",
                e),
            UnauthorizedAccessException => new($"{path} cannot be read: permission denied. Check its permissions.", e),
            _ => new($"{path} cannot be read: {e.Message}", e),
        };

    /// <summary>True for what the file system throws.</summary>
    public static bool IsOfFileSystem(Exception e) =>
        e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;

    /// <summary>The file, behind all links; null if there is none.</summary>
    private static FileInfo? Find(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return null;
        }

        var end = file.LinkTarget is null ? file : (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
        return end.Exists ? end : null;
    }
}
