using System.Text.RegularExpressions;

namespace LstmConvert.Dialects;

/// <summary>The names of OpenAI baselines' and stable-baselines' lstm: <c>wx, wh, b</c>, with layer normalisation <c>gx, bx …</c>; with
/// <c>:0</c> behind them in stable-baselines' archives.</summary>
internal static partial class BaselinesNames
{
    /// <summary>The definition for the catalog.</summary>
    public static Dialect Definition { get; } =
        new(
            "baselines",
            "names of OpenAI baselines",
            "openai/baselines baselines/a2c/utils.py, hill-a/stable-baselines stable_baselines/common/tf_layers.py")
        {
            Files = ".zip of model.save of stable-baselines 2",
            Read = name =>
                Name().Match(name) is { Success: true } match
                    ? new VariableReading(match.Groups["whole"].Value, null, match.Groups["end"].Value)
                    : null,
        };

    [GeneratedRegex("^(?<whole>(.*/)?(?<end>wx|wh|[gb][xhc]))(:0)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
