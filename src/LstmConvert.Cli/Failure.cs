namespace LstmConvert.Cli;

/// <summary>What went wrong, as an exit code and a sentence.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Sentence">What is said of it.</param>
internal sealed record Failure(int Code, string Sentence)
{
    /// <summary>Of whatever was thrown.</summary>
    /// <param name="e">It.</param>
    /// <param name="isWhole">True says where a bug of ours is.</param>
    public static Failure Of(Exception e, bool isWhole) =>
        e switch
        {
            OperationCanceledException => new(ExitCode.Interrupted, "interrupted; nothing was left behind."),
            LstmConvertException refused => new(ExitCode.Of(refused), RemedyText.Of(refused)),
            FileNotFoundException or DirectoryNotFoundException when !HasCurrentFolder() => new(
                ExitCode.Unreadable,
                "the current folder does not exist any more, and a path that was named is below it. Change to a folder that exists."),
            _ => new(
                ExitCode.Bug,
                $"this is a bug of lstmconvert {ToolVersion.Current}: {(isWhole ? e : $"{e.GetType().Name}: {e.Message}")}"),
        };

    /// <summary>As it is printed: a bug keeps its lines.</summary>
    public string Printed => $"lstmconvert: {(Code == ExitCode.Bug ? Sentence : Quote.Printed(Sentence))}";

    private static bool HasCurrentFolder()
    {
        try
        {
            return Directory.GetCurrentDirectory().Length > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
