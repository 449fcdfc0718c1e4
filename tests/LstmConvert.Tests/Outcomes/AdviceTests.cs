using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LstmConvert.Tests.Outcomes;

/// <summary>
/// What the command says is to be typed next, typed: the options of a refusal lead on, and the command after <c>Next:</c> says
/// <c>same</c>. What does not is a line of the table, with what was said (LSTMCONVERT_REWRITE=1 writes it again).
/// </summary>
public sealed partial class AdviceTests
{
    private const int MostRounds = 4;

    private static string Table => Path.Combine(Shared.Outcomes, "advice.txt");

    /// <summary>The selection of the repository; LSTMCONVERT_ADVICE=all takes every recorded program (minutes).</summary>
    private static string Goldens =>
        Environment.GetEnvironmentVariable("LSTMCONVERT_ADVICE") == "all" ? Shared.Goldens : Shared.Bundled;

    [Theory]
    [InlineData("tf1")]
    [InlineData("tf-old")]
    [InlineData("tf2")]
    [InlineData("dialects")]
    [InlineData("saved-models")]
    public async Task What_is_said_to_be_typed_works(string set)
    {
        var folders = Directory
            .GetDirectories(Path.Combine(Goldens, set))
            .Where(folder =>
                folder.Contains(Environment.GetEnvironmentVariable("LSTMCONVERT_ADVICE_CASE") ?? "", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToArray();
        var lines = new string[folders.Length][];
        await Parallel.ForEachAsync(Enumerable.Range(0, folders.Length), new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (k, _) =>
            lines[k] = await LinesAsync(set, folders[k]));
        var known = folders.Select(folder => $"{set}/{Path.GetFileName(folder)}/").ToArray();
        var table = File.Exists(Table) ? await File.ReadAllLinesAsync(Table) : [];
        bool IsHere(string line) => known.Any(name => line.StartsWith(name, StringComparison.Ordinal));
        var actual = lines.SelectMany(one => one).ToArray();
        if (Environment.GetEnvironmentVariable("LSTMCONVERT_REWRITE") == "1")
        {
            table =
            [
                .. table.Where(line => !IsHere(line)).Concat(actual).Order(StringComparer.Ordinal),
            ];
            await File.WriteAllTextAsync(Table, string.Concat(table.Select(line => line + "\n")));
        }

        Assert.Equal(
            table.Where(IsHere).Order(StringComparer.Ordinal),
            actual.Order(StringComparer.Ordinal));
    }

    private static async Task<string[]> LinesAsync(string set, string folder)
    {
        var golden = new GoldenCase(folder);
        var lines = new List<string>();
        var scratch = Directory.CreateTempSubdirectory("lstmconvert-advice-").FullName;
        try
        {
            foreach (var source in new[] { golden.Own, golden.Variables }.OfType<string>().Distinct())
            {
                foreach (var isStrict in new[] { false, true })
                {
                    if (await LineAsync(source, isStrict, scratch) is { } problem)
                    {
                        lines.Add(
                            $"{set}/{Path.GetRelativePath(Path.GetDirectoryName(folder)!, source)}{(isStrict ? " --strict" : "")} | "
                                + problem
                                    .ReplaceLineEndings(" ")
                                    .Replace(folder, golden.Name, StringComparison.Ordinal)
                                    .Replace(scratch, "out", StringComparison.Ordinal));
                    }
                }
            }
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }

        return [.. lines];
    }

    /// <summary>What does not work of what is said, or null.</summary>
    private static async Task<string?> LineAsync(string source, bool isStrict, string scratch)
    {
        string[] arguments = ["tf2keras", source, "-o", Path.Combine(scratch, "o.h5"), "--force", .. isStrict ? ["--strict"] : Array.Empty<string>()];
        var said = new StringBuilder();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var round = 0; ; round++)
        {
            var answer = await Product.RunAsync(arguments);
            if (answer.Code == 0)
            {
                return isStrict ? null : await NextAsync(answer);
            }

            var refusal = string.Join(
                ' ',
                answer
                    .Error.Split('\n')
                    .Where(line => line.StartsWith("lstmconvert: ", StringComparison.Ordinal) && !line.Contains("warning:", StringComparison.Ordinal)));
            var options = Options(refusal);
            said.Append(CultureInfo.InvariantCulture, $"{(round == 0 ? "" : "; then ")}{answer.Code}: {refusal}");
            if (options.Length == 0)
            {
                return round == 0 ? null : said.ToString();
            }

            // What only the user knows stands as a word in capitals.
            if (options.Any(option => option is "N" or "VALUE" or "NAME" || option.EndsWith("=N", StringComparison.Ordinal)
                || option.EndsWith("=NAME", StringComparison.Ordinal) || option.EndsWith("=VALUE", StringComparison.Ordinal)
                || option.EndsWith("=CELL", StringComparison.Ordinal)))
            {
                return null;
            }

            if (round == MostRounds || !seen.Add(string.Join(' ', options)))
            {
                return said.ToString();
            }

            arguments = [.. arguments, .. options];
        }
    }

    private static async Task<string?> NextAsync(Product answer)
    {
        foreach (var next in answer.Output.Split('\n').Where(line => line.StartsWith("Next: ", StringComparison.Ordinal)))
        {
            var verified = await Product.RunAsync(Words(next)[2..]);
            if (verified.Code != 0)
            {
                var verdict = verified.Output.IndexOf("Verdict:", StringComparison.Ordinal);
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"Next: {verified.Code}: {(verdict < 0 ? verified.Error : verified.Output[verdict..]).Trim()}");
            }
        }

        return null;
    }

    /// <summary>The options of a sentence as a shell splits them; of alternatives the first.</summary>
    private static string[] Options(string sentence)
    {
        var (options, end) = (new List<string>(), -1);
        foreach (Match match in Option().Matches(sentence))
        {
            if (end < 0 || sentence[end..match.Index].Trim() is not "or")
            {
                options.AddRange(Words(match.Value.TrimEnd('.', ',', ';', ':')));
            }

            end = match.Index + match.Length;
        }

        return [.. options];
    }

    private static string[] Words(string line) =>
        [.. Word().Matches(line).Select(match => Quoted().Replace(match.Value, quoted => quoted.Groups["in"].Value).Replace("\\'", "'", StringComparison.Ordinal))];

    [GeneratedRegex("(?<=[ (])--(?:only-recurrent|no-crc|force|strict|(?:[a-z-]+ (?:'[^']*'|[^\\s'])+))", RegexOptions.ExplicitCapture)]
    private static partial Regex Option();

    [GeneratedRegex("(?:'[^']*'|\\\\'|[^\\s'])+", RegexOptions.ExplicitCapture)]
    private static partial Regex Word();

    [GeneratedRegex("'(?<in>[^']*)'", RegexOptions.ExplicitCapture)]
    private static partial Regex Quoted();
}
