using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Reading;

namespace LstmConvert.Tests.Graphs.Execution;

/// <summary>Every operation of every given graph stands in the table, or, with the reason, in the list of those that are not
/// executed.</summary>
public sealed class OperationTests(ITestOutputHelper output)
{
    private static string List =>
        Path.GetFullPath(
            Path.Combine(Shared.Bundled, "..", "..", "LstmConvert.Tests", "Graphs", "Execution", "operations-not-executed.txt"));

    [Fact]
    public void Every_operation_of_the_given_graphs_is_executed_or_listed()
    {
        var folders = new[] { "goldens/tf1", "goldens/tf-old", "goldens/tf2", "goldens/dialects", "goldens/saved-models", "real" };
        var used = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var functions = new HashSet<string>(StringComparer.Ordinal);
        foreach (
            var path in folders
                .SelectMany(folder =>
                    new[] { "*.pb", "*.meta" }.SelectMany(pattern =>
                        Directory.GetFiles(Path.Combine(Shared.Folder, folder), pattern, SearchOption.AllDirectories)))
                .Where(Graph.Matches))
        {
            Graph graph;
            try
            {
                graph = Graph.Open(path);
            }
            catch (UnreadableInputException)
            {
                continue;
            }

            foreach (var function in graph.Definition.Library?.Function ?? [])
            {
                functions.Add(function.Signature.Name);
            }

            foreach (
                var node in graph.Definition.Node.Concat(
                    (graph.Definition.Library?.Function ?? []).SelectMany(function => function.NodeDef)))
            {
                used.TryAdd(node.Op, path);
            }
        }

        output.WriteLine(
            $"{used.Count} operations; in the table and in no given graph: {string.Join(' ', OperationTable.Names.Except(used.Keys).Order(StringComparer.Ordinal))}"
        );
        string[] missing =
        [
            .. used.Keys.Where(operation =>
                OperationTable.Find(operation) is null
                && !functions.Contains(operation)
                && operation is not ("PartitionedCall" or "StatefulPartitionedCall")),
        ];
        var listed = File.ReadAllLines(List);
        if (Environment.GetEnvironmentVariable("LSTMCONVERT_REWRITE") == "1")
        {
            listed = [.. listed.Where(line => missing.Contains(Name(line)))];
            File.WriteAllText(List, string.Concat(listed.Select(line => line + "\n")));
        }

        Assert.Equal(listed.Select(Name), missing);
        Assert.All(listed, line => Assert.True(line.Length > Name(line).Length + 10, $"{line}: why is it not executed?"));
    }

    private static string Name(string line) => line.Split(' ')[0];
}
