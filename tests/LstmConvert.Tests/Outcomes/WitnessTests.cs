using System.Text;
using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.Recognition;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Outcomes;

/// <summary>
/// Every recorded program that has a graph and converts: whether its own graph, executed, computes what the cells compute, or why it was
/// not run; and the verdict without the graph and with it. A line that says <c>different</c>, or is the same without its graph and not with
/// it, is a fact that recognition has wrong. LSTMCONVERT_REWRITE=1 writes the table again; a line can only get better.
/// </summary>
public sealed class WitnessTests(ITestOutputHelper output)
{
    private const string Heading = "# program: verdict without its graph, verdict with it: what the graph says";

    private static string Table => Path.Combine(Shared.Outcomes, "witness.txt");

    [Theory]
    [InlineData("tf1")]
    [InlineData("tf-old")]
    [InlineData("tf2")]
    [InlineData("dialects")]
    [InlineData("saved-models")]
    public void Every_graph_testifies_as_the_table_says(string set)
    {
        var folders = Directory.GetDirectories(Path.Combine(Shared.Goldens, set)).Order(StringComparer.Ordinal).ToArray();
        string[] lines = [.. folders.AsParallel().AsOrdered().WithDegreeOfParallelism(2).SelectMany(folder => Lines(set, folder))];
        var table = File.Exists(Table) ? File.ReadAllLines(Table)[1..] : [];
        var before = table.ToDictionary(line => line.Split(": ")[0], StringComparer.Ordinal);
        string[] worse =
        [
            .. lines
                .Where(line => before.TryGetValue(line.Split(": ")[0], out var old) && Rank(line) < Rank(old))
                .Select(line => $"- {before[line.Split(": ")[0]]}\n+ {line}"),
        ];
        Assert.True(
            worse.Length == 0,
            $"A graph that bore a layer out does so no more, which the table never takes back:\n{string.Join('\n', worse)}");
        Assert.DoesNotContain(lines, line => Rank(line) == 0);
        if (Environment.GetEnvironmentVariable("LSTMCONVERT_REWRITE") == "1")
        {
            table =
            [
                .. table.Where(line => !line.StartsWith(set + "/", StringComparison.Ordinal)).Concat(lines).Order(StringComparer.Ordinal),
            ];
            File.WriteAllText(Table, string.Concat(table.Prepend(Heading).Select(line => line + "\n")));
        }

        output.WriteLine(
            string.Join(
                ", ",
                lines
                    .GroupBy(line => Testimony(line).Split(" (")[0])
                    .Select(group => FormattableString.Invariant($"{group.Key} {group.Count()}"))));
        var diff = new StringBuilder();
        foreach (var line in table.Where(line => line.StartsWith(set + "/", StringComparison.Ordinal)).Except(lines))
        {
            diff.Append("- ").AppendLine(line);
        }

        foreach (var line in lines.Except(table))
        {
            diff.Append("+ ").AppendLine(line);
        }

        Assert.True(diff.Length == 0, $"The graphs do not testify as the table says (LSTMCONVERT_REWRITE=1 writes it again):\n{diff}");
    }

    /// <summary>How much a line says: a contradiction, nothing, single steps, whole sequences.</summary>
    private static int Rank(string line) =>
        Testimony(line).StartsWith("different", StringComparison.Ordinal)
        || line.Split(": ")[1] is not ("same, same" or "inconclusive, inconclusive" or "refused, refused")
            ? 0
        : Testimony(line).StartsWith("confirmed step by step", StringComparison.Ordinal) ? 2
        : Testimony(line).StartsWith("confirmed", StringComparison.Ordinal) ? 3
        : 1;

    private static string Testimony(string line) => string.Join(": ", line.Split(": ").Skip(2));

    private static IEnumerable<string> Lines(string set, string folder)
    {
        var golden = new GoldenCase(folder);
        foreach (var path in new[] { golden.Own }.Concat(Directory.GetFiles(folder, "*.pb").Order(StringComparer.Ordinal)).Distinct())
        {
            if (Line(path) is { } line)
            {
                yield return $"{set}/{golden.Name}/{Path.GetFileName(path)}: {line.Replace(folder + "/", "", StringComparison.Ordinal)}";
            }
        }
    }

    /// <summary>The source, converted; null where it does not convert: the table of outcomes says why.</summary>
    private static RecurrentSource? Converted(string path, string file)
    {
        RecurrentSource? source = null;
        try
        {
            source = RecurrentSource.Open([path], new SourceOptions(), new RecognitionOptions());
            source.Plan().Write(file);
            return source;
        }
        catch (LstmConvertException)
        {
            source?.Dispose();
            return null;
        }
    }

    private static string? Line(string path)
    {
        var target = Directory.CreateTempSubdirectory("lstmconvert-witness-");
        try
        {
            var file = Path.Combine(target.FullName, "out.h5");
            using var source = Converted(path, file);
            if (source?.Graph is null)
            {
                return null;
            }

            var without = Verifier.Run(source, file, new VerificationOptions { AsksGraph = false });
            var report = Verifier.Run(source, file, new VerificationOptions());
            return $"{Word(without)}, {Word(report)}: {Testimony(report)}";
        }
        catch (LstmConvertException e) when (e is UnreadableInputException or UnsupportedModelException or UsageException)
        {
            return $"refused, refused: {e.Message}";
        }
        finally
        {
            target.Delete(recursive: true);
        }
    }

    private static string Word(VerificationReport report) => report.Verdict.ToString().ToLowerInvariant();

    private static string Testimony(VerificationReport report) =>
        report.Graph is not { } graph ? "not run (no layer was found in the graph)"
        : graph.Refuted is { } refuted
            ? $"different ({report.Reasons.First(reason => reason.StartsWith(refuted.Layer.Scope, StringComparison.Ordinal))})"
        : graph.IsConfirmed ? "confirmed"
        : graph.IsConfirmedByStep ? "confirmed step by step"
        : graph.IsRandom && graph.Layers.Any(layer => !layer.IsConfirmed) ? "not run (random numbers)"
        : $"not run ({string.Join("; ", graph.Reasons)})";
}
