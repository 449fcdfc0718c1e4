using System.Globalization;
using System.Text;

namespace LstmConvert.Tests.Verification;

/// <summary>What became of what was planted, by kind. LSTMCONVERT_PLANTED is how many are planted, LSTMCONVERT_PLANTED_SEED the seed,
/// LSTMCONVERT_PLANTED_REPORT a file for the table.</summary>
/// <typeparam name="TOutcome">What may become of it, numbered from 0.</typeparam>
/// <param name="width">The width of the column of kinds.</param>
internal sealed class PlantedTally<TOutcome>(int width)
    where TOutcome : struct, Enum
{
    private static readonly TOutcome[] Outcomes = Enum.GetValues<TOutcome>();

    private readonly SortedDictionary<string, int[]> counts = new(StringComparer.Ordinal);

    public void Add(string kind, TOutcome outcome)
    {
        counts.TryAdd(kind, new int[Outcomes.Length]);
        counts[kind][Array.IndexOf(Outcomes, outcome)]++;
    }

    /// <summary>How many came out so.</summary>
    public int Of(params TOutcome[] outcomes) =>
        counts.Values.Sum(one => outcomes.Sum(outcome => one[Array.IndexOf(Outcomes, outcome)]));

    /// <summary>Writes the table and what is said beside it.</summary>
    public string Write(ITestOutputHelper output, IEnumerable<string> remarks)
    {
        var table = Table();
        output.WriteLine(table);
        foreach (var remark in remarks)
        {
            output.WriteLine(remark);
        }

        if (Environment.GetEnvironmentVariable("LSTMCONVERT_PLANTED_REPORT") is { Length: > 0 } report)
        {
            File.WriteAllText(report, table);
        }

        return table;
    }

    private string Table()
    {
        var text = new StringBuilder();
        Line(text, "planted", Outcomes.Select(outcome => $"{outcome}".ToLowerInvariant()));
        foreach (var (kind, own) in counts.Append(KeyValuePair.Create("all", Outcomes.Select(outcome => Of(outcome)).ToArray())))
        {
            Line(text, kind, own.Select(count => count.ToString(CultureInfo.InvariantCulture)));
        }

        return text.ToString();
    }

    private void Line(StringBuilder text, string kind, IEnumerable<string> cells) =>
        text.Append(kind.PadRight(width))
            .AppendJoin("", cells.Zip(Outcomes, (cell, outcome) => " " + cell.PadLeft(Math.Max(6, $"{outcome}".Length + 1))))
            .Append('\n');
}
