using System.CommandLine;
using System.CommandLine.Parsing;
using LstmConvert.Files;

namespace LstmConvert.Cli.Help;

/// <summary>What is wrong with a line, in the words of the help.</summary>
internal static class ParseProblem
{
    /// <summary>A problem of the parser as a sentence: what is missing, or what an option takes.</summary>
    /// <param name="command">The command.</param>
    /// <param name="problem">What the parser says.</param>
    public static string Of(Command command, ParseError problem)
    {
        if (problem.SymbolResult is OptionResult { Tokens: [.., var given] } option && !option.Implicit)
        {
            var values = HelpPage.ValuesOf(option.Option);
            return values.Count > 0
                    ? $"{option.Option.Name} takes {string.Join(", ", values)}, and '{given.Value}' is none of them.{NearNames.Sentence(given.Value, values)}"
                : option.Option.ValueType == typeof(int) || option.Option.ValueType == typeof(ulong)
                    ? $"{option.Option.Name} takes a whole number, and '{given.Value}' is none."
                : $"{option.Option.Name}: {problem.Message}";
        }

        if (
            problem.SymbolResult is ArgumentResult { Argument: var argument, Tokens: [.., var word] }
            && HelpPage.ValuesOf(argument) is { Count: > 0 } known)
        {
            return $"{command.Name} takes {string.Join(", ", known)}, and '{word.Value}' is none of them.{NearNames.Sentence(word.Value, known)}";
        }

        var missing = command.Arguments.FirstOrDefault(one =>
            Names(problem, one.Name) || (one.HelpName is { } name && Names(problem, name)));
        var absent = command.Options.FirstOrDefault(one => Names(problem, one.Name));
        return missing is not null && problem.Message.Contains("missing", StringComparison.Ordinal)
                ? $"{command.Name} needs {HelpPage.FormOf(missing)}: {missing.Description}"
            : absent is { Required: true } ? $"{command.Name} needs {HelpPage.TermOf(absent)}: {absent.Description}"
            : problem.Message.ReplaceLineEndings(" ");
    }

    private static bool Names(ParseError problem, string name) => problem.Message.Contains($"'{name}'", StringComparison.Ordinal);
}
