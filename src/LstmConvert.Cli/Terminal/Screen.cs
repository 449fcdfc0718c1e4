using System.Globalization;

namespace LstmConvert.Cli.Terminal;

/// <summary>How something is meant, which a terminal shows by its colour.</summary>
internal enum Tone
{
    /// <summary>As everything else.</summary>
    Plain,

    /// <summary>As it should be.</summary>
    Good,

    /// <summary>To be looked at.</summary>
    Doubtful,

    /// <summary>Wrong.</summary>
    Bad,

    /// <summary>Beside the point.</summary>
    Quiet,
}

/// <summary>One of the two streams as a person sees it: a terminal of some width, with colour or without, or a pipe. <c>NO_COLOR</c> and
/// <c>TERM=dumb</c> are honoured.</summary>
internal sealed class Screen
{
    /// <summary>The narrowest terminal that is laid out for; narrower ones wrap.</summary>
    private const int MinimumWidth = 40;

    private readonly TextWriter writer;

    private Screen(TextWriter writer, bool isTerminal) =>
        (this.writer, IsTerminal, HasColour) = (
            writer,
            isTerminal && !IsDumb,
            isTerminal && !IsDumb && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    /// <summary>True where a line can be drawn again.</summary>
    public bool IsTerminal { get; }

    /// <summary>True where colours are shown.</summary>
    public bool HasColour { get; }

    /// <summary>The characters of a line; null in a pipe, where lines are as long as they are.</summary>
    public int? Width => IsTerminal ? Math.Max(MinimumWidth, Columns()) : null;

    private static bool IsDumb => Environment.GetEnvironmentVariable("TERM") is "dumb";

    /// <summary>A stream as a screen.</summary>
    /// <param name="writer">The stream; only the process's own may be a terminal.</param>
    public static Screen Of(TextWriter writer) => new(writer, writer is GuardedWriter { IsTerminal: true });

    /// <summary>A text in a colour, where there are colours.</summary>
    public string In(Tone tone, string text) => HasColour && tone != Tone.Plain ? $"\e[{Code(tone)}m{text}\e[0m" : text;

    /// <summary>Writes a line.</summary>
    public void WriteLine(string text) => writer.WriteLine(text);

    /// <summary>Writes a text as it is.</summary>
    public void Write(string text) => writer.Write(text);

    /// <summary>A warning or a note, from the program.</summary>
    /// <param name="kind"><c>warning</c> or <c>note</c>.</param>
    /// <param name="text">What it says.</param>
    public void Notice(string kind, string text) =>
        writer.WriteLine($"lstmconvert: {In(kind == "warning" ? Tone.Doubtful : Tone.Quiet, kind)}: {Quote.Printed(text)}");

    /// <summary>The select-graphic-rendition code of a tone: one of the sixteen colours that every scheme makes legible.</summary>
    internal static string Code(Tone tone) => tone switch
    {
        Tone.Good => "32",
        Tone.Doubtful => "33",
        Tone.Bad => "31",
        Tone.Quiet => "2",
        _ => "0",
    };

    private static int Columns()
    {
        if (
            Environment.GetEnvironmentVariable("COLUMNS") is { } said
            && int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var columns))
        {
            return columns;
        }

        return WindowWidth() ?? 80;
    }

    /// <summary>The characters of a line of the terminal that this process has; null where it has none.</summary>
    internal static int? WindowWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : null;
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException)
        {
            return null;
        }
    }
}
