using System.Globalization;
using System.Text;
using LstmConvert.Facts;

namespace LstmConvert.Models;

/// <summary>Values as Python writes them.</summary>
internal static class PythonText
{
    /// <summary>A string with what does not print escaped.</summary>
    /// <param name="text">The text.</param>
    public static string Quoted(string text)
    {
        var result = new StringBuilder("\"");
        for (var k = 0; k < text.Length; k++)
        {
            var letter = text[k];
            if (letter is '"' or '\\')
            {
                result.Append('\\').Append(letter);
            }
            else if (char.IsHighSurrogate(letter) && k + 1 < text.Length && char.IsLowSurrogate(text[k + 1]))
            {
                result.Append(letter).Append(text[++k]);
            }
            else if (letter == '\n')
            {
                result.Append("\\n");
            }
            else if (char.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned)
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            }
            else
            {
                result.Append(letter);
            }
        }

        return result.Append('"').ToString();
    }

    /// <summary>A value: <c>None</c>, <c>True</c>, <c>3</c>, <c>-1e9</c>, <c>"tanh"</c>, <c>(3, 2)</c>.</summary>
    /// <param name="value">The value.</param>
    public static string Of(FactValue value) => value.Truth is { } truth ? (truth ? "True" : "False")
        : KerasLayers.Numbers.List(value) is { } numbers ? $"({string.Join(", ", numbers)}{(numbers.Length == 1 ? "," : "")})"
        : value.Text is { } text ? Quoted(text)
        : value.Number is not { } number ? "None"
        : double.IsInteger(number) && Math.Abs(number) < 1e6 ? number.ToString(CultureInfo.InvariantCulture)
        : Math.Abs(number) >= 1e6 ? number.ToString("0.################e0", CultureInfo.InvariantCulture)
        : number.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>One name as it is, several as a list.</summary>
    /// <param name="names">The names.</param>
    public static string List(IReadOnlyList<string> names) => names is [var one] ? one : $"[{string.Join(", ", names)}]";
}
