using LstmConvert.Formats;
using LstmConvert.Recognition;
using LstmConvert.Tests.Architecture;

namespace LstmConvert.Tests.Recognition;

/// <summary>Graphs that are kept for the next source: read once where files hold the same, never shared by two sources at a time.</summary>
public sealed class GraphMemoryTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_next_source_with_the_same_graph_has_it_under_its_own_path()
    {
        var (options, first, second) = (Options(), Checkpoint("a", "gru"), Checkpoint("b", "gru"));
        using var before = Open(first, options);
        var nodes = before.Graph!.Nodes;
        before.Dispose();
        using var after = Open(second, options);
        Assert.Same(nodes, after.Graph!.Nodes);
        Assert.Equal(second + ".meta", after.Graph.Path);
        Assert.Equal(Facts(Open(second, new RecognitionOptions())), Facts(after));
    }

    [Fact]
    public void A_graph_that_is_in_use_is_not_lent_again()
    {
        var (options, path) = (Options(), Checkpoint("a", "gru"));
        using var one = Open(path, options);
        using var other = Open(path, options);
        Assert.NotSame(one.Graph!.Nodes, other.Graph!.Nodes);
    }

    [Fact]
    public void Another_graph_is_read()
    {
        var options = Options();
        using var one = Open(Checkpoint("a", "gru"), options);
        one.Dispose();
        using var other = Open(Checkpoint("b", "lstm-peephole"), options);
        Assert.NotSame(one.Graph!.Nodes, other.Graph!.Nodes);
        Assert.Equal("LSTMCell", Assert.Single(other.Model.Groups).Layers[0].Cell.Definition.Name);
    }

    [Fact]
    public void What_is_refused_under_another_ending_is_refused_though_its_bytes_are_known()
    {
        var options = Options();
        var path = Checkpoint("a", "gru");
        using var one = Open(path, options);
        one.Dispose();
        File.Move(path + ".meta", path + ".pb");
        var named = options with { Graph = path + ".pb" };
        Assert.Contains("is of no known kind", Assert.Throws<UnreadableInputException>(() => Open(path, named)).Message, StringComparison.Ordinal);
    }

    /// <summary>Each golden twice and in turn, in two threads: what is recognised is what a source alone gives.</summary>
    [Fact]
    public void Many_sources_in_two_threads_are_recognised_as_each_is_alone()
    {
        string[] names = ["gru", "lstm-peephole", "bidirectional", "multi-residual-dropout", "stack-bidirectional", "block-lstm-v2"];
        string[] paths = [.. Enumerable.Range(0, 48).Select(k => Checkpoint($"s{k}", names[k % names.Length]))];
        string[] alone = [.. names.Select((_, k) => Facts(Open(paths[k], new RecognitionOptions())))];
        var options = Options();
        var found = new string[paths.Length];
        Parallel.For(0, paths.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, k =>
        {
            using var source = Open(paths[k], options);
            found[k] = Facts(source);
        });
        Assert.All(found, (facts, k) => Assert.Equal(alone[k % names.Length], facts));
    }

    private static RecognitionOptions Options() => new() { Graphs = new GraphMemory() };

    private static RecurrentSource Open(string path, RecognitionOptions options) => RecurrentSource.Open([path], new SourceOptions(), options);

    private static string Facts(RecurrentSource source) =>
        string.Join('\n', source.Model.Groups.SelectMany(group => group.Layers.SelectMany(layer => layer.Facts.Select(fact => $"{layer.Scope} {fact}"))));

    private string Checkpoint(string name, string golden)
    {
        var made = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Folder, "tests", "data", "goldens", "tf1", golden), "model.ckpt.*"))
        {
            File.Copy(file, Path.Combine(made, Path.GetFileName(file)));
        }

        return Path.Combine(made, "model.ckpt");
    }
}
