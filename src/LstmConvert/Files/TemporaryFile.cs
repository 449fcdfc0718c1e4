using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LstmConvert.Files;

/// <summary>
/// The file that is written in a target's place until it is complete. Its name follows from the target's, so that the next run of the same
/// target finds what a killed run left, and it is locked while its run lives, so that a living run's file is never taken for one.
/// </summary>
internal sealed class TemporaryFile : IDisposable
{
    /// <summary>How many runs may write one target at the same time.</summary>
    private const int MaximumWriters = 8;

    /// <summary>The bytes of the target's name that stand in the temporary one: it fits where a name may have 143 bytes.</summary>
    private const int NameBytes = 64;

    private const string FolderEnd = ".d";

    private static readonly ConcurrentDictionary<string, byte> Unfinished = new(StringComparer.Ordinal);

    private readonly FileStream held;

    private TemporaryFile(string path, FileStream held)
    {
        (Path, this.held) = (path, held);
        Unfinished.TryAdd(path, 0);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The folder that belongs to it, for a target that is one: this run's alone, as the file is.</summary>
    public string Folder => Path + FolderEnd;

    /// <summary>Makes one in the target's folder, and removes what killed runs of this target left there.</summary>
    /// <param name="target">The target, a full path.</param>
    /// <param name="mode">The mode of the target that will be replaced; null for a new one.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static TemporaryFile For(string target, UnixFileMode? mode)
    {
        var (made, failure) = ((TemporaryFile?)null, (IOException?)null);
        foreach (var path in Names(target))
        {
            if (TryRemoveAbandoned(path) && made is null && Create(path, mode, ref failure) is { } held)
            {
                made = new TemporaryFile(path, held);
            }
        }

        return made ?? throw failure ?? new IOException(string.Create(CultureInfo.InvariantCulture, $"{MaximumWriters} other runs are writing it."));
    }

    /// <summary>Removes the files of all targets that are being written: the process is about to end.</summary>
    public static void RemoveUnfinished()
    {
        foreach (var path in Unfinished.Keys)
        {
            Remove(path);
        }
    }

    /// <summary>Gives it the target's name. Where a file is replaced, it is on the disk first: a machine that stops leaves the old or the
    /// new one. A new file is a conversion that can be repeated, and nothing waits for the disk.</summary>
    /// <param name="target">The target, a full path.</param>
    /// <param name="overwrite">True replaces a file of that name.</param>
    /// <param name="mode">The mode that it gets, or null for what a new file has.</param>
    public void MoveTo(string target, bool overwrite, UnixFileMode? mode)
    {
        if (mode is { } kept && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, kept);
        }

        if (overwrite && File.Exists(target))
        {
            RandomAccess.FlushToDisk(held.SafeFileHandle);
        }

        File.Move(Path, target, overwrite);
        Unfinished.TryRemove(Path, out _);
    }

    public void Dispose()
    {
        if (Unfinished.TryRemove(Path, out _))
        {
            Remove(Path);
        }

        held.Dispose();
    }

    private static IEnumerable<string> Names(string target)
    {
        var name = System.IO.Path.GetFileName(target);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 6));
        var shown = name;
        while (Encoding.UTF8.GetByteCount(shown) > NameBytes)
        {
            shown = shown[..^(shown.Length > 1 && char.IsLowSurrogate(shown[^1]) ? 2 : 1)];
        }

        var folder = System.IO.Path.GetDirectoryName(target)!;
        return Enumerable
            .Range(0, MaximumWriters)
            .Select(k =>
                System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $".{shown}.{hash}-{k}.lstmconvert.tmp")));
    }

    /// <summary>Makes the file, locked as shared: this process opens it again, another cannot lock it for itself alone. Null where another
    /// run has that name, or took the file for an abandoned one before it was locked.</summary>
    private static FileStream? Create(string path, UnixFileMode? mode, ref IOException? failure)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (mode is { } replaced && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = replaced | UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        FileStream? made = null;
        try
        {
            made = new FileStream(path, options);
            if (OperatingSystem.IsWindows() || FileIdentity.Of(path) == FileIdentity.Of(made.SafeFileHandle))
            {
                return made;
            }
        }
        catch (IOException e)
        {
            // Another run made it first, or holds it for itself alone to remove it; or no file can be made here under any name.
            failure = e;
        }

        made?.Dispose();
        return null;
    }

    /// <summary>Removes a file that no living run holds, while it is locked for this run alone: true where there is none any more.</summary>
    private static bool TryRemoveAbandoned(string path)
    {
        if (!File.Exists(path))
        {
            return true;
        }

        try
        {
            using var alone = new FileStream(
                path,
                FileMode.Open,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 0,
                OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None);
            if (!OperatingSystem.IsWindows())
            {
                // Between opening and locking another run may have removed it and made its own.
                if (FileIdentity.Of(path) != FileIdentity.Of(alone.SafeFileHandle))
                {
                    return false;
                }

                File.Delete(path);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e is FileNotFoundException;
        }
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
            if (Directory.Exists(path + FolderEnd))
            {
                Directory.Delete(path + FolderEnd, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder is gone or closed to us: then there is no temporary file to remove either.
        }
    }
}
