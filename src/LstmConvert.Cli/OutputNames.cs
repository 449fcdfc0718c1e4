using System.Text.RegularExpressions;
using LstmConvert.Formats.Numpy;
using LstmConvert.KerasFiles;

namespace LstmConvert.Cli;

/// <summary>One conversion that is asked for.</summary>
/// <param name="Sources">The source as it was typed: one path, or several .npy files that are one source.</param>
/// <param name="Target">The file to write.</param>
internal sealed record Entry(IReadOnlyList<string> Sources, string Target)
{
    /// <summary>Why it cannot be written though nothing is wrong with it: another source has the same target. Null where none
    /// has.</summary>
    public string? Clash { get; init; }

    /// <summary>The source in one word.</summary>
    public string Name => string.Join(' ', Sources);

    /// <summary>The source as a shell takes it.</summary>
    public string Quoted => string.Join(' ', Sources.Select(path => Quote.Shell(path)));
}

/// <summary>What results are called where no name is given: the name of one never depends on the rest of the list.</summary>
internal static partial class OutputNames
{
    private static readonly string[] SourceEnds = [".npz", ".npy", ".index", ".meta", ".pb", ".pbtxt"];

    /// <summary>The sources of a command line: single .npy files together are one, everything else is one of its own, once.</summary>
    public static List<string[]> Groups(IReadOnlyList<string> named)
    {
        var single = named.Where(NpyFiles.IsNpyArgument).Distinct(StringComparer.Ordinal).ToArray();
        var groups = named
            .Where(path => !NpyFiles.IsNpyArgument(path))
            .DistinctBy(Full, StringComparer.Ordinal)
            .Select(path => new[] { path })
            .ToList();
        if (single.Length > 0)
        {
            groups.Insert(0, single);
        }

        return groups;
    }

    /// <summary>The file of one result.</summary>
    /// <param name="group">The source.</param>
    /// <param name="folder">The folder that is named with <c>--out-dir</c>; null for the current one.</param>
    /// <param name="root">The folder below which sources keep their paths.</param>
    /// <param name="format">The format, which ends the name.</param>
    public static string Of(string[] group, string? folder, string? root, KerasTarget format)
    {
        var full = Full(FileOf(group[0]));
        var below = folder is null ? null : Below(Full(root ?? "."), full);
        var name = ShardEnd().Replace(below ?? Path.GetFileName(full), "");
        foreach (var end in SourceEnds)
        {
            name = name.EndsWith(end, StringComparison.OrdinalIgnoreCase) && name.Length > end.Length ? name[..^end.Length] : name;
        }

        return Path.Combine(folder ?? "", format.DefaultName(name.Length == 0 ? "root" : name));
    }

    /// <summary>The deepest folder that holds all sources, if each gets a name of its own below it; null otherwise.</summary>
    /// <param name="entries">The sources.</param>
    /// <param name="folder">The folder that is named with <c>--out-dir</c>, or null.</param>
    /// <param name="format">The format, which ends the names.</param>
    public static string? BaseOf(IReadOnlyList<Entry> entries, string? folder, KerasTarget format)
    {
        var groups = entries.Select(entry => entry.Sources.ToArray()).ToArray();
        var root = groups.Select(group => Path.GetDirectoryName(Full(FileOf(group[0])))).Aggregate(Common);
        return
            root is not null
            && groups.Select(group => Of(group, folder ?? ".", root, format)).Distinct(StringComparer.Ordinal).Count() == groups.Length
                ? root
                : null;
    }

    /// <summary>The deepest folder that two folders are below, or are.</summary>
    private static string? Common(string? one, string? other)
    {
        while (one is { } left && other is { } right && left != right)
        {
            (one, other) = left.Length >= right.Length ? (Path.GetDirectoryName(left), right) : (left, Path.GetDirectoryName(right));
        }

        return other is null ? null : one;
    }

    private static string FileOf(string word) =>
        word.Contains('=', StringComparison.Ordinal) && !Path.Exists(word)
            ? word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..]
            : word;

    private static string Full(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    private static string? Below(string root, string full)
    {
        var start = Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar;
        return full.StartsWith(start, StringComparison.Ordinal) ? full[start.Length..] : null;
    }

    /// <summary>The end of a checkpoint's data file or of a V1 shard.</summary>
    [GeneratedRegex("(\\.data)?-([0-9]{5}|[?]{5})-of-[0-9]{5}$", RegexOptions.ExplicitCapture)]
    private static partial Regex ShardEnd();
}
