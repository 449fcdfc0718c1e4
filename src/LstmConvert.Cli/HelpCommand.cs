using System.CommandLine;
using System.CommandLine.Completions;
using LstmConvert.Cli.Help;
using LstmConvert.Files;

namespace LstmConvert.Cli;

/// <summary><c>help</c>: the page of a command, or all of them as man pages.</summary>
internal sealed class HelpCommand : Command
{
    /// <summary>The topic that is no command.</summary>
    public const string ExitCodesTopic = "exit-codes";

    private readonly Argument<string?> topic = new("command")
    {
        Description = "A command, or exit-codes.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string> man = new Option<string>("--man")
    {
        Description = "Writes every page as a man page into this folder.",
        HelpName = "DIR",
    }.In(OptionGroup.Writing);

    public HelpCommand()
        : base("help", "Shows what a command does, with examples.")
    {
        this.Example("lstmconvert help verify", "How both sides are compared:");
        this.Example("lstmconvert help --man ~/.local/share/man/man1", "Installs the man pages:");
        topic.CompletionSources.Add(_ => Topics(Parents.OfType<Command>().Single()).Select(name => new CompletionItem(name)));
        Add(topic);
        Add(man);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        var root = parsed.RootCommandResult.Command;
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(man) is { } folder)
        {
            WriteManPages(root, folder);
            return ExitCode.Success;
        }

        var width = PageWidth.Of(output);
        var name = parsed.GetValue(topic);
        if (name == ExitCodesTopic)
        {
            HelpText.Section(output, "Exit codes", HelpPage.ExitCodes, width);
            return ExitCode.Success;
        }

        var command = name is null
            ? root
            : root.Subcommands.FirstOrDefault(one => one.Name == name)
                ?? throw new UsageException(
                    $"'{name}' is no command.{NearNames.SentenceOrAll(name, [.. Topics(root)], "The topics are")} See 'lstmconvert help'.");
        HelpText.Write(output, HelpPage.Of(command), width);
        return ExitCode.Success;
    }

    private static IEnumerable<string> Topics(Command root) =>
        root.Subcommands.Where(one => !one.Hidden).Select(one => one.Name).Append(ExitCodesTopic);

    private static void WriteManPages(Command root, string folder)
    {
        var pages = root.Subcommands.Where(one => !one.Hidden).Prepend(root).Select(HelpPage.Of).ToArray();
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var page in pages)
            {
                File.WriteAllText(
                    Path.Combine(folder, ManPage.FileName(page)),
                    ManPage.Of(page, pages.Where(other => other != page).Select(other => other.Name)));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"The man pages cannot be written into {folder}: {e.Message}", e);
        }
    }
}
