using System.Text;

namespace LstmConvert.Cli.Help;

/// <summary>Lays a page out as a man page, in the macros of man(7).</summary>
internal static class ManPage
{
    /// <summary>The name of a page's file: <c>lstmconvert-verify.1</c>.</summary>
    public static string FileName(HelpPage page) => page.Name.Replace(' ', '-') + ".1";

    /// <summary>The page as text.</summary>
    /// <param name="page">The page.</param>
    /// <param name="others">The names of the other pages.</param>
    public static string Of(HelpPage page, IEnumerable<string> others)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        void Items(IEnumerable<HelpItem> items)
        {
            foreach (var item in items)
            {
                Line(".TP");
                Line($".B {Escaped(item.Term)}");
                Line(Text(item.Text));
            }
        }

        var name = page.Name.Replace(' ', '-');
        Line($".TH \"{name.ToUpperInvariant()}\" 1 \"\" \"lstmconvert {Escaped(ToolVersion.Current)}\" \"User Commands\"");
        Line(".SH NAME");
        Line($"{Escaped(name)} \\- {Escaped(FirstSentence(page.Summary))}");
        Line(".SH SYNOPSIS");
        Line($".B {Escaped(page.Name)}");
        Line(Text(page.Usage[page.Name.Length..].Trim()));
        Line(".SH DESCRIPTION");
        Line(Text(page.Summary));
        if (page.Examples.Count > 0)
        {
            Line(".SH EXAMPLES");
            foreach (var example in page.Examples)
            {
                Line(".TP");
                Line($".B {Escaped(example.Line)}");
                Line(Text(example.Does));
            }
        }

        foreach (var section in page.Sections)
        {
            Line($".SH {Escaped(section.Title.ToUpperInvariant())}");
            Items(section.Items);
        }

        Line(".SH EXIT STATUS");
        Items(HelpPage.ExitCodes);
        Line(".SH SEE ALSO");
        Line(
            string.Join(",\n", others.Select(other => $".BR {Escaped(other.Replace(' ', '-'))} (1)"))
                .Replace(",\n", " ,\n", StringComparison.Ordinal));
        return text.ToString();
    }

    private static string FirstSentence(string text) => text.Split(". ")[0].TrimEnd('.').Split(" (")[0];

    /// <summary>A line of text: one that begins with a point or an apostrophe would be a macro.</summary>
    private static string Text(string text) => text.StartsWith('.') || text.StartsWith('\'') ? "\\&" + Escaped(text) : Escaped(text);

    private static string Escaped(string text) =>
        text.Replace("\\", "\\e", StringComparison.Ordinal)
            .Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("…", "...", StringComparison.Ordinal)
            .Replace("'", "\\(aq", StringComparison.Ordinal)
            .Replace("\"", "\\(dq", StringComparison.Ordinal);
}
