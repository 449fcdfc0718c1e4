using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;

namespace LstmConvert.Cli.Help;

/// <summary>Two columns of a page: a term and what is said of it.</summary>
/// <param name="Term">The term.</param>
/// <param name="Text">What is said of it.</param>
internal sealed record HelpItem(string Term, string Text);

/// <summary>A part of a page.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Items">Its items.</param>
internal sealed record HelpSection(string Title, IReadOnlyList<HelpItem> Items);

/// <summary>What is to be said of a command, whoever lays it out: the terminal's help and the man page are one text.</summary>
/// <param name="Name">The command as it is typed: <c>lstmconvert tf2keras</c>.</param>
/// <param name="Summary">What it does, in a sentence.</param>
/// <param name="Usage">The form of the line.</param>
/// <param name="Examples">Lines as they are typed, with what they do.</param>
/// <param name="Sections">Commands, arguments, options by group.</param>
internal sealed record HelpPage(
    string Name,
    string Summary,
    string Usage,
    IReadOnlyList<Example> Examples,
    IReadOnlyList<HelpSection> Sections)
{
    /// <summary>What the process returns, said once for help, man pages and the README's table.</summary>
    public static IReadOnlyList<HelpItem> ExitCodes { get; } =
    [
        new("0", "done (verify: same)"),
        new("1", "verified, and different"),
        new("2", "wrong usage"),
        new("3", "an input cannot be read, or is broken"),
        new("4", "understood, but Keras cannot express it, or no known cell"),
        new("5", "not decided: ambiguous source, assumed under --strict, inconclusive verification"),
        new("6", "writing failed, or the target exists"),
        new("70", "a bug of lstmconvert"),
        new("129, 130, 143", "ended by SIGHUP, SIGINT, SIGTERM; nothing is left behind"),
    ];

    /// <summary>The page of a command.</summary>
    public static HelpPage Of(Command command) => new(
        NameOf(command),
        command.Description ?? "",
        Form(command),
        HelpDeclarations.ExamplesOf(command),
        [.. Commands(command), .. Arguments(command), .. Options(command)]);

    /// <summary>The command as it is typed.</summary>
    public static string NameOf(Command command) => command is RootCommand ? "lstmconvert" : $"lstmconvert {command.Name}";

    /// <summary>An argument as it stands in a usage line.</summary>
    public static string FormOf(Argument argument)
    {
        var name = argument.HelpName ?? argument.Name.ToUpperInvariant() + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : "");
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    /// <summary>The options that a command takes, those of the commands above it included.</summary>
    public static IEnumerable<Option> OptionsOf(Command command) =>
        command
            .Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(option => option.Recursive)))
            .Where(option => !option.Hidden)
            .Distinct();

    /// <summary>The words that an option takes, where they are few and known.</summary>
    public static IReadOnlyList<string> ValuesOf(Option option) =>
        option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) || option.HelpName is not null ? []
        : [.. option.GetCompletions(CompletionContext.Empty).Select(item => item.Label)];

    private static string Form(Command command) => string.Join(' ',
    [
        NameOf(command),
        .. command.Subcommands.Any(one => !one.Hidden) ? ["COMMAND"] : Array.Empty<string>(),
        .. command.Arguments.Where(argument => !argument.Hidden).Select(FormOf),
        .. command.Options.Where(option => option.Required).Select(option => $"{Short(option)} {ValueOf(option)}"),
        "[options]",
    ]);

    /// <summary>The words that an argument takes, where they are few and known.</summary>
    public static IReadOnlyList<string> ValuesOf(Argument argument) =>
        [.. argument.GetCompletions(CompletionContext.Empty).Select(item => item.Label)];

    private static IEnumerable<HelpSection> Commands(Command command)
    {
        var commands = command.Subcommands.Where(one => !one.Hidden).Select(one => new HelpItem(one.Name, one.Description ?? "")).ToArray();
        return commands.Length > 0 ? [new HelpSection("Commands", commands)] : [];
    }

    private static IEnumerable<HelpSection> Arguments(Command command)
    {
        var arguments = command
            .Arguments.Where(argument => !argument.Hidden)
            .Select(argument => new HelpItem(FormOf(argument).Trim('[', ']'), argument.Description ?? ""))
            .ToArray();
        return arguments.Length > 0 ? [new HelpSection("Arguments", arguments)] : [];
    }

    private static IEnumerable<HelpSection> Options(Command command) =>
        from option in OptionsOf(command)
        group new HelpItem(TermOf(option), Text(option)) by OptionGroup.Of(option) into together
        orderby OptionGroup.All.Index().First(one => one.Item == together.Key).Index
        select new HelpSection(together.Key.Title, [.. together]);

    /// <summary>An option as a list of options shows it: its names, and what it takes.</summary>
    public static string TermOf(Option option)
    {
        var names = option
            .Aliases.Where(alias => alias is not ("/h" or "/?" or "-?"))
            .OrderBy(alias => alias.Length)
            .Append(option.Name)
            .Distinct();
        return string.Join(", ", names) + (ValueOf(option) is { Length: > 0 } value ? " " + value : "");
    }

    private static string Short(Option option) => option.Aliases.Append(option.Name).MinBy(name => name.Length)!;

    private static string ValueOf(Option option)
    {
        if (option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool))
        {
            return "";
        }

        var value = option.HelpName
            ?? (
                ValuesOf(option) is { Count: > 0 } values ? string.Join('|', values)
                : option.ValueType == typeof(string) ? option.Name.TrimStart('-').ToUpperInvariant()
                : "N");
        return option.Arity.MinimumNumberOfValues == 0 ? $"[{value}]" : value;
    }

    private static string Text(Option option)
    {
        var text = option.Description ?? "";
        return
            option is { HasDefaultValue: true, Arity.MaximumNumberOfValues: > 0 }
            && option.ValueType != typeof(bool)
            && option.GetDefaultValue() is { } value
            && !option.ValueType.IsArray
            ? string.Create(CultureInfo.InvariantCulture, $"{text} (default {value})")
            : text;
    }
}
