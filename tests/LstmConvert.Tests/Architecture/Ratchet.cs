using System.Globalization;

namespace LstmConvert.Tests.Architecture;

/// <summary>A list of what is not yet as it should be, which may only shrink: a new line fails, and so does one that is no longer needed.
/// LSTMCONVERT_REWRITE=1 takes lines away, never adds one.</summary>
internal static class Ratchet
{
    public static void Check(string name, IEnumerable<string> found)
    {
        var path = Path.Combine(Repository.Folder, "tests", "LstmConvert.Tests", "Architecture", name);
        var actual = found.Distinct().Order(StringComparer.Ordinal).ToArray();
        var listed = File.ReadAllLines(path).Where(line => line.Length > 0).ToArray();
        if (Environment.GetEnvironmentVariable("LSTMCONVERT_REWRITE") == "1")
        {
            listed = [.. listed.Intersect(actual, StringComparer.Ordinal)];
            File.WriteAllText(path, string.Concat(listed.Select(line => line + "\n")));
        }

        Compare(name, listed, actual);
    }

    /// <summary>The same of numbers by file: no file has more than its line says, and a rewrite (after files moved) is done only where all
    /// together have no more.</summary>
    public static void CheckCounts(string name, IEnumerable<(string Item, int Count)> found)
    {
        var path = Path.Combine(Repository.Folder, "tests", "LstmConvert.Tests", "Architecture", name);
        var counts = found.OrderBy(item => item.Item, StringComparer.Ordinal).ToArray();
        var actual = counts.Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Item}: {item.Count}")).ToArray();
        var listed = File.ReadAllLines(path).Where(line => line.Length > 0).ToArray();
        if (
            Environment.GetEnvironmentVariable("LSTMCONVERT_REWRITE") == "1"
            && counts.Sum(item => item.Count) <= listed.Sum(line => int.Parse(line.Split(": ")[1], CultureInfo.InvariantCulture)))
        {
            listed = actual;
            File.WriteAllText(path, string.Concat(listed.Select(line => line + "\n")));
        }

        Compare(name, listed, actual);
    }

    private static void Compare(string name, string[] listed, string[] actual)
    {
        var (added, gone) = (actual.Except(listed).Select(line => $"+ {line}"), listed.Except(actual).Select(line => $"- {line}"));
        Assert.True(
            !added.Any() && !gone.Any(),
            $"{name}: '+' is new and must not be, '-' is no longer needed and has to go (LSTMCONVERT_REWRITE=1 takes it out):\n{string.Join("\n", gone.Concat(added))}"
        );
    }
}
