using System.Globalization;

namespace LstmConvert.KerasFiles;

/// <summary>The Keras that wrote a file, as far as it decides what a name in it means.</summary>
/// <param name="Major">1, 2 or 3.</param>
/// <param name="RepeatsMasked">True if its Bidirectional repeats the last output at masked steps: Keras up to 2.3, without
/// tf.keras.</param>
internal sealed record KerasGeneration(int Major, bool RepeatsMasked)
{
    /// <summary>What a file means that names no version: Keras 1 wrote none.</summary>
    public static KerasGeneration Oldest { get; } = new(1, RepeatsMasked: true);

    /// <summary>What our own configurations are written in: they say what depends on a version.</summary>
    public static KerasGeneration Ours { get; } = new(2, RepeatsMasked: false) { IsOurs = true };

    /// <summary>True for our own configurations.</summary>
    public bool IsOurs { get; init; }

    /// <summary>What TensorFlow.js means: the names of Keras 2.</summary>
    public static KerasGeneration Browser { get; } = new(2, RepeatsMasked: true);

    /// <summary>Reads a version: <c>2.2.4</c>, <c>2.2.4-tf</c>, <c>3.15.1</c>.</summary>
    /// <param name="version">The version, or null.</param>
    public static KerasGeneration Of(string? version)
    {
        var numbers = (version ?? "").Split('-')[0].Split('.');
        if (!int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major))
        {
            return Oldest;
        }

        var minor = numbers.Length > 1 && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : 0;
        var isOld = major < 2 || (major == 2 && minor < 4 && !version!.EndsWith("-tf", StringComparison.Ordinal));
        return new KerasGeneration(Math.Clamp(major, 1, 3), isOld);
    }
}
