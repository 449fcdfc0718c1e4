using System.CommandLine;
using LstmConvert.Cli.Help;
using LstmConvert.Files;
using LstmConvert.Formats;
using LstmConvert.Reports;

namespace LstmConvert.Cli;

/// <summary><c>--report</c>: the same result as a page. The target is looked at before any work is done.</summary>
internal sealed class ReportOption
{
    private readonly Option<string> report = new("--report") { HelpName = "FILE.html" };
    private readonly Option<bool> force = new("--force") { Description = "Replace a report that exists." };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="description">What the page shows.</param>
    public void AddTo(Command command, string description)
    {
        report.Description = description;
        command.Add(OptionGroup.Writing, report, force);
    }

    /// <summary>True if an existing file may be replaced.</summary>
    public bool Replaces(ParseResult parsed) => parsed.GetValue(force);

    /// <summary>The file to write; null where none is asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="read">What is read, as it was typed: never written over.</param>
    /// <exception cref="OutputException">The file exists, or is one of those that are read.</exception>
    /// <exception cref="UsageException">The name is another option.</exception>
    public string? Target(ParseResult parsed, params IEnumerable<string?> read)
    {
        if (parsed.GetValue(report) is not { } path)
        {
            return null;
        }

        if (path.StartsWith("--", StringComparison.Ordinal))
        {
            throw new UsageException($"--report took '{path}' for its value. Name the file to write, as in --report out.html.");
        }

        OutputFile.RefuseSources(path, () => SourceFiles.Of(read.OfType<string>()));
        OutputFile.Check(path, parsed.GetValue(force));
        return path;
    }

    /// <summary>The command as it was typed.</summary>
    public static ReportedCommand Typed(ParseResult parsed, string words) =>
        new(words, Line(["lstmconvert", .. parsed.Tokens.Select(token => token.Value)]));

    /// <summary>Words as a shell takes them.</summary>
    public static string Line(IEnumerable<string> words) => string.Join(' ', words.Select(word => Quote.Shell(word)));
}
