using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace LstmConvert.Cli.Terminal;

/// <summary>Rows in columns. In a terminal long cells are wrapped to its width; in a pipe every row is one line.</summary>
internal sealed class TextTable
{
    /// <summary>Spaces between two columns.</summary>
    private const int Gap = 2;

    /// <summary>The longest text of a cell in a terminal: some fifty lines. A longer one is cut there, and whole in a pipe.</summary>
    private const int LongestCell = 4_000;

    private readonly List<(string Text, Tone Tone)[]> rows = [];
    private readonly string alignment;
    private readonly string indent;
    private readonly Screen screen;

    /// <summary>A table without rows.</summary>
    /// <param name="screen">Where it is shown.</param>
    /// <param name="indent">What stands before each line.</param>
    /// <param name="alignment">A letter for each column: <c>l</c> or <c>r</c>; upper case for one that is never wrapped.</param>
    public TextTable(Screen screen, string indent, string alignment) =>
        (this.screen, this.indent, this.alignment) = (screen, indent, alignment);

    /// <summary>Adds a row.</summary>
    public void Add(params (string Text, Tone Tone)[] cells) => rows.Add([.. cells.Select(cell => (Quote.Printed(cell.Text), cell.Tone))]);

    /// <summary>Adds a row without colours.</summary>
    public void Add(params string[] cells) => Add([.. cells.Select(cell => (cell, Tone.Plain))]);

    /// <summary>Writes it.</summary>
    public void Write()
    {
        if (rows.Count == 0)
        {
            return;
        }

        foreach (var line in screen.Width is { } width ? Wrapped(width - indent.Length) : InLines())
        {
            screen.WriteLine((indent + line).TrimEnd());
        }
    }

    private bool IsRight(int column) => alignment[column] is 'r' or 'R';

    /// <summary>A line for each row: what laying out is not needed for, and takes long where a text is long.</summary>
    private IEnumerable<string> InLines()
    {
        var widths = rows.Select(row => row.Select(cell => new Segment(cell.Text).CellCount()).ToArray()).ToArray();
        var columns = alignment.Select((_, column) => widths.Max(row => column < row.Length ? row[column] : 0)).ToArray();
        foreach (var (row, own) in rows.Zip(widths))
        {
            var line = new StringBuilder();
            for (var k = 0; k < row.Length; k++)
            {
                var space = new string(' ', columns[k] - own[k]);
                line.Append(k == 0 ? "" : new string(' ', Gap)).Append(IsRight(k) ? space + row[k].Text : row[k].Text + space);
            }

            yield return line.ToString();
        }
    }

    private string[] Wrapped(int width)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        for (var k = 0; k < alignment.Length; k++)
        {
            var column = new TableColumn("")
            {
                Padding = new Padding(0, 0, k == alignment.Length - 1 ? 0 : Gap, 0),
                NoWrap = char.IsUpper(alignment[k]),
            };
            table.AddColumn(IsRight(k) ? column.RightAligned() : column);
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(Cut(cell.Text), Style(cell.Tone))));
        }

        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = screen.HasColour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = screen.HasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        console.Write(table);
        return text.ToString().TrimEnd('\n').Split('\n');
    }

    private static string Cut(string text) => text.Length <= LongestCell ? text : text[..LongestCell] + "…";

    private Style Style(Tone tone) => !screen.HasColour ? Spectre.Console.Style.Plain : tone switch
    {
        Tone.Good => new Style(Color.Green),
        Tone.Doubtful => new Style(Color.Olive),
        Tone.Bad => new Style(Color.Maroon),
        Tone.Quiet => new Style(decoration: Decoration.Dim),
        _ => Spectre.Console.Style.Plain,
    };
}
