using System.Text;

namespace LstmConvert.Tests.Architecture;

/// <summary>C# source taken apart into its code and its string literals; comments are dropped.</summary>
internal sealed class SourceText
{
    private readonly string text;
    private readonly StringBuilder code = new();
    private readonly List<string> literals = [];
    private int at;

    private SourceText(string text)
    {
        this.text = text;
        ReadCode(inHole: false);
    }

    /// <summary>The source without comments and without what stands in literals.</summary>
    public string Code => code.ToString();

    /// <summary>The text of each literal, escapes as written; of an interpolated one what stands outside its holes.</summary>
    public IReadOnlyList<string> Literals => literals;

    public static SourceText Read(string text) => new(text);

    private char Next(int offset = 0) => at + offset < text.Length ? text[at + offset] : '\0';

    /// <summary>Reads code up to the end, or to the bracket that closes an interpolation's hole.</summary>
    private void ReadCode(bool inHole)
    {
        var depth = 0;
        while (at < text.Length)
        {
            var c = Next();
            if (inHole && c == '}' && depth-- == 0)
            {
                return;
            }

            depth += inHole && c == '{' ? 1 : 0;
            var prefix = 0;
            while (Next(prefix) is '$' or '@')
            {
                prefix++;
            }

            if (c == '/' && Next(1) == '/')
            {
                Skip("\n");
            }
            else if (c == '/' && Next(1) == '*')
            {
                at += 2;
                Skip("*/");
                at += 2;
            }
            else if (c == '\'')
            {
                at += Next(1) == '\\' ? 3 : 2;
                Skip("'");
                at++;
            }
            else if (Next(prefix) == '"')
            {
                ReadLiteral(prefix);
            }
            else
            {
                code.Append(c);
                at++;
            }
        }
    }

    private void Skip(string end)
    {
        var found = text.IndexOf(end, Math.Min(at, text.Length), StringComparison.Ordinal);
        at = found < 0 ? text.Length : found;
    }

    /// <summary>Reads a plain, verbatim, raw or interpolated literal.</summary>
    private void ReadLiteral(int prefix)
    {
        var (dollars, isVerbatim) = (text.AsSpan(at, prefix).Count('$'), text.AsSpan(at, prefix).Contains('@'));
        at += prefix;
        var quotes = 0;
        while (Next(quotes) == '"')
        {
            quotes++;
        }

        var isRaw = quotes >= 3;
        at += isRaw ? quotes : 1;
        var end = new string('"', isRaw ? quotes : 1);
        var literal = new StringBuilder();
        while (at < text.Length)
        {
            if (isVerbatim && Next() == '"' && Next(1) == '"')
            {
                at += 2;
            }
            else if (string.CompareOrdinal(text, at, end, 0, end.Length) == 0)
            {
                at += end.Length;
                break;
            }
            else if (dollars > 0 && Next() == '{' && !isRaw && Next(1) == '{')
            {
                at += 2;
            }
            else if (dollars > 0 && Next() == '{' && string.CompareOrdinal(text, at, new string('{', dollars), 0, dollars) == 0)
            {
                at += isRaw ? dollars : 1;
                ReadCode(inHole: true);
                at += isRaw ? dollars : 1;
                literal.Append('\u2026');
            }
            else
            {
                var escaped = !isRaw && !isVerbatim && Next() == '\\' ? 2 : 1;
                literal.Append(text, at, Math.Min(escaped, text.Length - at));
                at += escaped;
            }
        }

        literals.Add(literal.ToString());
    }
}
