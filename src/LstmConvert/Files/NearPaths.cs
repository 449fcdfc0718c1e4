namespace LstmConvert.Files;

/// <summary>What is there where a path leads to nothing: names that are near, or checkpoints.</summary>
internal static class NearPaths
{
    /// <summary>The most entries of a folder that are looked at.</summary>
    private const int MaximumEntries = 10_000;

    /// <summary>The most checkpoints that are listed.</summary>
    private const int MaximumListed = 5;

    /// <summary>The end of the file that says a checkpoint's prefix.</summary>
    private const string IndexExtension = ".index";

    /// <summary>What stands in the names of the files that nobody names.</summary>
    private const string DataFiles = ".data-";

    /// <summary>A sentence with a space before it: near names, else the checkpoints in that folder, else that the path is to be
    /// checked.</summary>
    /// <param name="path">A path where nothing is.</param>
    public static string Sentence(string path)
    {
        var (folder, missing, isLast) = Deepest(path);
        if (missing.Length == 0)
        {
            return " Check the path.";
        }

        var names = Names(folder);
        var near = NearNames
            .Of(missing, names.Where(name => !name.EndsWith(IndexExtension, StringComparison.Ordinal)).Order(NaturalOrder.Comparer))
            .Select(name => Path.Combine(folder, name))
            .ToArray();
        var checkpoints = isLast
            ? [.. names.Where(name => names.Contains(name + IndexExtension)).Order(NaturalOrder.Comparer).Reverse()]
            : Array.Empty<string>();
        return near.Length > 0 ? $" Did you mean {NearNames.List(near)}?"
            : checkpoints.Length > 0
                ? $" {(folder.Length == 0 ? "This folder" : folder)} has the checkpoint{(checkpoints.Length == 1 ? "" : "s")} {string.Join(", ", checkpoints.Take(MaximumListed))}{(checkpoints.Length > MaximumListed ? $" and {checkpoints.Length - MaximumListed} more" : "")}."
            : isLast ? " Check the path."
            : $" {(folder.Length == 0 ? "This folder" : folder)} has no {missing}. Check the path.";
    }

    /// <summary>The deepest folder of a path that is there, the first name that is not in it, and whether that is the path's
    /// last.</summary>
    private static (string Folder, string Missing, bool IsLast) Deepest(string path)
    {
        var missing = Path.TrimEndingDirectorySeparator(path);
        for (var isLast = true; missing.Length > 0; isLast = false)
        {
            var folder = Path.GetDirectoryName(missing) ?? "";
            if (folder.Length == 0 || Directory.Exists(folder))
            {
                return (folder, Path.GetFileName(missing), isLast);
            }

            missing = folder;
        }

        return ("", "", true);
    }

    /// <summary>The names in a folder, and the prefixes of its checkpoints; none where it cannot be read.</summary>
    private static HashSet<string> Names(string folder)
    {
        try
        {
            var entries = Directory
                .EnumerateFileSystemEntries(folder.Length == 0 ? "." : folder)
                .Take(MaximumEntries)
                .Select(entry => Path.GetFileName(entry))
                .ToHashSet(StringComparer.Ordinal);
            string[] prefixes =
            [
                .. entries
                    .Where(name => name.EndsWith(IndexExtension, StringComparison.Ordinal))
                    .Select(name => name[..^IndexExtension.Length]),
            ];
            entries.RemoveWhere(name => name.Contains(DataFiles, StringComparison.Ordinal));
            entries.UnionWith(prefixes);
            return entries;
        }
        catch (Exception e) when (InputFile.IsOfFileSystem(e))
        {
            return [];
        }
    }
}
