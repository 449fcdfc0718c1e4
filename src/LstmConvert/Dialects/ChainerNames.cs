using System.Globalization;
using System.Text.RegularExpressions;
using LstmConvert.Tensors;

namespace LstmConvert.Dialects;

/// <summary>
/// The names of Chainer's links (chainer v7.8.1 links/rnn): <c>upward/W, lateral/W</c>, <c>W_r/W, U_r/b …</c>, and of its n-step links
/// <c>N/w0 … N/w7</c>,
/// where N counts layers, or layers and directions: the scopes <c>l0, l0_reverse, l1 …</c> The widths tell which: the second layer of a
/// bidirectional link reads both directions of the first.
/// </summary>
internal static partial class ChainerNames
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } =
        new("chainer", "names of Chainer", "chainer v7.8.1 chainer/links/rnn")
        {
            Files = ".npz of save_npz, .h5 of save_hdf5",
            Read = name =>
                Name().Match(name) is { Success: true } match ? new VariableReading(name, null, match.Groups["end"].Value)
                : Step().Match(name) is { Success: true } step
                    ? new VariableReading($"{step.Groups["scope"].Value}nstep/{step.Groups["role"].Value}", null, step.Groups["role"].Value)
                : null,
            PlaceOf = scope =>
                Layer().Match(scope) is { Success: true } match
                    ? new Place(
                        $"{match.Groups["link"].Value} (n-step)",
                        int.Parse(match.Groups["level"].Value, CultureInfo.InvariantCulture),
                        HasLevel: true,
                        match.Groups["reverse"].Success ? true : null,
                        IsStackOfPairs: true,
                        IsNamedByFramework: true)
                    : null,
            Names = Names,
        };

    /// <summary>The numbers of n-step links as levels and directions, where the widths of their matrices tell which is which.</summary>
    private static Dictionary<string, string> Names(IReadOnlyList<TensorInfo> variables)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var steps = variables
            .Select(one => (one.Name, one.Shape, Match: Step().Match(one.Name)))
            .Where(one => one.Match.Groups["number"].Success)
            .ToArray();
        foreach (var link in steps.GroupBy(one => one.Match.Groups["link"].Value))
        {
            var widths = link.Where(one => one.Match.Groups["role"].Value == "w0" && one.Shape.Rank == 2)
                .ToDictionary(
                    one => int.Parse(one.Match.Groups["number"].Value, CultureInfo.InvariantCulture),
                    one => (Units: one.Shape[0], Input: one.Shape[1]));
            if (Directions(widths) is not { } directions)
            {
                continue;
            }

            foreach (var one in link)
            {
                var number = int.Parse(one.Match.Groups["number"].Value, CultureInfo.InvariantCulture);
                names[one.Name] = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{link.Key}l{number / directions}{(number % directions == 1 ? "_reverse" : "")}/nstep/{one.Match.Groups["role"].Value}"
                );
            }
        }

        return names;
    }

    /// <summary>The number of directions: the only one that the widths fit; null where both or none does.</summary>
    private static int? Directions(Dictionary<int, (long Units, long Input)> widths)
    {
        if (
            !widths.TryGetValue(0, out var first)
            || !Enumerable.Range(0, widths.Count).All(widths.ContainsKey)
            || widths.Values.Any(one => one.Units != first.Units))
        {
            return null;
        }

        bool Fits(int directions) =>
            widths.Count % directions == 0
            && widths.All(one => one.Value.Input == (one.Key < directions ? first.Input : directions * first.Units));
        return (Fits(1), Fits(2)) switch
        {
            (true, false) => 1,
            (false, true) => 2,
            _ => null,
        };
    }

    [GeneratedRegex("^(.*/)?(?<end>upward/[Wb]|lateral/W|peep_[iof]/W|[WU](_[rz])?/[Wb])$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();

    [GeneratedRegex(
        "^(?<scope>(?<link>(.*/)?)((?<number>[0-9]{1,5})|l[0-9]{1,5}(_reverse)?)/)(nstep/)?(?<role>[wb][0-7])$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Step();

    [GeneratedRegex("^(?<link>(.*/)?)l(?<level>[0-9]{1,4})(?<reverse>_reverse)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Layer();
}
