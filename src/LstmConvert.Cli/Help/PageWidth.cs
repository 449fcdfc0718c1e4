using LstmConvert.Cli.Terminal;

namespace LstmConvert.Cli.Help;

/// <summary>The width that a page of help has on a stream.</summary>
internal static class PageWidth
{
    private const int Narrowest = 40;

    /// <summary>Longer lines are hard to read.</summary>
    private const int Widest = 120;

    /// <summary>The width in characters; <see cref="HelpText.DefaultWidth"/> where the stream is no terminal.</summary>
    public static int Of(TextWriter output)
    {
        return output is GuardedWriter && !Console.IsOutputRedirected && Screen.WindowWidth() is { } width
            ? Math.Clamp(width, Narrowest, Widest)
            : HelpText.DefaultWidth;
    }
}
