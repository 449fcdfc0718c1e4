using System.Diagnostics;
using System.Globalization;

namespace LstmConvert.Cli.Terminal;

/// <summary>
/// One line at the foot of a terminal that says how far something is: what, a bar, how much of how much, the time left. Whatever else is
/// written
/// first erases it, on either stream; in a pipe nothing is shown. It is our own because Spectre.Console's hides the cursor, which a process
/// that is
/// killed leaves hidden, and draws from a thread of its own, which knows nothing of lines on the other stream.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private const int BarWidth = 20;
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);
    private static readonly Lock Gate = new();
    private static TextWriter? shownOn;

    private readonly TextWriter? writer;
    private readonly Screen screen;
    private readonly string what;
    private readonly Func<long, string> amount;
    private readonly long start = Stopwatch.GetTimestamp();
    private TimeSpan last = First - Every;

    /// <summary>Begins; nothing is shown of what is over at once.</summary>
    /// <param name="error">The error stream.</param>
    /// <param name="what">What is done: <c>converting</c>.</param>
    /// <param name="amount">How much a number is, in words: <see cref="Bytes"/>.</param>
    /// <param name="isQuiet">True shows nothing.</param>
    public ProgressLine(TextWriter error, string what, Func<long, string> amount, bool isQuiet = false)
    {
        (screen, this.what, this.amount) = (Screen.Of(error), what, amount);
        writer = screen.IsTerminal && !isQuiet ? error : null;
    }

    /// <summary>True if anything is shown.</summary>
    public bool IsShown => writer is not null;

    /// <summary>A number of bytes in words.</summary>
    public static string Bytes(long count) => count switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{count / (double)(1L << 30):0.0} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{count / (double)(1L << 20):0.0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{count / 1024.0:0} KiB"),
    };

    /// <summary>Erases the line that stands, because something else is written.</summary>
    public static void Erase()
    {
        lock (Gate)
        {
            if (shownOn is { } at)
            {
                shownOn = null;
                at.Write("\r\e[K");
            }
        }
    }

    /// <summary>Says how far it is.</summary>
    /// <param name="done">How much is done.</param>
    /// <param name="total">How much there is to do.</param>
    /// <param name="now">What is done now, where that is not what was said at first.</param>
    public void Report(long done, long total, string? now = null)
    {
        if (writer is null)
        {
            return;
        }

        lock (Gate)
        {
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed - last >= Every || (shownOn is null && last >= First))    // a line of a result has erased it: it stands again below
            {
                last = elapsed;
                shownOn = null;                                              // it is drawn over, not erased: nothing flickers
                writer.Write("\r" + Line(done, Math.Max(1, total), elapsed, now ?? what) + "\e[K");
                shownOn = writer;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Erase();

    private string Line(long done, long total, TimeSpan elapsed, string now)
    {
        var share = Math.Clamp(done / (double)total, 0, 1);
        var left = share is > 0 and < 1 ? $"  {Time(elapsed / share - elapsed)} left" : "";
        var filled = (int)(share * BarWidth);
        var bar =
            screen.In(Tone.Good, new string('━', filled))
            + screen.In(Tone.Quiet, new string(screen.HasColour ? '━' : '·', BarWidth - filled));
        var tail = string.Create(CultureInfo.InvariantCulture, $"  {share * 100,3:0}%  {amount(done)} of {amount(total)}{left}");
        var room = (screen.Width ?? 80) - 1 - BarWidth - tail.Length - 2;
        return room < 4 ? tail.Trim() : $"{(now.Length <= room ? now : string.Concat(now.AsSpan(0, room - 1), "…"))}  {bar}{tail}";
    }

    private static string Time(TimeSpan left) =>
        left.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)left.TotalHours}:{left.Minutes:00}:{left.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{left.Minutes}:{left.Seconds:00}");
}
