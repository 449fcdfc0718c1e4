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

    /// <summary>The numbers of an argument at both ends of each axis: <c>[[before, after], …]</c>; a number alone holds for both ends.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="argument">The argument's name.</param>
    /// <param name="rank">The number of axes.</param>
    /// <exception cref="UnsupportedModelException">They are no whole numbers, or not so many.</exception>
    public static (int Before, int After)[] Pairs(KerasUse use, string argument, int rank)
    {
        var value = use[argument];
        if (value.IsJson)
        {
            using var document = JsonDocument.Parse(value.Text!);
            var ends = document.RootElement.EnumerateArray().Select(axis => axis.GetRawText()).ToArray();
            if (ends.Length == rank && ends.All(axis => List(FactValue.OfJson(axis)) is [>= 0, >= 0]))
            {
                return [.. ends.Select(axis => List(FactValue.OfJson(axis))!).Select(pair => (pair[0], pair[1]))];
            }

            // One axis may have its ends without a list around them, two axes those of Keras 1.
            if (List(value) is { } flat && flat.Length == 2 * rank && (rank == 1 || flat.Length == 4) && flat.All(end => end >= 0))
            {
                return [.. flat.Chunk(2).Select(pair => (pair[0], pair[1]))];
            }
        }

        return [.. Of(use, argument, rank).Select(both => (both, both))];
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
