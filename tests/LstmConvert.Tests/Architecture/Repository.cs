namespace LstmConvert.Tests.Architecture;

/// <summary>The source of the repository that these tests belong to.</summary>
internal static class Repository
{
    public static string Folder { get; } = Find();

    /// <summary>The library's source files, and the folder below <c>src/LstmConvert</c> that each lies in (empty at the root).</summary>
    public static IEnumerable<(string Path, string Folder)> Library => Sources("LstmConvert");

    /// <summary>The source files of one project of <c>src</c>, with their folders in it.</summary>
    public static IEnumerable<(string Path, string Folder)> Sources(string project)
    {
        var root = Path.Combine(Folder, "src", project);
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => (path, Path.GetDirectoryName(Path.GetRelativePath(root, path))!.Replace(Path.DirectorySeparatorChar, '/')));
    }

    private static string Find()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "LstmConvert.sln")))
        {
            at = Path.GetDirectoryName(at)!;
        }

        return at;
    }
}
