using System.CommandLine;
using System.Globalization;

namespace LstmConvert.Cli.Completion;

/// <summary>
/// What a shell's script asks, and is answered one candidate a line with a tab before what it means:
/// <c>complete SHELL POINT LINE</c> (bash, PowerShell) or <c>complete SHELL -- WORD…</c> (zsh, fish). No word of it is a command's.
/// </summary>
internal static class CompletionRequest
{
    /// <summary>The first word.</summary>
    public const string Word = "complete";

    /// <summary>Answers; nothing where nothing is known.</summary>
    /// <param name="root">The program.</param>
    /// <param name="arguments">The words behind the first.</param>
    /// <param name="output">Where to.</param>
    public static int Answer(RootCommand root, IReadOnlyList<string> arguments, TextWriter output)
    {
        if (arguments is not [var shell, ..])
        {
            throw new UsageException(
                "complete is asked by the scripts of 'lstmconvert completions'. Write 'lstmconvert completions bash' for one.");
        }

        var words =
            arguments is [_, var point, var line] && int.TryParse(point, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
                ? [.. ShellWords.Split(line, at, shell == "pwsh" ? '`' : '\\').Skip(1)]
                : arguments.Skip(arguments.Count > 1 && arguments[1] == "--" ? 2 : 1).ToArray();
        var typed = words.Length == 0 ? "" : words[^1];
        foreach (var candidate in Candidates.Of(root, words))
        {
            var text = candidate.Text.ReplaceLineEndings(" ");
            output.WriteLine(shell switch
            {
                // bash breaks words at = and :, and wants what stands behind the last of them.
                "bash" => ShellWords.Escaped(text[(typed.LastIndexOfAny(['=', ':']) + 1)..]),
                _ => candidate.Says.Length > 0 ? $"{text}\t{candidate.Says}" : text,
            });
        }

        return ExitCode.Success;
    }
}
