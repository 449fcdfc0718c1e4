using LstmConvert.Files;
using LstmConvert.Formats.Checkpoints;
using LstmConvert.Formats.Numpy;

namespace LstmConvert.Formats;

/// <summary>The files that a source is read from: what must never be written.</summary>
public static class SourceFiles
{
    /// <summary>The files behind what the user typed, of every kind of source at once: each variable's, a checkpoint's parts, the
    /// graph.</summary>
    /// <param name="paths">The paths as the user typed them.</param>
    public static IEnumerable<string> Of(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return paths.SelectMany(Of);
    }

    /// <summary>All bytes of a small file that the user named. Pipes and devices are refused: reading them may never end.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="maximum">The most bytes that are read.</param>
    /// <exception cref="UnreadableInputException">It is no file that can be read, or is larger.</exception>
    public static byte[] ReadBytes(string path, long maximum) => InputFile.ReadAll(path, maximum);

    /// <summary>True for the file that says which checkpoint of a folder is meant: it holds nothing of a source, and training rewrites
    /// it.</summary>
    internal static bool IsPointer(string path) => Path.GetFileName(path) == CheckpointState.FileName;

    private static IEnumerable<string> Of(string path)
    {
        var file = NpyFiles.IsNpyArgument(path) ? NpyFiles.FileOf(path) : path;
        IEnumerable<string> files = Directory.Exists(file)
            ? FolderWalk.Of(file, ".npy", NpyFolder.MaximumFiles).Files.Select(below => Path.Combine(file, below))
            : [file];
        return CheckpointPath.Find(file) is { } checkpoint ? files.Concat(Of(checkpoint)) : files;
    }

    private static IEnumerable<string> Of(CheckpointLocation checkpoint)
    {
        var folder = Path.GetDirectoryName(checkpoint.Prefix) is { Length: > 0 } named ? named : ".";
        foreach (
            var file in checkpoint.Files.Concat([
                checkpoint.Prefix,
                checkpoint.Prefix + ".index",
                checkpoint.Prefix + ".meta",
                Path.Combine(folder, CheckpointState.FileName),
            ]))
        {
            yield return file;
        }

        foreach (
            var data in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Path.GetFileName(checkpoint.Prefix) + ".data-*") : [])
        {
            yield return data;
        }

        if (checkpoint.Graph is { } graph)
        {
            yield return graph;
            yield return Path.Combine(Path.GetDirectoryName(graph) ?? "", SavedModelFile.KerasMetadataName);
        }
    }
}
