namespace LstmConvert.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Different = 1;
    public const int Usage = 2;
    public const int Unreadable = 3;
    public const int Unsupported = 4;
    public const int Undecided = 5;
    public const int Output = 6;
    public const int Bug = 70;
    public const int HungUp = 129;
    public const int Interrupted = 130;
    public const int Terminated = 143;

    /// <summary>The order in which the codes of a batch count.</summary>
    private static readonly int[] Rank =
    [
        Interrupted,
        Terminated,
        HungUp,
        Bug,
        Usage,
        Output,
        Unreadable,
        Unsupported,
        Different,
        Undecided,
        Success,
    ];

    public static int Of(Exception e) => e switch
    {
        OperationCanceledException => Interrupted,
        UsageException => Usage,
        UnreadableInputException => Unreadable,
        UnsupportedModelException => Unsupported,
        UndecidedException => Undecided,
        OutputException => Output,
        _ => Bug,
    };

    /// <summary>The code of a batch: the first of the ranked codes that occurred.</summary>
    public static int Worst(IEnumerable<int> codes) => codes.DefaultIfEmpty(Success).MinBy(code => Array.IndexOf(Rank, code));
}
