using System.Globalization;
using System.Text;

namespace LstmConvert.Cli;

/// <summary>Words as a shell takes them, and texts as they are printed.</summary>
internal static class Quote
{
    /// <summary>A word, quoted where a shell would read it otherwise; control characters as bash and zsh take them.</summary>
    public static string Shell(string word, bool always = false) =>
        word.Any(IsUnprintable)
            ? $"$'{Printed(word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal))}'"
        : always
        || word.Length == 0
        || word.Any(c => char.IsWhiteSpace(c) || "'\"$*?&;()<>|[]{}!#~`\\".Contains(c, StringComparison.Ordinal))
            ? $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"
            : word;

    /// <summary>A text on one line, with what a terminal would obey (escape sequences, changes of direction) escaped.</summary>
    public static string Printed(string text)
    {
        if (!text.Any(IsUnprintable))
        {
            return text;
        }

        var printed = new StringBuilder();
        foreach (var c in text)
        {
            _ =
                !IsUnprintable(c) ? printed.Append(c)
                : c <= 0xff ? printed.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}")
                : printed.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }

        return printed.ToString();
    }

    private static bool IsUnprintable(char c) =>
        char.GetUnicodeCategory(c)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;
}
