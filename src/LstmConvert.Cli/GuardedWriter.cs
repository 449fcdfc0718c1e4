using System.Text;

namespace LstmConvert.Cli;

/// <summary>Standard output or error, which may be full or closed: then the result is refused in a sentence, and what else is said is
/// dropped.</summary>
/// <param name="inner">The stream; null where the system has none.</param>
/// <param name="isResult">True for standard output, which carries the result.</param>
internal sealed class GuardedWriter(TextWriter? inner, bool isResult) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner?.Encoding ?? Encoding.UTF8;

    /// <summary>True if a person sees it: it is no file and no pipe.</summary>
    public bool IsTerminal { get; } = inner is not null && !(isResult ? Console.IsOutputRedirected : Console.IsErrorRedirected);

    /// <summary>Standard output.</summary>
    public static GuardedWriter Output => new(Opened(() => Console.Out), isResult: true);

    /// <summary>Standard error.</summary>
    public static GuardedWriter Error => new(Opened(() => Console.Error), isResult: false);

    /// <inheritdoc/>
    public override void Write(char value) => Guard(() => inner?.Write(value));

    /// <inheritdoc/>
    public override void Write(string? value) => Guard(() => inner?.Write(value));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Guard(() => inner?.WriteLine(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Guard(() => inner?.Write(buffer, index, count));

    /// <inheritdoc/>
    public override Task WriteAsync(string? value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task WriteLineAsync(string? value)
    {
        WriteLine(value);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override void Flush() => Guard(() => inner?.Flush());

    private static TextWriter? Opened(Func<TextWriter> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TypeInitializationException)
        {
            return null;
        }
    }

    private void Guard(Action write)
    {
        if (IsTerminal)
        {
            Terminal.ProgressLine.Erase();
        }

        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            if (isResult)
            {
                throw new OutputException(
                    $"standard output cannot be written: {(e.InnerException ?? e).Message.TrimEnd('.')}. Write it elsewhere, or make room.",
                    e);
            }
        }
    }
}
