using System.CommandLine;
using System.CommandLine.Completions;
using System.Runtime.CompilerServices;
using LstmConvert.Cli.Help;

namespace LstmConvert.Cli.Completion;

/// <summary>A word that may stand where one is being typed.</summary>
/// <param name="Text">The word; one that ends in <c>=</c> or <c>:</c> goes on.</param>
/// <param name="Says">What it means; empty where it says it itself.</param>
internal sealed record Candidate(string Text, string Says = "");

/// <summary>What may stand where a word is being typed: commands, options, the values of an option. Where nothing is known the shell offers
/// files.</summary>
internal static class Candidates
{
    private static readonly ConditionalWeakTable<Option, Func<SourceOnLine, string, IEnumerable<string>>> Completers = [];

    /// <summary>Says what an option's value may be, from the source on the line and what is typed of it.</summary>
    public static T Completes<T>(this T option, Func<SourceOnLine, string, IEnumerable<string>> values)
        where T : Option
    {
        Completers.AddOrUpdate(option, values);
        return option;
    }

    /// <summary>The candidates for the last of some words.</summary>
    /// <param name="root">The program.</param>
    /// <param name="words">The words behind the program's name; the last is being typed, and may be empty.</param>
    public static IReadOnlyList<Candidate> Of(RootCommand root, IReadOnlyList<string> words)
    {
        var typed = words.Count == 0 ? "" : words[^1];
        var before = words.Take(words.Count - 1).ToArray();
        var command = before.Select(word => root.Subcommands.FirstOrDefault(one => one.Name == word)).FirstOrDefault(one => one is not null)
            ?? root;
        if (before.Contains("--"))
        {
            return [];
        }

        var options = HelpPage.OptionsOf(command).ToArray();
        var all =
            before is [.., var last] && Named(options, last) is { } taking && Takes(taking)
                ? Values(root, command, taking, before[..^1], typed, "")
            : typed.StartsWith("--", StringComparison.Ordinal)
            && typed.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
            && Named(options, typed[..at]) is { } given
                ? Values(root, command, given, before, typed[(at + 1)..], typed[..(at + 1)])
            : typed.StartsWith('-') ? Names(options, before)
            : command is RootCommand
                ? root.Subcommands.Where(one => !one.Hidden).Select(one => new Candidate(one.Name, First(one.Description)))
            : command
                .Arguments.SelectMany(argument => argument.GetCompletions(CompletionContext.Empty))
                .Select(item => new Candidate(item.Label));
        return
        [
            .. all.Where(candidate => candidate.Text.StartsWith(typed, StringComparison.Ordinal) && candidate.Text.Length > 0)
                .DistinctBy(candidate => candidate.Text),
        ];
    }

    private static Option? Named(Option[] options, string word) =>
        options.FirstOrDefault(option => option.Name == word || option.Aliases.Contains(word));

    private static bool Takes(Option option) => option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0;

    /// <summary>The options that were not said yet, or may be said again.</summary>
    private static IEnumerable<Candidate> Names(Option[] options, string[] before) =>
        options
            .Where(option =>
                option.Arity.MaximumNumberOfValues > 1
                || Named([option], before.FirstOrDefault(word => Named([option], word) is not null) ?? "") is null)
            .Select(option => new Candidate(option.Name, First(option.Description)));

    private static IEnumerable<Candidate> Values(
        RootCommand root,
        Command command,
        Option option,
        string[] before,
        string typed,
        string ahead)
    {
        IEnumerable<string> values = Completers.TryGetValue(option, out var completer)
            ? completer(
                SourceOnLine.Of(
                    root.Parse(before.Length > 0 ? before : [command.Name], new ParserConfiguration { ResponseFileTokenReplacer = null })),
                typed)
            : option.GetCompletions(CompletionContext.Empty).Select(item => item.Label);
        return values.Select(value => new Candidate(ahead + value));
    }

    /// <summary>The first sentence of a description.</summary>
    private static string First(string? text) => (text ?? "").Split(". ")[0].Split(" (")[0].TrimEnd('.').ReplaceLineEndings(" ");
}
