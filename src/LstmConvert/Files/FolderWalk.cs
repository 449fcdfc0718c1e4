using System.IO.Enumeration;

namespace LstmConvert.Files;

/// <summary>
/// The files of one extension in a folder and below it. Links are followed; one that leads back into its own path is not walked again.
/// What version control keeps (<c>.git</c>, <c>.dvc</c>) is not searched: the files of a folder are links into it.
/// </summary>
internal sealed class FolderWalk
{
    /// <summary>The most entries that are looked at, of any kind.</summary>
    public const int MaximumEntries = 250_000;

    /// <summary>The deepest folder that is searched.</summary>
    public const int MaximumDepth = 64;

    private readonly string extension;
    private readonly int maximumFiles;
    private readonly List<string> files = [];
    private int entries;

    private FolderWalk(string extension, int maximumFiles)
    {
        this.extension = extension;
        this.maximumFiles = maximumFiles;
    }

    /// <summary>The files' paths below the folder, <c>/</c> between their parts.</summary>
    public IReadOnlyList<string> Files => files;

    /// <summary>Why the walk ended early, as a sentence; null if it is complete.</summary>
    public string? Problem { get; private set; }

    /// <summary>Walks a folder. Never throws.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="extension">The end of the files' names: <c>.npy</c>.</param>
    /// <param name="maximumFiles">The most files that are listed.</param>
    public static FolderWalk Of(string folder, string extension, int maximumFiles)
    {
        var walk = new FolderWalk(extension, maximumFiles);
        walk.Visit(folder, "", [Links.RealPath(folder)]);
        return walk;
    }

    private void Visit(string folder, string relative, List<string> chain)
    {
        try
        {
            foreach (var (name, isFolder, isLink) in Entries(folder))
            {
                if (++entries > MaximumEntries)
                {
                    Problem ??=
                        $"{folder}: more than {MaximumEntries} entries were looked at. Name the folder that holds the {extension} files.";
                }
                else if (isFolder)
                {
                    Enter(Path.Combine(folder, name), relative + name + "/", isLink, chain);
                }
                else if (name.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
                {
                    files.Add(relative + name);
                    Problem ??=
                        files.Count > maximumFiles
                            ? $"{folder}: more than {maximumFiles} {extension} files were found. Name a smaller folder."
                            : null;
                }

                if (Problem is not null)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (InputFile.IsOfFileSystem(e))
        {
            Problem ??=
                e is UnauthorizedAccessException
                    ? $"{folder} cannot be read: permission denied. Check its permissions, or name the files."
                    : InputFile.Unreadable(folder, e).Message;
        }
    }

    private void Enter(string folder, string relative, bool isLink, List<string> chain)
    {
        if (Path.GetFileName(folder) is ".git" or ".dvc")
        {
            return;
        }

        if (chain.Count > MaximumDepth)
        {
            Problem ??= $"{folder} is more than {MaximumDepth} folders deep. Name a folder nearer to the {extension} files.";
            return;
        }

        var real = isLink ? Links.RealPath(folder) : Path.Combine(chain[^1], Path.GetFileName(folder));
        if (!isLink || !chain.Exists(above => Links.IsAtOrBelow(above, real)))
        {
            Visit(folder, relative, [.. chain, real]);
        }
    }

    private static FileSystemEnumerable<(string Name, bool IsFolder, bool IsLink)> Entries(string folder) =>
        new(
            folder,
            (ref FileSystemEntry entry) =>
                entry.IsDirectory
                    ? (entry.FileName.ToString(), true, entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
                    : (entry.FileName.ToString(), false, false),
            new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false });
}
