using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Windows of the features that a cell walks over within a step.</summary>
/// <param name="Size">The number of features of a window.</param>
/// <param name="Skip">How many features further the next one begins.</param>
/// <param name="Count">How many there are.</param>
/// <param name="First">Where the first one begins.</param>
internal sealed record FrequencyWindows(int Size, int Skip, int Count, int First = 0)
{
    /// <summary>The features of a window.</summary>
    public static ArgumentDefinition SizeArgument { get; } = new("feature_size", FactValue.None);

    /// <summary>The features from one window to the next.</summary>
    public static ArgumentDefinition SkipArgument { get; } = new("frequency_skip", FactValue.None);

    /// <summary>The number of windows.</summary>
    public static ArgumentDefinition CountArgument { get; } = new("num_windows", FactValue.None);

    /// <summary>The first feature of each window.</summary>
    public IReadOnlyList<int> Starts => [.. Enumerable.Range(0, Count).Select(window => First + (window * Skip))];

    /// <summary>The arguments of a layer.</summary>
    public IEnumerable<KeyValuePair<string, FactValue>> Arguments =>
        [
            new(SizeArgument.Name, FactValue.Of(Size)),
            new(SkipArgument.Name, FactValue.Of(Skip)),
            new(CountArgument.Name, FactValue.Of(Count)),
        ];

    /// <summary>Those of a layer.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="first">Where the first one begins.</param>
    public static FrequencyWindows Of(KerasUse use, int first = 0) =>
        new(use.Count(SizeArgument.Name), use.Count(SkipArgument.Name), use.Count(CountArgument.Name), first);
}
