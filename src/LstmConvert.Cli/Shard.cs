using System.Globalization;

namespace LstmConvert.Cli;

/// <summary>One part of a batch: every N-th entry, beginning with the K-th, so that N runs with K = 1 … N do each entry once.</summary>
/// <param name="Number">K, from 1.</param>
/// <param name="Count">N.</param>
internal readonly record struct Shard(int Number, int Count)
{
    /// <summary>Reads <c>K/N</c>.</summary>
    public static Shard Parse(string text) =>
        text.Split('/') is [var k, var n]
            && int.TryParse(k, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && number >= 1 && number <= count
            ? new Shard(number, count)
            : throw new UsageException($"--shard {text}: write K/N, the K-th of N parts, K from 1 to N, as in --shard 1/4.");

    /// <summary>The entries of this part.</summary>
    public List<T> Of<T>(IReadOnlyList<T> all)
    {
        var (first, step) = (Number - 1, Count);
        return [.. all.Where((_, k) => k % step == first)];
    }
}
