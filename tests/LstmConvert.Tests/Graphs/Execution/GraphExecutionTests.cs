using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Formats;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Reading;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Graphs.Execution;

/// <summary>Every recorded graph is executed and computes what TensorFlow computed; the list beside says which are not, and why.</summary>
public sealed class GraphExecutionTests(ITestOutputHelper output)
{
    private readonly List<string> failures = [];
    private int graphs;
    private int compared;
    private double worst;

    private static string List =>
        Path.GetFullPath(Path.Combine(Shared.Bundled, "..", "..", "LstmConvert.Tests", "Graphs", "Execution", "not-executed.txt"));

    [Theory]
    [InlineData("tf1")]
    [InlineData("tf-old")]
    [InlineData("tf2")]
    [InlineData("dialects")]
    public void Every_graph_computes_what_was_recorded(string set)
    {
        foreach (
            var graph in Directory
                .GetDirectories(Path.Combine(Shared.Goldens, set))
                .Order(StringComparer.Ordinal)
                .SelectMany(RecordedGraph.Of))
        {
            Try($"{set}/{graph.Name}", graph.GraphPath, () =>
            {
                var result = graph.Run(Precision.Single);

                // In float32 TensorFlow itself is as far from the program as its roundings take it.
                if (result.Worst > 1 && graph.Run(Precision.Double) is var wide && result.Worst <= 2 * wide.Worst && wide.Worst < 2)
                {
                    output.WriteLine($"{graph.Name}: {result.Where}; the same graph in float64 {wide.Where}");
                    return (1, "", result.Compared);
                }

                return (result.Worst, result.Where, result.Compared);
            });
        }

        Check(set);
    }

    /// <summary>The same graph in float64: as close to what TensorFlow recorded as float32 is.</summary>
    [Theory]
    [InlineData("tf1")]
    [InlineData("tf2")]
    public void Every_graph_computes_the_same_in_float64(string set)
    {
        var far = new List<string>();
        foreach (
            var graph in Directory
                .GetDirectories(Path.Combine(Shared.Goldens, set))
                .Order(StringComparer.Ordinal)
                .SelectMany(RecordedGraph.Of))
        {
            if (File.ReadAllLines(List).Any(line => line.StartsWith($"{set}/{graph.Name}:", StringComparison.Ordinal)))
            {
                continue;
            }

            var result = graph.Run(Precision.Double);
            if (result.Worst > 1.1)
            {
                far.Add($"{graph.Name} {result.Where}");
            }
        }

        Assert.Empty(far);
    }

    /// <summary>Whole models: convolutions, pools and normalisations around the cells. Inputs that the signature does not order are tried
    /// in both orders.</summary>
    [Fact]
    public void Every_whole_model_predicts_what_was_recorded()
    {
        const string Set = "saved-models";
        foreach (var folder in Directory.GetDirectories(Path.Combine(Shared.Goldens, Set)).Order(StringComparer.Ordinal))
        {
            Try($"{Set}/{Path.GetFileName(folder)}", folder, () =>
                Predict(Path.Combine(folder, "saved_model"), NumberArray.ReadNpz(Path.Combine(folder, "io.npz"))));
        }

        Check(Set);
    }

    private static (double, string, int) Predict(string path, Dictionary<string, NumberArray> recorded)
    {
        using var source = SourceCatalog.Open(path, new SourceOptions());
        var graph = Graph.Open(path);
        var signature = graph.Signatures["serving_default"];
        var program = GraphProgram.Of(graph, source);
        string[] fetches =
        [
            .. signature
                .Outputs.OrderBy(pair => pair.Key.Length)
                .ThenBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => pair.Value),
        ];
        string[] inputs = [.. signature.Inputs.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value)];
        var (best, failure) = ((double.PositiveInfinity, "", fetches.Length), (LstmConvertException?)null);
        foreach (var order in new[] { inputs, inputs.Reverse().ToArray() })
        {
            try
            {
                var result = program.Run(
                    order
                        .Index()
                        .ToDictionary(
                            one => one.Item,
                            one => GraphValue.Numbers(recorded[$"x{one.Index}"].Values, recorded[$"x{one.Index}"].Shape)),
                    fetches,
                    Precision.Single);
                var far = result
                    .Values.Index()
                    .Max(one => RecordedGraph.Distance(recorded[$"y{one.Index}"], one.Item) / RecordedGraph.Limit(one.Item.Type));
                best =
                    far < best.Item1 ? (far, string.Create(CultureInfo.InvariantCulture, $"{far * 1e-6:0.0e+00}"), fetches.Length) : best;
                failure = null;
            }
            catch (LstmConvertException e) when (order.Length > 1)
            {
                failure = e;
            }
        }

        return failure is not null && double.IsInfinity(best.Item1) ? throw failure : best;
    }

    private void Try(string name, string path, Func<(double Worst, string Where, int Compared)> run)
    {
        graphs++;
        try
        {
            var result = run();
            compared += result.Compared;
            worst = result.Worst <= 1 ? Math.Max(worst, result.Worst) : worst;
            if (result.Compared == 0)
            {
                failures.Add($"{name}: no tensor of the graph is named in the recording");
            }
            else if (!(result.Worst <= 1))
            {
                failures.Add($"{name}: DIFFERENT {result.Where}");
            }
        }
        catch (LstmConvertException e)
        {
            failures.Add(
                $"{name}: {e.Message.Replace(Path.GetDirectoryName(path) + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)}");
        }
    }

    private void Check(string set)
    {
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{graphs} graphs, {compared} arrays, worst {worst:0.00} of the limit, {failures.Count} not executed"));
        failures.ForEach(output.WriteLine);
        Assert.DoesNotContain(failures, line => line.Contains(": DIFFERENT", StringComparison.Ordinal));
        var listed = File.ReadAllLines(List);
        if (Environment.GetEnvironmentVariable("LSTMCONVERT_REWRITE") == "1")
        {
            listed = [.. listed.Where(line => !line.StartsWith(set + "/", StringComparison.Ordinal) || failures.Contains(line))];
            File.WriteAllText(List, string.Concat(listed.Select(line => line + "\n")));
        }

        Assert.Equal(
            listed.Where(line => line.StartsWith(set + "/", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            failures.Order(StringComparer.Ordinal));
    }
}
