using System.Text.Json;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Arguments that are numbers along several axes.</summary>
internal static class Numbers
{
    /// <summary>The numbers of an argument, one for each axis; one number alone holds for all.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="argument">The argument's name.</param>
    /// <param name="rank">The number of axes.</param>
    /// <exception cref="UnsupportedModelException">They are no whole numbers, or not so many.</exception>
    public static int[] Of(KerasUse use, string argument, int rank)
    {
        var value = use[argument];
        int[]? numbers =
            value.Number is { } one && double.IsInteger(one) && Math.Abs(one) <= int.MaxValue
                ? [.. Enumerable.Repeat((int)one, rank)]
                : List(value);
        return numbers is not null && numbers.Length == rank
            ? numbers
            : throw new UnsupportedModelException($"{use.ClassName} has {argument}={value}, and {rank} whole numbers are needed there.");
    }

    /// <summary>The numbers of a list; null if it is none.</summary>
    /// <param name="value">The value.</param>
    public static int[]? List(FactValue value)
    {
        if (!value.IsJson)
        {
            return null;
        }

        using var document = JsonDocument.Parse(value.Text!);
        return
            document.RootElement.ValueKind == JsonValueKind.Array
            && document.RootElement.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out _))
            ? [.. document.RootElement.EnumerateArray().Select(item => item.GetInt32())]
            : null;
    }
}
