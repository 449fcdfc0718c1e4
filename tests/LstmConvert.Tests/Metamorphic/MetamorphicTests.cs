using System.Globalization;
using System.Text.Json;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Reading;
using LstmConvert.TensorFlow;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Metamorphic;

/// <summary>
/// Recorded programs, changed the way another program would differ: what converts must compute what the changed graph computes.
/// <c>LSTMCONVERT_MUTANTS</c> says how many mutants of each program are made,
/// <c>LSTMCONVERT_MUTANT_SEED</c> the seed, <c>LSTMCONVERT_MUTANT_CASE</c> a part of the name of the programs,
/// <c>LSTMCONVERT_MUTANT_LOG</c> a file that takes a line for each.
/// </summary>
public sealed class MetamorphicTests
{
    [Theory]
    [InlineData("tf1", false)]
    [InlineData("tf-old", false)]
    [InlineData("tf2", false)]
    [InlineData("dialects", false)]
    [InlineData("tf1", true)]
    public void A_changed_program_converts_to_what_it_computes_or_not_at_all(string set, bool isWhole)
    {
        var count = Shared.Setting("LSTMCONVERT_MUTANTS", 1);
        var seed = Shared.Setting("LSTMCONVERT_MUTANT_SEED", 1);
        var part = Environment.GetEnvironmentVariable("LSTMCONVERT_MUTANT_CASE") ?? "";
        var log = Environment.GetEnvironmentVariable("LSTMCONVERT_MUTANT_LOG");
        var wrong = new List<string>();
        using var judge = new MutantJudge(isWhole ? $"{set}-whole-" : $"{set}-");
        foreach (
            var folder in Directory
                .GetDirectories(Path.Combine(Shared.Goldens, set))
                .Order(StringComparer.Ordinal)
                .Where(folder => folder.Contains(part, StringComparison.Ordinal)))
        {
            foreach (var graph in Directory.GetFiles(folder, "frozen*.pb").Order(StringComparer.Ordinal))
            {
                foreach (var line in Program(judge, folder, graph, count, seed, isWhole))
                {
                    if (log is not null)
                    {
                        File.AppendAllText(log, line + "\n");
                    }

                    if (line.StartsWith("Wrong strict", StringComparison.Ordinal) || line.StartsWith("Crashed", StringComparison.Ordinal))
                    {
                        wrong.Add(line);
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>
    /// The same of programs whose variables lie beside them: every one under other names, with what training leaves beside them, the
    /// printed code in real Keras. A program that converts otherwise under other names is a line <c>Lost</c> of the log.
    /// </summary>
    [Theory]
    [InlineData("tf1")]
    [InlineData("tf-old")]
    [InlineData("tf2")]
    [InlineData("dialects")]
    public void A_changed_program_beside_its_variables_converts_to_what_it_computes_or_not_at_all(string set)
    {
        var seed = Shared.Setting("LSTMCONVERT_MUTANT_SEED", 1);
        var part = Environment.GetEnvironmentVariable("LSTMCONVERT_MUTANT_CASE") ?? "";
        var log = Environment.GetEnvironmentVariable("LSTMCONVERT_MUTANT_LOG");
        var wrong = new List<string>();
        using var keras = KerasPython.Open();
        using var judge = new MutantJudge($"{set}-meta-") { Keras = keras };
        foreach (
            var folder in Directory
                .GetDirectories(Path.Combine(Shared.Goldens, set))
                .Order(StringComparer.Ordinal)
                .Where(folder => folder.Contains(part, StringComparison.Ordinal)
                    && File.Exists(Path.Combine(folder, "model.ckpt.meta"))
                    && File.Exists(Path.Combine(folder, "variables.npz"))))
        {
            foreach (
                var line in Program(
                    judge, folder, Path.Combine(folder, "model.ckpt.meta"), Shared.Setting("LSTMCONVERT_MUTANTS", 1), seed, isWhole: false))
            {
                if (log is not null)
                {
                    File.AppendAllText(log, line + "\n");
                }

                if (line.StartsWith("Wrong strict", StringComparison.Ordinal) || line.StartsWith("Crashed", StringComparison.Ordinal))
                {
                    wrong.Add(line);
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static IEnumerable<string> Program(MutantJudge judge, string folder, string path, int count, int seed, bool isWhole)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
        var root = document.RootElement;
        var key = Path.GetFileName(path) switch
        {
            "frozen-v2.pb" => "nodes_frozen_v2",
            "frozen-v2-lowered.pb" => "nodes_frozen_v2_lowered",
            _ => "nodes",
        };
        if (
            !(root.TryGetProperty(key, out var nodes) || root.TryGetProperty("nodes", out nodes))
            || nodes.ValueKind != JsonValueKind.Object
            || !nodes.TryGetProperty("x", out var named)
            || named.ValueKind != JsonValueKind.String
            || root.GetProperty("dtype").GetString() is not "float32")
        {
            yield break;
        }

        var recorded = NumberArray.ReadNpz(Path.Combine(folder, "io.npz"));
        var definition = Graph.Open(path).Definition;
        if (
            !recorded.TryGetValue("a_x", out var x)
            || x.Rank != 3
            || MutantGraph.NameOf(named.GetString()!) is not { } input
            || !definition.Node.Any(node => node.Name == input && node.Op.StartsWith("Placeholder", StringComparison.Ordinal)))
        {
            yield break;
        }

        var isTimeMajor = root.TryGetProperty("time_major", out var major) && major.ValueKind == JsonValueKind.True;
        var name = $"{Path.GetFileName(folder)}/{Path.GetFileName(path)}{(isWhole ? " whole" : "")}";
        var isPartial = false;
        var isBeside = path.EndsWith(".meta", StringComparison.Ordinal);
        var variables = Path.Combine(folder, "variables.npz");
        var parts = new GoldenCase(folder)
            .Layers.Select(layer => GoldenCase.Text(layer, "scope"))
            .OfType<string>()
            .SelectMany(scope => scope.Split('/'))
            .ToHashSet(StringComparer.Ordinal);
        var plain = Fate.Invalid;
        var isPlainStrict = false;
        for (var k = isBeside ? -2 : -1; k < count; k++)
        {
            var random = new Random(HashOf(name, seed, k));
            var (mutant, text) = (definition.Clone(), "as it is");
            Func<string, string> rename = one => one;
            judge.Variables = isBeside ? variables : null;
            if (isBeside && k >= -1)
            {
                judge.Variables = judge.Scratch("variables.npz");
                var names = RenamedProgram.Rename(mutant, variables, judge.Variables, parts, random);
                (text, rename) = (names.Text, names.Rename);
            }

            if (k >= 0)
            {
                var (change, further) = Mutate(mutant, random);
                if (change.Length == 0)
                {
                    continue;
                }

                var first = rename;
                (text, rename) = (isBeside ? $"{text} AND {change}" : change, one => further(first(one)));
            }

            var feeds = Feeds(recorded, nodes, definition, isTimeMajor, random, rename);
            judge.AllowsParts = k < 0 || isPartial;
            var verdict = judge.Judge(mutant, feeds, rename(input), x.Shape, isWhole);
            isPartial = k < 0 ? judge.WasPartial : isPartial;
            (plain, isPlainStrict) = k == -2 ? (verdict.Fate, verdict.IsStrict) : (plain, isPlainStrict);
            if (isBeside && k == -1 && (verdict.Fate != plain || verdict.IsStrict != isPlainStrict))
            {
                yield return $"Lost | {name} | {plain} {(isPlainStrict ? "strict" : "open")} became {verdict.Fate} {(verdict.IsStrict ? "strict" : "open")} | {text} | {verdict.Text.ReplaceLineEndings(" ")}";
            }

            if (k < 0 && verdict.Fate is Fate.Wrong or Fate.Invalid)
            {
                // A program of one step, or one whose input is another than it was recorded with: what it computes cannot be compared here.
                yield return $"Skipped | {name} | {verdict.Text}";
                yield break;
            }

            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{verdict.Fate} {(verdict.IsStrict ? "strict" : "open")} | {name} #{k} | {text} | {verdict.Text.ReplaceLineEndings(" ")}");
        }
    }

    private static int HashOf(string name, int seed, int k)
    {
        var hash = 17;
        foreach (var letter in string.Create(CultureInfo.InvariantCulture, $"{name} {seed} {k}"))
        {
            hash = unchecked((hash * 31) + letter);
        }

        return hash;
    }

    /// <summary>One change, sometimes two.</summary>
    private static (string Text, Func<string, string> Rename) Mutate(GraphDef mutant, Random random)
    {
        Func<string, string> rename = one => one;
        Mutation.Names = change => rename = change;
        var texts = new List<string>();
        for (var (k, wanted) = (0, random.Next(4) == 0 ? 2 : 1); k < 12 && texts.Count < wanted; k++)
        {
            var lists = MutantGraph.Of(mutant);
            var mutation = Mutation.All[random.Next(Mutation.All.Count)];
            if (mutation.Name == "rename" && texts.Count > 0)
            {
                continue;
            }

            if (mutation.Apply(lists[random.Next(4) == 0 ? 0 : random.Next(lists.Count)], random) is { } text)
            {
                texts.Add($"{mutation.Name}: {text}");
            }
        }

        return (string.Join(" AND ", texts), rename);
    }

    /// <summary>What the program is fed: its input drawn anew, everything else as it was recorded, states and lengths as the program begins
    /// by itself.</summary>
    private static Dictionary<string, GraphValue> Feeds(
        Dictionary<string, NumberArray> recorded,
        JsonElement nodes,
        GraphDef graph,
        bool isTimeMajor,
        Random random,
        Func<string, string> rename)
    {
        var feeds = new Dictionary<string, GraphValue>(StringComparer.Ordinal);
        foreach (var node in nodes.EnumerateObject().Where(node => node.Value.ValueKind == JsonValueKind.String))
        {
            if (
                (
                    recorded.GetValueOrDefault("a_" + node.Name)
                    ?? (node.Name.StartsWith("init_", StringComparison.Ordinal) ? recorded.GetValueOrDefault("b_" + node.Name) : null))
                is not { } array)
            {
                continue;
            }

            var isOwn = recorded.ContainsKey("a_" + node.Name);
            var tensor = MutantGraph.NameOf(node.Value.GetString()!);
            if (graph.Node.FirstOrDefault(one => one.Name == tensor) is not { Op: "Placeholder" } and not { Op: "PlaceholderWithDefault" })
            {
                continue;
            }

            var values =
                node.Name == "x" ? [.. array.Values.Select(_ => Normal(random) * 1.5)]
                : isOwn ? array.Values
                : new double[array.Values.Length];
            var value = GraphValue.Numbers(values, array.Shape);
            feeds[rename(tensor)] = isTimeMajor && array.Rank > 2 ? Turned(value) : value;
        }

        return feeds;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static GraphValue Turned(GraphValue value)
    {
        var (shape, values, turned) = (value.Shape, value.ToDoubles(), new double[value.Count]);
        for (var k = 0; k < values.Length; k++)
        {
            var (row, step) = (k / shape[2] / shape[1], k / shape[2] % shape[1]);
            turned[(((step * shape[0]) + row) * shape[2]) + (k % shape[2])] = values[k];
        }

        return GraphValue.Numbers(turned, shape[1], shape[0], shape[2]);
    }
}
