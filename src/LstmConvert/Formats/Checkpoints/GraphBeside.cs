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
        var graphs = Graphs(folder, ".meta", ".pb");

        // An Estimator writes its graph as text, too: it counts where there is no other.
        graphs = graphs.Length == 0 ? Graphs(folder, ".pbtxt") : graphs;
        return graphs is [var only] ? Path.Combine(folder, Path.GetFileName(only)) : null;
    }

    private static string[] Graphs(string folder, params string[] extensions) =>
        [
            .. Directory
                .EnumerateFiles(folder.Length == 0 ? "." : folder)
                .Take(CheckpointPath.MaximumFiles)
                .Where(file => extensions.Contains(Path.GetExtension(file)) && GraphFile.KindOf(file) is not null)
                .Take(2),
        ];
}
