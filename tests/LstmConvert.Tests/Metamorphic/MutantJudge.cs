using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf;
using LstmConvert.Arrays;
using LstmConvert.Conversion;
using LstmConvert.Equations;
using LstmConvert.Formats;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Reading;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Recognition;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Metamorphic;

/// <summary>What became of a mutant.</summary>
internal enum Fate
{
    /// <summary>The graph cannot be executed: it is no program.</summary>
    Invalid,

    /// <summary>The conversion was refused.</summary>
    Refused,

    /// <summary>The Keras model computes a value of the graph from the graph's input.</summary>
    Right,

    /// <summary>It computes a value of the graph from another one.</summary>
    Around,

    /// <summary>What it computes is nowhere in the graph, and the answer says that something else is computed before it.</summary>
    Said,

    /// <summary>What it computes is nowhere in the graph, and nothing says so.</summary>
    Wrong,

    /// <summary>Something was thrown that is none of our exceptions.</summary>
    Crashed,
}

/// <summary>What became of a mutant, and the words for it.</summary>
internal sealed record MutantVerdict(Fate Fate, string Text, bool IsStrict);

/// <summary>
/// Holds a conversion of a graph against the graph itself: every value that the graph computes outside its loops is computed by execution,
/// and every output of the Keras model, with the weights that were
/// read from the file, has to be one of them. Nothing of recognition or matching has a part in that.
/// </summary>
/// <param name="label">What the names of kept graphs begin with.</param>
internal sealed class MutantJudge(string label) : IDisposable
{
    private const double Limit = 2e-5;

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private int number;

    /// <summary>A folder that keeps the graphs that were converted wrongly, or null.</summary>
    private static string? Keep => Environment.GetEnvironmentVariable("LSTMCONVERT_MUTANT_KEEP");

    /// <summary>True if not every value has to be computed: those of a mutant have to be where those of its program are.</summary>
    public bool AllowsParts { get; set; } = true;

    /// <summary>The variables of a graph that has none as constants, or null.</summary>
    public string? Variables { get; set; }

    /// <summary>A real Keras that runs the printed code too, or null.</summary>
    public KerasPython? Keras { get; init; }

    /// <summary>True if some values of the last graph could not be computed.</summary>
    public bool WasPartial { get; private set; }

    /// <summary>A path for a file of the caller's.</summary>
    public string Scratch(string name) => Path.Combine(folder, name);

    /// <summary>The values of a graph, or null where it cannot be executed.</summary>
    private (string Tensor, double[] Values, int[] Shape)[]? Truth(
        Graph graph,
        IReadOnlyDictionary<string, GraphValue> feeds,
        string x,
        bool isWhole)
    {
        WasPartial = false;
        using var stored = Variables is null ? null : SourceCatalog.Open([Variables], new SourceOptions());
        var program = stored is null ? new GraphProgram(graph, _ => null) : GraphProgram.Of(graph, stored);
        if (Ends(graph.Definition).Any(end => Crosses(program, feeds, end)))
        {
            return null;
        }

        var fetches = Outside(graph.Definition, MutantGraph.NameOf(x));
        IReadOnlyList<GraphValue> values;
        try
        {
            values = program.Run(feeds, fetches, Precision.Double).Values;
        }
        catch (LstmConvertException) when (isWhole)
        {
            return null;
        }
        catch (LstmConvertException)
        {
            WasPartial = true;
            var found = new List<GraphValue>();
            var kept = new List<string>();
            foreach (var fetch in fetches.Take(400))
            {
                try
                {
                    found.Add(program.Run(feeds, [fetch], Precision.Double).Values[0]);
                    kept.Add(fetch);
                }
                catch (LstmConvertException)
                {
                    // This value cannot be computed; another may.
                }
            }

            (values, fetches) = (found, kept);
        }

        var all = fetches
            .Zip(values)
            .Where(one => one.Second.IsFloat && one.Second.Rank is 2 or 3)
            .Select(one => (one.First, one.Second.ToDoubles(), one.Second.Shape))
            .ToArray();
        return all.Length == 0 ? null : all;
    }

    /// <summary>True where on the way to an end a value crosses from a loop into what lies around it: TensorFlow loads no such graph.</summary>
    private static bool Crosses(GraphProgram program, IReadOnlyDictionary<string, GraphValue> feeds, string end)
    {
        try
        {
            program.Run(feeds, [end], Precision.Double);
            return false;
        }
        catch (LstmConvertException e)
        {
            return e.Message.Contains("inputs of two loops", StringComparison.Ordinal);
        }
    }

    /// <summary>The nodes that nothing reads.</summary>
    private static IEnumerable<string> Ends(GraphDef graph)
    {
        var read = graph.Node.SelectMany(node => node.Input).Select(MutantGraph.NameOf).ToHashSet(StringComparer.Ordinal);
        return graph.Node.Select(node => node.Name).Where(name => !read.Contains(name)).Take(100);
    }

    /// <summary>Converts and compares.</summary>
    public MutantVerdict Judge(GraphDef definition, IReadOnlyDictionary<string, GraphValue> feeds, string x, int[] shape, bool isWhole)
    {
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"mutant{number++}.pb"));
        File.WriteAllBytes(path, definition.ToByteArray());
        try
        {
            var graph = Graph.Open(path);
            var truth = Truth(graph, feeds, x, isWhole: !AllowsParts);
            if (truth is null)
            {
                return new(Fate.Invalid, "", IsStrict: false);
            }

            var verdict = Convert(path, truth, x, shape, isWhole, isStrict: true) is { Fate: not Fate.Refused } strict
                ? strict : Convert(path, truth, x, shape, isWhole, isStrict: false);
            if (Keep is { } keep && verdict.Fate is Fate.Wrong or Fate.Crashed)
            {
                File.Copy(path, Path.Combine(keep, label + Path.GetFileName(path)), overwrite: true);
                verdict = verdict with { Text = $"{verdict.Text} [{label}{Path.GetFileName(path)}]" };
            }

            return verdict;
        }
        catch (LstmConvertException e)
        {
            return new(Fate.Invalid, e.Message, IsStrict: false);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private MutantVerdict Convert(
        string path,
        IReadOnlyList<(string Tensor, double[] Values, int[] Shape)> truth,
        string x,
        int[] shape,
        bool isWhole,
        bool isStrict)
    {
        var target = Path.Combine(folder, "mutant.h5");
        try
        {
            using var source = RecurrentSource.Open(
                [Variables ?? path],
                new SourceOptions(),
                new RecognitionOptions { IsStrict = isStrict, Graph = Variables is null ? null : path });
            var plan = source.Plan(new ConversionOptions { IsWhole = isWhole });
            plan.Write(target, new WriteOptions { Overwrite = true }, CancellationToken.None);
            printed = plan.KerasCode("mutant.h5");
            var verdict = Compare(Load(plan.Keras, target), truth, x, shape, plan.Notes) with { IsStrict = isStrict };
            var said = source
                .Model.Layers.SelectMany(layer => layer.Surroundings)
                .Where(sentence => IsSaid(sentence, truth))
                .Concat(source.Model.Warnings)
                .ToArray();
            if (
                verdict.Fate == Fate.Wrong
                && source.Model.Layers.SelectMany(layer => layer.Surroundings).Any(one => one.StartsWith(Readers, StringComparison.Ordinal))
                && Compare(Load(plan.Keras, target), truth, x, shape, plan.Notes, isTurned: true).Fate is Fate.Right or Fate.Around)
            {
                return verdict with { Fate = Fate.Said, Text = $"{verdict.Text} (what reads it reads it from its last step to its first)" };
            }

            return verdict.Fate == Fate.Wrong && said.Length > 0
                ? verdict with
                {
                    Fate = Fate.Said,
                    Text = $"{verdict.Text} ({string.Join("; ", said)})",
                }
                : verdict;
        }
        catch (LstmConvertException e)
        {
            return new(Fate.Refused, $"{e.GetType().Name}: {e.Message.Replace(path, "mutant", StringComparison.Ordinal)}", isStrict);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new(Fate.Crashed, e.ToString(), isStrict);
        }
        finally
        {
            foreach (var file in Directory.GetFiles(folder, "*.h5").Concat(Directory.GetFiles(folder, "*.py")))
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>
    /// True for a sentence that says that more than the layer is computed: of its readers only those that lie within a loop, whose values
    /// are not seen from outside.
    /// </summary>
    private static bool IsSaid(string sentence, IReadOnlyList<(string Tensor, double[] Values, int[] Shape)> truth) =>
        !sentence.StartsWith("beside it", StringComparison.Ordinal)
        && (
            !sentence.StartsWith(Readers, StringComparison.Ordinal)
            || sentence[Readers.Length..]
                .Split(", ")
                .Any(name => name.Contains("/while/", StringComparison.Ordinal) && !truth.Any(one => one.Tensor == name)));

    private const string Readers = "its outputs go into ";

    /// <summary>A model with the weights of a file.</summary>
    private static Model Load(Model model, string path)
    {
        using var file = KerasFile.Open(path);
        return StoredWeights.Loaded(
            model.With(layer =>
                file.Layers.FirstOrDefault(stored => stored.Name == layer.Name) is { } found
                    ? StoredWeights.Attach(layer.Callee, layer.Name, found.Weights, path)
                    : layer.Callee),
            path);
    }

    /// <summary>How what real Keras computes with the printed code differs from what the walker computes, or null.</summary>
    private string? Printed(IReadOnlyList<Value> fed, IReadOnlyList<Value> outputs)
    {
        if (Keras is null)
        {
            return null;
        }

        var inputs = fed.Select(value => new NumberArray([.. value.Data.Dimensions], value.Data.ToDoubles()));
        var answer = Keras
            .AskAsync(
                new JsonObject
                {
                    ["code"] = printed,
                    ["folder"] = folder,
                    ["samples"] = new JsonArray(
                        new JsonObject { ["x"] = new JsonArray([.. inputs.Select(one => (JsonNode)one.ToJson())]) }),
                })
            .GetAwaiter()
            .GetResult();
        if (!answer["ok"]!.GetValue<bool>())
        {
            return $"{answer["error"]}";
        }

        if (outputs.Any(output => output.Data.ToDoubles().Any(value => !(Math.Abs(value) < LargestCompared))))
        {
            return null;
        }

        var computed = answer["samples"]![0]!["outputs"]!.AsArray().Select(one => NumberArray.FromJson(one!)).ToArray();
        if (computed.Length != outputs.Count)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{computed.Length} outputs where {outputs.Count} are right");
        }

        var worst = computed.Zip(outputs).Max(pair =>
            pair.First.Shape.SequenceEqual(pair.Second.Data.Dimensions.ToArray())
                ? Distance(pair.First.Values, pair.Second.Data.ToDoubles())
                : double.PositiveInfinity);
        return worst < 2e-4 ? null : string.Create(CultureInfo.InvariantCulture, $"by {worst:g3}");
    }

    /// <summary>Above this float32 says nothing: an exponential in a loop grows out of it.</summary>
    private const double LargestCompared = 1e4;

    private string printed = "";

    private MutantVerdict Compare(
        Model model,
        IReadOnlyList<(string Tensor, double[] Values, int[] Shape)> truth,
        string x,
        int[] shape,
        IReadOnlyList<string> notes,
        bool isTurned = false)
    {
        var (b, t) = (shape[0], shape[1]);
        var input = truth.First(value => value.Tensor == MutantGraph.NameOf(x));
        var sequences = truth
            .Where(value => value.Shape.Length == 3)
            .SelectMany(value =>
                new[]
                {
                    (value.Tensor, Value: value.Values, value.Shape),
                    (value.Tensor, Value: Turned(value.Values, value.Shape), Shape: [value.Shape[1], value.Shape[0], value.Shape[2]]),
                })
            .Where(value => value.Shape[0] == b && value.Shape[1] == t)
            .OrderBy(value => value.Tensor == input.Tensor ? 0 : 1)
            .ToArray();
        sequences = isTurned ? [.. sequences, .. sequences.Select(one => (one.Tensor, Backwards(one.Value, one.Shape), one.Shape))] : sequences;
        var choices = model
            .Inputs.Select(one =>
                sequences
                    .Where(value => value.Shape[2] == one.Width)
                    .DistinctBy(value => string.Join(' ', value.Value.Take(4)))
                    .Take(model.Inputs.Count == 1 ? 12 : 5)
                    .ToArray())
            .ToArray();
        if (Array.Exists(choices, choice => choice.Length == 0))
        {
            return new(Fate.Around, "an input of the model is nowhere outside of loops", false);
        }

        var (best, text) = (double.PositiveInfinity, "");
        for (var number = 0; number < Math.Min(60, choices.Aggregate(1L, (product, choice) => product * choice.Length)); number++)
        {
            var (rest, fed) = (number, new Dictionary<string, Value>(StringComparer.Ordinal));
            foreach (var (one, choice) in model.Inputs.Zip(choices))
            {
                fed[one.Name] = new Value(NumericArray.From(choice[rest % choice.Length].Value, Precision.Double, b, t, one.Width!.Value));
                rest /= choice.Length;
            }

            var outputs = ModelWalker.Run(model, fed, Precision.Double);
            var distances = outputs.Select(output => Nearest(output.Data, sequences, truth)).ToArray();
            var worst = distances.Max(one => one.Distance);
            if (worst < Limit)
            {
                if (Printed([.. model.Inputs.Select(one => fed[one.Name])], outputs) is { } problem)
                {
                    return new(Fate.Wrong, $"the printed code: {problem}", false);
                }

                return new(
                    number == 0 ? Fate.Right : Fate.Around,
                    string.Join(", ", distances.Select(one => one.Tensor)) + (notes.Count > 0 ? $" [{string.Join("; ", notes)}]" : ""),
                    false);
            }

            if (worst < best)
            {
                (best, text) = (
                    worst,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"by {worst:g3}: {string.Join(", ", model.Calls.Select(call => call.Callee.ClassName))}"));
            }
        }

        return new(Fate.Wrong, text, false);
    }

    /// <summary>A sequence (b, t, w) from its last step to its first.</summary>
    private static double[] Backwards(double[] values, int[] shape)
    {
        var (steps, width) = (shape[1], shape[2]);
        return [.. values.Select((_, k) => values[((k / (steps * width)) * steps * width) + ((steps - 1 - (k / width % steps)) * width) + (k % width)])];
    }

    /// <summary>The value that an output is nearest to: as it is, or step by step, or in halves that lie beside each other.</summary>
    private static (string Tensor, double Distance) Nearest(
        NumericArray output,
        (string Tensor, double[] Value, int[] Shape)[] sequences,
        IReadOnlyList<(string Tensor, double[] Values, int[] Shape)> truth)
    {
        var (values, shape) = (output.ToDoubles(), output.Dimensions.ToArray());
        var candidates = (
            shape.Length == 3
                ? sequences.Select(one => (one.Tensor, one.Value, one.Shape))
                : truth.Select(one => (one.Tensor, Value: one.Values, one.Shape)))
            .Where(one => one.Shape.Length == shape.Length)
            .ToArray();
        var best = candidates
            .Where(one => one.Shape.SequenceEqual(shape))
            .Select(one => (one.Tensor, Distance: Distance(values, one.Value)))
            .Append((Tensor: "nothing", Distance: double.PositiveInfinity))
            .MinBy(one => one.Distance);
        if (best.Distance < Limit || shape.Length < 2)
        {
            return best;
        }

        if (shape.Length == 3)
        {
            // A program that puts its steps together nowhere has them as single values.
            var steps = Enumerable
                .Range(0, shape[1])
                .Select(step => Step(values, shape, step))
                .Select(step =>
                    truth
                        .Where(one => one.Shape is [var rows, var width] && rows == shape[0] && width == shape[2])
                        .Select(one => Distance(step, one.Values))
                        .DefaultIfEmpty(double.PositiveInfinity)
                        .Min())
                .ToArray();
            if (steps[^1] < Limit)
            {
                return ("steps", steps[^1]);
            }

            best = steps[^1] < best.Distance ? ("steps", steps[^1]) : best;
        }

        if (shape[^1] % 2 == 0 && best.Distance >= Limit)
        {
            int[] half = [.. shape[..^1], shape[^1] / 2];
            var worst = Enumerable
                .Range(0, 2)
                .Max(side =>
                    Nearest(NumericArray.From(Columns(values, shape[^1], side), Precision.Double, half), sequences, truth).Distance);
            best = worst < best.Distance ? ("halves", worst) : best;
        }

        return best;
    }

    private static double[] Step(double[] values, int[] shape, int step) =>
        [.. Enumerable.Range(0, shape[0]).SelectMany(row => values.AsSpan(((row * shape[1]) + step) * shape[2], shape[2]).ToArray())];

    private static double[] Columns(double[] values, int width, int half) =>
        [
            .. Enumerable
                .Range(0, values.Length / width)
                .SelectMany(row => values.AsSpan((row * width) + (half * width / 2), width / 2).ToArray()),
        ];

    private static double Distance(double[] left, double[] right)
    {
        var worst = 0.0;
        for (var k = 0; k < left.Length; k++)
        {
            var difference = Math.Abs(left[k] - right[k]) / Math.Max(1, Math.Abs(right[k]));
            worst = double.IsNaN(difference)
                ? (double.IsNaN(left[k]) && double.IsNaN(right[k])) || left[k] == right[k]
                    ? worst
                    : double.PositiveInfinity
                : Math.Max(worst, difference);
        }

        return worst;
    }

    private static double[] Turned(double[] values, int[] shape)
    {
        var turned = new double[values.Length];
        for (var k = 0; k < values.Length; k++)
        {
            var (row, step) = (k / shape[2] / shape[1], k / shape[2] % shape[1]);
            turned[(((step * shape[0]) + row) * shape[2]) + (k % shape[2])] = values[k];
        }

        return turned;
    }

    /// <summary>The outputs that are computed from a placeholder and lie in no loop.</summary>
    private static IReadOnlyList<string> Outside(GraphDef graph, string x)
    {
        var users = graph
            .Node.SelectMany(node =>
                node.Input.Where(input => !input.StartsWith('^')).Select(input => (From: MutantGraph.NameOf(input), To: node)))
            .ToLookup(edge => edge.From, edge => edge.To, StringComparer.Ordinal);
        HashSet<string> Reached(IEnumerable<NodeDef> start, Func<NodeDef, bool> stops)
        {
            var (seen, todo) = (new HashSet<string>(StringComparer.Ordinal), new Queue<NodeDef>(start));
            while (todo.TryDequeue(out var node))
            {
                if (seen.Add(node.Name) && !stops(node))
                {
                    foreach (var user in users[node.Name])
                    {
                        todo.Enqueue(user);
                    }
                }
            }

            return seen;
        }

        var inside = Reached(graph.Node.Where(node => node.Op == "Enter"), node => node.Op == "Exit");
        inside.ExceptWith(graph.Node.Where(node => node.Op == "Exit").Select(node => node.Name));
        var from = Reached(graph.Node.Where(node => node.Name == x), _ => false);
        var read = graph
            .Node.SelectMany(node => node.Input)
            .Where(input => !input.StartsWith('^') && input.Contains(':', StringComparison.Ordinal))
            .Distinct()
            .ToLookup(MutantGraph.NameOf, StringComparer.Ordinal);
        return
        [
            x,
            .. graph
                .Node.Where(node =>
                    node.Name != x
                    && from.Contains(node.Name)
                    && !inside.Contains(node.Name)
                    && (MutantGraph.IsFloat(node) || node.Op is "Exit" or "While" or "StatelessWhile" or "BlockLSTM"))
                .SelectMany(node =>
                    node.Op == "Exit" ? [node.Name]
                    : new[] { node.Name }.Concat(read[node.Name]).Concat(node.Op == "BlockLSTM" ? [$"{node.Name}:6"] : []).Distinct())
                .Take(1500),
        ];
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
