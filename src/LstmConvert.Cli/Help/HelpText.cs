namespace LstmConvert.Cli.Help;

/// <summary>Lays a page out for a terminal.</summary>
internal static class HelpText
{
    /// <summary>The width where nothing says one, in characters.</summary>
    public const int DefaultWidth = 80;

    private const int Indent = 2;
    private const int Gap = 2;

    /// <summary>The widest first column: what is longer has its text below it.</summary>
    private const int WidestTerm = 28;

    /// <summary>Below this width, texts stand below their terms.</summary>
    private const int Narrow = 60;

    /// <summary>Writes a page.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="page">The page.</param>
    /// <param name="width">The terminal's width, in characters.</param>
    public static void Write(TextWriter output, HelpPage page, int width)
    {
        Paragraph(output, page.Summary, 0, width);
        output.WriteLine();
        output.WriteLine("Usage:");
        Paragraph(output, page.Usage, Indent, width, hanging: Indent + 4);
        if (page.Examples.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("Examples:");
            foreach (var example in page.Examples)
            {
                Paragraph(output, example.Does, Indent, width);
                output.WriteLine($"{new string(' ', Indent + 2)}{example.Line}");
            }
        }

        foreach (var section in page.Sections)
        {
            Section(output, section.Title, section.Items, width);
        }

        if (page.Name == "lstmconvert")
        {
            Section(output, "Exit codes", HelpPage.ExitCodes, width);
        }

        output.WriteLine();
        Paragraph(output, More(page), 0, width);
    }

    /// <summary>Writes a titled list.</summary>
    public static void Section(TextWriter output, string title, IReadOnlyList<HelpItem> items, int width)
    {
        output.WriteLine();
        output.WriteLine(title + ":");
        var column =
            width < Narrow
                ? 0
                : Indent + Gap + items.Select(item => item.Term.Length).Where(length => length <= WidestTerm).DefaultIfEmpty(0).Max();
        foreach (var item in items)
        {
            var at = column == 0 ? Indent + 4 : column;
            if (column > 0 && item.Term.Length + Indent + Gap <= column)
            {
                Paragraph(output, item.Text, column, width, first: $"{new string(' ', Indent)}{item.Term}".PadRight(column));
            }
            else
            {
                Paragraph(output, item.Term, Indent, width, hanging: Indent + 4);
                Paragraph(output, item.Text, Math.Min(at, WidestTerm + Indent + Gap), width);
            }
        }
    }

    /// <summary>Where to read more.</summary>
    private static string More(HelpPage page) =>
        page.Name == "lstmconvert"
            ? "'lstmconvert help COMMAND' shows a command, 'lstmconvert cells' what converts; 'lstmconvert help --man DIR' installs the man pages."
            : "'lstmconvert help exit-codes' lists what is returned: 0 done, 2 wrong usage, 3 unreadable, 4 not expressible, 5 not decided, 6 not written. 'lstmconvert cells' lists what converts.";

    /// <summary>Breaks a text at spaces; a word that is wider than a line stands on its own.</summary>
    private static void Paragraph(TextWriter output, string text, int indent, int width, int? hanging = null, string? first = null)
    {
        var line = first ?? new string(' ', indent);
        var start = line.Length;
        var isEmpty = true;
        foreach (var word in Words(text, width - (hanging ?? indent)))
        {
            if (!isEmpty && line.Length + 1 + word.Length > width)
            {
                output.WriteLine(line.TrimEnd());
                line = new string(' ', hanging ?? start);
                isEmpty = true;
            }

            line += isEmpty ? word : " " + word;
            isEmpty = false;
        }

        output.WriteLine(line.TrimEnd());
    }

    /// <summary>The words of a text; a list of alternatives that fits no line may break behind a bar.</summary>
    private static IEnumerable<string> Words(string text, int width)
    {
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.Length <= width || !word.Contains('|', StringComparison.Ordinal))
            {
                yield return word;
                continue;
            }

            var parts = word.Split('|');
            var joined = parts[0];
            foreach (var part in parts[1..])
            {
                if (joined.Length + part.Length + 2 > width)
                {
                    yield return joined + "|";
                    joined = part;
                }
                else
                {
                    joined += "|" + part;
                }
            }

            yield return joined;
        }
    }
}
