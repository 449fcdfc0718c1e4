using System.CommandLine;
using System.Globalization;
using LstmConvert.Files;

namespace LstmConvert.Cli.Help;

/// <summary>
/// Looks at the words as they were typed, before they mean anything: one that begins with <c>-</c> and is no option is never taken for a
/// source,
/// and an option that needs a value does not take the next option for it. Behind <c>--</c> everything is what it is.
/// </summary>
internal static class WordCheck
{
    /// <summary>Refuses words that are no option.</summary>
    /// <exception cref="UsageException">One begins with <c>-</c>, and the command has no such option.</exception>
    public static void Refuse(Command root, IReadOnlyList<string> words)
    {
        var command = words.Select(word => root.Subcommands.FirstOrDefault(one => one.Name == word)).FirstOrDefault(one => one is not null)
            ?? root;
        var options = HelpPage.OptionsOf(command).ToArray();
        for (var k = 0; k < words.Count && words[k] != "--"; k++)
        {
            if (!IsOption(words[k]))
            {
                continue;
            }

            var option = Find(options, words[k]) ?? throw Unknown(command, options, words[k]);
            if (!NeedsNextWord(option, words[k]))
            {
                continue;
            }

            if (
                k + 1 == words.Count
                || (
                    IsOption(words[k + 1])
                    && (words[k + 1].StartsWith("--", StringComparison.Ordinal) || Find(options, words[k + 1]) is not null)))
            {
                throw new UsageException(
                    $"{words[k]} needs a value{(k + 1 < words.Count ? $", and '{words[k + 1]}' behind it is an option; a value that begins with '-' is written {option.Name}={words[k + 1]}" : " behind it")}. {Takes(option)}"
                );
            }

            k++;
        }
    }

    /// <summary>What an option takes, as a sentence.</summary>
    private static string Takes(Option option) => $"{option.Name}: {option.Description}";

    private static UsageException Unknown(Command command, Option[] options, string word)
    {
        var name = word.Split('=', 2)[0];
        var known = options
            .SelectMany(option => option.Aliases.Append(option.Name))
            .Where(alias => alias.StartsWith("--", StringComparison.Ordinal));
        var near = NearNames.Sentence(name, known);
        var elsewhere =
            command is RootCommand || near.Length > 0
                ? ""
                : string.Join(
                    ", ",
                    command
                        .Parents.OfType<Command>()
                        .SelectMany(root => root.Subcommands)
                        .Where(other => !other.Hidden && Find([.. HelpPage.OptionsOf(other)], name) is not null)
                        .Select(other => other.Name));
        return new UsageException(
            $"{(command is RootCommand ? "There is" : $"{command.Name} has")} no option {name}.{near}{(elsewhere.Length > 0 ? $" {elsewhere} {(elsewhere.Contains(',', StringComparison.Ordinal) ? "have" : "has")} it." : "")}"
                + $" See '{HelpPage.NameOf(command)} --help'; a file of that name is written ./{name}.");
    }

    /// <summary>A word that begins with <c>-</c> and is neither <c>-</c> itself nor a negative number.</summary>
    private static bool IsOption(string word) =>
        word.Length > 1 && word[0] == '-' && !double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    /// <summary>The option that a word names: <c>--name</c>, <c>--name=value</c>, <c>-x</c>, <c>-xvalue</c>, <c>-xyz</c>.</summary>
    private static Option? Find(Option[] options, string word)
    {
        var name = word.Split('=', ':')[0];
        return options.FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name))
            ?? (
                word.StartsWith("--", StringComparison.Ordinal)
                    ? null
                    : options.FirstOrDefault(option =>
                        option.Aliases.Contains(word[..2])
                        && (
                            option.Arity.MaximumNumberOfValues > 0 && !IsSwitch(option)
                            || word[1..].All(letter => options.Any(one => IsSwitch(one) && one.Aliases.Contains($"-{letter}"))))));
    }

    private static bool IsSwitch(Option option) => option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0;

    /// <summary>True if the option's value is the next word.</summary>
    private static bool NeedsNextWord(Option option, string word) =>
        !IsSwitch(option) && option.Arity.MinimumNumberOfValues > 0 && (option.Name == word || option.Aliases.Contains(word));
}
