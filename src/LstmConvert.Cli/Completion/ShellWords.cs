using System.Text;

namespace LstmConvert.Cli.Completion;

/// <summary>The words of a line as a shell reads them, and a word as a shell wants it.</summary>
internal static class ShellWords
{
    /// <summary>The words of a line up to a place; the last is being typed, and empty where the place is behind a space.</summary>
    /// <param name="line">The line, the program's name included.</param>
    /// <param name="point">The place of the cursor, in characters; behind the line's end there is a space.</param>
    /// <param name="escape">The shell's escape: a backslash, PowerShell's backtick.</param>
    public static List<string> Split(string line, int point, char escape = '\\')
    {
        var typed = point <= line.Length ? line[..Math.Max(0, point)] : line + " ";
        var (words, word, quote, isOpen) = (new List<string>(), new StringBuilder(), '\0', false);
        for (var k = 0; k < typed.Length; k++)
        {
            var c = typed[k];
            if (c == escape && quote != '\'' && k + 1 < typed.Length)
            {
                word.Append(typed[++k]);
                isOpen = true;
            }
            else if (quote != '\0')
            {
                _ = c == quote ? quote = '\0' : word.Append(c).Length;
            }
            else if (c is '\'' or '"')
            {
                (quote, isOpen) = (c, true);
            }
            else if (c is ' ' or '\t' or '\n')
            {
                if (isOpen)
                {
                    words.Add(word.ToString());
                    word.Clear();
                    isOpen = false;
                }
            }
            else
            {
                word.Append(c);
                isOpen = true;
            }
        }

        words.Add(word.ToString());
        return words;
    }

    /// <summary>A word with a backslash before what bash would read.</summary>
    public static string Escaped(string word)
    {
        var text = new StringBuilder();
        foreach (var c in word)
        {
            text.Append(" \t\n'\"$*?&;()<>|[]{}!#~`\\".Contains(c, StringComparison.Ordinal) ? "\\" : "").Append(c);
        }

        return text.ToString();
    }
}
