namespace LstmConvert.Files;

/// <summary>Names that are near one that is not there: a letter wrong, two exchanged, another case, the end or the beginning of a longer
/// one.</summary>
public static class NearNames
{
    private const int MaximumNamed = 3;

    /// <summary>The most names of a list.</summary>
    private const int MaximumListed = 60;

    /// <summary>The longest name that is compared letter by letter.</summary>
    private const int MaximumLength = 200;

    /// <summary>The most names that are compared.</summary>
    private const int MaximumKnown = 20_000;

    /// <summary>The names that are near, the nearest first; at most three.</summary>
    /// <param name="typed">The name that is not there.</param>
    /// <param name="known">Those that are.</param>
    public static IReadOnlyList<string> Of(string typed, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(typed);
        if (typed.Length is 0 or > MaximumLength)
        {
            return [];
        }

        var near = known
            .Distinct(StringComparer.Ordinal)
            .Take(MaximumKnown)
            .Where(name => name.Length is > 0 and <= MaximumLength && name != typed)
            .Select(name => (Name: name, Distance: Distance(typed, name)))
            .Where(one => one.Distance <= Allowed(typed))
            .OrderBy(one => one.Distance)
            .ToArray();
        return [.. near.Where(one => one.Distance <= near[0].Distance + 1).Take(MaximumNamed).Select(one => one.Name)];
    }

    /// <summary>A sentence behind another one, with a space before it; empty where nothing is near.</summary>
    /// <param name="typed">The name that is not there.</param>
    /// <param name="known">Those that are.</param>
    public static string Sentence(string typed, IEnumerable<string> known) =>
        Of(typed, known) is { Count: > 0 } near ? $" Did you mean {List(near)}?" : "";

    /// <summary>The near names, else all that are known, as a sentence.</summary>
    /// <param name="typed">The name that is not there.</param>
    /// <param name="known">Those that are.</param>
    /// <param name="what">What they are, as the beginning of the sentence: <c>Known are</c>.</param>
    public static string SentenceOrAll(string typed, IReadOnlyList<string> known, string what) =>
        Sentence(typed, known) is { Length: > 0 } near
            ? near
            : $" {what} {string.Join(", ", known.Take(MaximumListed))}{(known.Count > MaximumListed ? ", …" : "")}.";

    /// <summary>Names in a sentence: <c>a</c>, <c>a or b</c>, <c>a, b or c</c>.</summary>
    /// <param name="names">The names.</param>
    public static string List(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return names.Count <= 1 ? string.Concat(names) : $"{string.Join(", ", names.Take(names.Count - 1))} or {names[^1]}";
    }

    private static int Allowed(string typed) => Math.Max(1, Math.Min(4, typed.TrimStart('-').Length / 3));

    /// <summary>How many letters are wrong, left out, too many or exchanged; nothing for the case, little for a part of a name.</summary>
    private static int Distance(string typed, string name)
    {
        var (a, b) = (typed.ToUpperInvariant(), name.ToUpperInvariant());
        if (a == b)
        {
            return 0;
        }

        var bare = a.TrimStart('-');
        if (
            bare.Length >= 3
            && (
                b.TrimStart('-').StartsWith(bare, StringComparison.Ordinal)
                || b.EndsWith("/" + bare, StringComparison.Ordinal)
                || b.EndsWith("-" + bare, StringComparison.Ordinal)))
        {
            return 1;
        }

        // A scope without its beginning is compared with as many of the last parts.
        var parts = b.Split('/');
        var count = a.Count(c => c == '/') + 1;
        return Math.Min(
            Letters(a, b, Allowed(typed)),
            parts.Length > count ? Letters(a, string.Join('/', parts[^count..]), Allowed(typed)) + 1 : int.MaxValue);
    }

    private static int Letters(string a, string b, int allowed)
    {
        if (Math.Abs(a.Length - b.Length) > allowed)
        {
            return MaximumLength;
        }

        // The optimal string alignment: three rows of the table are held.
        var (above2, above, row) = (new int[b.Length + 1], Enumerable.Range(0, b.Length + 1).ToArray(), new int[b.Length + 1]);
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], above2[j - 2] + 1);
                }
            }

            (above2, above, row) = (above, row, above2);
        }

        return above[b.Length];
    }
}
