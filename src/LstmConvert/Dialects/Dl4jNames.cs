using System.Text.RegularExpressions;

namespace LstmConvert.Dialects;

/// <summary>The names of Deeplearning4j's LSTM (<c>paramTable()</c>): <c>W, RW, b</c>, which are other programs' too: only where it is
/// named.</summary>
internal static partial class Dl4jNames
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } =
        new("dl4j", "names of Deeplearning4j", "deeplearning4j LSTMParamInitializer, community.konduit.ai topic 124")
        {
            Files = ".npz of paramTable()",
            Read = name =>
                Name().Match(name) is { Success: true } match
                    ? new VariableReading($"{match.Groups["scope"].Value}dl4j/{match.Groups["end"].Value}", null, match.Groups["end"].Value)
                    : null,
            IsNamedOnly = true,
            Guess = variables =>
                variables.FirstOrDefault(one => Name().Match(one.Name) is { Success: true } match && match.Groups["end"].Value == "RW")
                    is { } recurrent
                && recurrent.Shape is { Rank: 2 } shape
                && shape[1] == 4 * shape[0]
                    ? $"{recurrent} beside W and b"
                    : null,
        };

    [GeneratedRegex("^(?<scope>.*[/_.])?(?<end>W|RW|b)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
