namespace LstmConvert.Files;

/// <summary>Symbolic links of the file system.</summary>
internal static class Links
{
    /// <summary>The most links that one path is followed through, as the kernel has it.</summary>
    public const int Maximum = 40;

    /// <summary>The path without links in any of its parts; a link in a circle stays as it is.</summary>
    /// <param name="path">A path.</param>
    public static string RealPath(string path)
    {
        var full = Path.GetFullPath(path);
        var real = Path.GetPathRoot(full)!;
        var rest = new Stack<string>(Parts(full).Reverse());
        for (var links = 0; rest.TryPop(out var part);)
        {
            var next = part == ".." ? Path.GetDirectoryName(real) ?? real : Path.Combine(real, part);
            if (InputFile.LinkTarget(next) is { Length: > 0 } target && links++ < Maximum)
            {
                real = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : real;
                foreach (var step in Parts(target).Reverse())
                {
                    rest.Push(step);
                }
            }
            else
            {
                real = next;
            }
        }

        return real;
    }

    /// <summary>True if a real path is another, or lies below it.</summary>
    public static bool IsAtOrBelow(string path, string above) =>
        path == above
        || path.StartsWith(
            above.EndsWith(Path.DirectorySeparatorChar) ? above : above + Path.DirectorySeparatorChar,
            StringComparison.Ordinal);

    /// <summary>The names between the separators, without the root and <c>.</c>.</summary>
    private static string[] Parts(string path) =>
        [
            .. path[(Path.GetPathRoot(path)?.Length ?? 0)..]
                .Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries)
                .Where(part => part != "."),
        ];
}
