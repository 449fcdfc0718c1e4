using System.Text;

namespace LstmConvert.Tests.Outcomes;

/// <summary>
/// Every recorded program through the command line, its printed code through real Keras: one line a case, held against the committed table,
/// so that a diff shows
/// what a change gained and nothing slides back unseen. Without a Python that has keras the rest of each line is held.
/// LSTMCONVERT_REWRITE=1 writes the tables again.
/// </summary>
public sealed class OutcomeTests(ITestOutputHelper output)
{
    private const string UnderStrict = "; strict 0";

    [Theory]
    [InlineData("tf1")]
    [InlineData("tf-old")]
    [InlineData("tf2")]
    [InlineData("dialects")]
    [InlineData("saved-models")]
    public async Task Every_program_comes_out_as_the_table_says(string set)
    {
        var lines = await ComputeAsync(Directory.GetDirectories(Path.Combine(Shared.Goldens, set)));
        if (Environment.GetEnvironmentVariable("LSTMCONVERT_REWRITE") == "1")
        {
            Assert.DoesNotContain(lines, line => line.Contains(": converted;", StringComparison.Ordinal));
            await File.WriteAllTextAsync(Path.Combine(Shared.Outcomes, set + ".txt"), string.Join("\n", lines) + "\n");
        }

        Check(await File.ReadAllLinesAsync(Path.Combine(Shared.Outcomes, set + ".txt")), lines);
    }

    [Fact]
    public async Task Every_bundled_program_comes_out_as_the_table_says()
    {
        foreach (var set in Directory.GetDirectories(Shared.Bundled))
        {
            var lines = await ComputeAsync(Directory.GetDirectories(set));
            var names = lines.Select(Name).ToHashSet(StringComparer.Ordinal);
            Check(
                [
                    .. (await File.ReadAllLinesAsync(Path.Combine(Shared.Outcomes, Path.GetFileName(set) + ".txt"))).Where(line =>
                        names.Contains(Name(line))),
                ],
                lines);
        }
    }

    [Fact]
    public async Task What_converts_under_strict_is_right()
    {
        var wrong = new List<string>();
        foreach (
            var table in Directory
                .GetFiles(Shared.Outcomes, "*.txt")
                .Where(path => Path.GetFileName(path) != "wrong-under-strict.txt")
                .Order(StringComparer.Ordinal))
        {
            wrong.AddRange(
                (await File.ReadAllLinesAsync(table)).SelectMany(line =>
                    line.Split(" | ")
                        .Skip(1)
                        .Where(half =>
                            half.Contains(": different", StringComparison.Ordinal) && half.Contains(UnderStrict, StringComparison.Ordinal))
                        .Select(half => $"{Path.GetFileNameWithoutExtension(table)}/{Name(line)} {half.Split(':')[0]}")));
        }

        var list = Path.Combine(Shared.Outcomes, "wrong-under-strict.txt");
        if (Environment.GetEnvironmentVariable("LSTMCONVERT_REWRITE") == "1")
        {
            var before = File.Exists(list) ? await File.ReadAllLinesAsync(list) : [.. wrong];
            await File.WriteAllTextAsync(list, string.Concat(wrong.Intersect(before).Select(line => line + "\n")));
        }

        Assert.Equal(await File.ReadAllLinesAsync(list), wrong);
    }

    private static string Name(string line) => line.Split(" | ")[0];

    private static async Task<string[]> ComputeAsync(string[] folders)
    {
        // PyTorch computes the convolutions of some.
        using var withTorch = KerasPython.Open(KerasPython.Torch);
        using var keras = withTorch is null ? null : KerasPython.Open();
        var lines = new string[folders.Length];
        await Parallel.ForEachAsync(Enumerable.Range(0, folders.Length), new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (k, _) =>
            lines[k] = await Outcome.LineAsync(new GoldenCase(folders[k]), keras));
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    private void Check(string[] expected, string[] actual)
    {
        if (actual.Any(line => line.Contains(": converted;", StringComparison.Ordinal)))
        {
            output.WriteLine("No Python has keras and PyTorch (LSTMCONVERT_KERAS_PYTHON names one): what the printed code computes was not looked at.");
            expected = [.. expected.Select(Outcome.WithoutKeras)];
        }

        output.WriteLine(
            string.Join(
                "; ",
                actual
                    .SelectMany(line => line.Split(" | ").Skip(1).Select(half => half.Split(' ')[0] + " " + half.Split(' ')[1]))
                    .GroupBy(word => word)
                    .OrderBy(group => group.Key, StringComparer.Ordinal)
                    .Select(group => FormattableString.Invariant($"{group.Key} {group.Count()}"))));
        var diff = new StringBuilder();
        foreach (var name in expected.Concat(actual).Select(Name).Distinct().Order(StringComparer.Ordinal))
        {
            var (before, after) = (expected.FirstOrDefault(line => Name(line) == name), actual.FirstOrDefault(line => Name(line) == name));
            if (before != after)
            {
                diff.Append(before is null ? "" : $"- {before}\n").Append(after is null ? "" : $"+ {after}\n");
            }
        }

        Assert.True(diff.Length == 0, $"The outcomes are not those of the table (LSTMCONVERT_REWRITE=1 writes it again):\n{diff}");
    }
}
