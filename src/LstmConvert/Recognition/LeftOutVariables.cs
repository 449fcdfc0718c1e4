using System.Text.RegularExpressions;

namespace LstmConvert.Recognition;

/// <summary>Variables that belong to training, not to a cell.</summary>
internal static partial class LeftOutVariables
{
    /// <summary>Why a variable is no weight, or null if it may be one.</summary>
    public static string? Reason(string name)
    {
        if (Slot().Match(name) is { Success: true } slot)
        {
            return slot.Groups["slot"].Value.StartsWith("Exp", StringComparison.Ordinal)
                ? "moving average of a weight (ExponentialMovingAverage)"
                : $"optimizer slot ({slot.Groups["slot"].Value})";
        }

        if (ObjectSlot().Match(name) is { Success: true } stored)
        {
            return stored.Groups["metric"].Success ? "metric"
                : stored.Groups["step"].Success ? "training counter"
                : "optimizer slot (object-based checkpoint)";
        }

        return Counter().IsMatch(name) ? "training counter" : null;
    }

    [GeneratedRegex(
        "/(?<slot>(Adam|AdaMax|Momentum|RMSProp|Adagrad|Adadelta|Ftrl|AdamW|Lamb|LAMB)(_[0-9]+)?|ExponentialMovingAverage(_[0-9]+)?)$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Slot();

    [GeneratedRegex(
        "/\\.OPTIMIZER_SLOT/|(^|/)optimizer/_variables/|(?<metric>(^|/)keras_api/metrics/)|(?<step>(^|/)(save_counter|optimizer/(iter|_iterations|beta_1|beta_2|decay|learning_rate|_learning_rate))/\\.ATTRIBUTES/)",
        RegexOptions.ExplicitCapture)]
    private static partial Regex ObjectSlot();

    [GeneratedRegex("(^|/)(global_step|beta1_power|beta2_power|save_counter|local_step)(_[0-9]+)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Counter();
}
