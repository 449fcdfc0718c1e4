using System.Text.RegularExpressions;

namespace LstmConvert.Dialects;

/// <summary>
/// The names of RETURNN's native units: <c>LAYER/rec/W, LAYER/rec/W_re, LAYER/rec/b</c>. Layers are called <c>lstm0_fw</c> and
/// <c>lstm0_bw</c> in its own
/// examples, which the user may change.
/// </summary>
internal static partial class ReturnnNames
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } =
        new("returnn", "names of RETURNN's native units", "rwth-i6/returnn@b46ff5f returnn/tf/network.py:4786")
        {
            Read = name =>
                Name().Match(name) is { Success: true } match
                    ? new VariableReading(
                        $"{match.Groups["scope"].Value}/native/{match.Groups["end"].Value}",
                        null,
                        match.Groups["end"].Value)
                    : null,
            PlaceOf = scope =>
                Layer().Match(scope) is { Success: true } match
                    ? new Place(
                        $"{match.Groups["name"].Value} (rec)",
                        int.Parse(match.Groups["level"].Value, System.Globalization.CultureInfo.InvariantCulture),
                        HasLevel: true,
                        match.Groups["bw"].Success,
                        IsStackOfPairs: true,
                        IsNamedByFramework: false)
                    : null,
        };

    [GeneratedRegex("^(?<scope>(.*/)?rec)/(?<end>W|W_re|b)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();

    [GeneratedRegex("^(?<name>.*?)(?<level>[0-9]{1,4})_(fw|(?<bw>bw))/rec$", RegexOptions.ExplicitCapture)]
    private static partial Regex Layer();
}
