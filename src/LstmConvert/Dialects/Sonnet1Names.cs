using System.Text.RegularExpressions;

namespace LstmConvert.Dialects;

/// <summary>The names of Sonnet 1's cores: <c>w_gates, b_gates, w_h_projection</c>; <c>wz, uz, bz …</c>; <c>in_to_hidden/w …</c>;
/// <c>conv/w, conv_1/w …</c> of its cores over images; <c>wt, wh, wt0, bt0 …</c> of its highways.</summary>
internal static partial class Sonnet1Names
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } =
        new("sonnet1", "names of Sonnet 1", "deepmind/sonnet v1.36 sonnet/python/modules/gated_rnn.py, basic_rnn.py")
        {
            Read = name =>
                Name().Match(name) is { Success: true } match ? new VariableReading(name, null, match.Groups["end"].Value) : null,
        };

    [GeneratedRegex(
        "(^|/)(?<end>w_gates|b_gates|w_h_projection|[wub][zrh]|in_to_hidden/[wb]|hidden_to_hidden/b|"
            + "wt|[wb][th][0-9]{1,2}|"
            + "(?<=(^|/)conv_[123]d_lstm[^/]*/)conv(_1)?/[wb])$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
