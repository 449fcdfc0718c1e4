using Spectre.Console;

namespace LstmConvert.Cli.Terminal;

/// <summary>Rows in columns. In a terminal long cells are wrapped to its width; in a pipe every row is one line.</summary>
internal sealed class TextTable
{
    /// <summary>Wider than any line of a table in a pipe.</summary>
    private const int Unbounded = 100_000;

    private readonly Table table = new() { Border = TableBorder.None, ShowHeaders = false };
    private readonly string indent;
    private readonly Screen screen;

    /// <summary>A table without rows.</summary>
    /// <param name="screen">Where it is shown.</param>
    /// <param name="indent">What stands before each line.</param>
    /// <param name="alignment">A letter for each column: <c>l</c> or <c>r</c>; upper case for one that is never wrapped.</param>
    public TextTable(Screen screen, string indent, string alignment)
    {
        (this.screen, this.indent) = (screen, indent);
        for (var k = 0; k < alignment.Length; k++)
        {
            var column = new TableColumn("")
            {
                Padding = new Padding(0, 0, k == alignment.Length - 1 ? 0 : 2, 0),
                NoWrap = char.IsUpper(alignment[k]),
            };
            table.AddColumn(alignment[k] is 'r' or 'R' ? column.RightAligned() : column);
        }
    }

    /// <summary>Adds a row.</summary>
    public void Add(params (string Text, Tone Tone)[] cells) =>
        table.AddRow(cells.Select(cell => new Text(Quote.Printed(cell.Text), Style(cell.Tone))));

    /// <summary>Adds a row without colours.</summary>
    public void Add(params string[] cells) => Add([.. cells.Select(cell => (cell, Tone.Plain))]);

    /// <summary>Writes it.</summary>
    public void Write()
    {
        if (table.Rows.Count == 0)
        {
            return;
        }

        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = screen.HasColour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = screen.HasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = screen.Width is { } width ? width - indent.Length : Unbounded;
        console.Profile.Capabilities.Unicode = true;
        console.Write(table);
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n'))
        {
            screen.WriteLine((indent + line).TrimEnd());
        }
    }

    private Style Style(Tone tone) => !screen.HasColour ? Spectre.Console.Style.Plain : tone switch
    {
        Tone.Good => new Style(Color.Green),
        Tone.Doubtful => new Style(Color.Olive),
        Tone.Bad => new Style(Color.Maroon),
        Tone.Quiet => new Style(decoration: Decoration.Dim),
        _ => Spectre.Console.Style.Plain,
    };
}
