using System.Text.RegularExpressions;

namespace LstmConvert.Dialects;

/// <summary>The names of Haiku's cores where they keep their own: <c>lstm/linear/w</c>, <c>vanilla_rnn/linear_1/b</c>; those of its gru are
/// like Sonnet 2's.</summary>
internal static partial class HaikuNames
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } = new("haiku", "names of Haiku", "deepmind/dm-haiku haiku/_src/recurrent.py")
    {
        Files = ".npz of its parameters, module/name as keys",
        Read = name => Name().Match(name) is { Success: true } match ? new VariableReading(name, null, match.Groups["end"].Value) : null,
    };

    [GeneratedRegex("(^|/)(lstm|vanilla_rnn)(_[0-9]+)?/(?<end>linear(_1)?/[wb])$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
