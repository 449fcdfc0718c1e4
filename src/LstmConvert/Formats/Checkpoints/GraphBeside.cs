using LstmConvert.TensorFlow;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>The graph beside a checkpoint: the one with the same prefix, or the only one in the same folder.</summary>
internal static class GraphBeside
{
    /// <summary>Finds the graph, or returns null.</summary>
    /// <param name="prefix">The checkpoint's prefix.</param>
    public static string? Find(string prefix)
    {
        foreach (var own in new[] { prefix + ".meta", prefix + ".pb" })
        {
            if (File.Exists(own))
            {
                return own;
            }
        }

        var folder = Path.GetDirectoryName(prefix) ?? "";
        var graphs = Directory.EnumerateFiles(folder.Length == 0 ? "." : folder)
            .Take(CheckpointPath.MaximumFiles)
            .Where(file => Path.GetExtension(file) is ".meta" or ".pb" && GraphFile.KindOf(file) is not null)
            .Take(2)
            .ToArray();
        return graphs is [var only] ? Path.Combine(folder, Path.GetFileName(only)) : null;
    }
}
