using System.CommandLine;
using LstmConvert.Cli.Completion;
using LstmConvert.Conversion;
using LstmConvert.Recognition;

namespace LstmConvert.Cli;

/// <summary>The options that say facts which no variable holds: shorthands for the common ones, and <c>--fact</c> for any.</summary>
internal sealed class FactOptions
{
    /// <summary>The facts with an option of their own, and what the option says of itself.</summary>
    private static readonly (string Fact, string Option, string Value, string Description)[] Shorthands =
    [
        (
            "forget_bias",
            "--forget-bias",
            "VALUE",
            "What the program's cell adds to the forget gate as it runs, for all or as SCOPE=VALUE (repeatable); 'auto' is evidence, else the class's default; 'none' is 0."
        ),
        ("activation", "--activation", "NAME", "The activation of candidate and output; 'auto' is evidence, else the class's default."),
        ("recurrent_activation", "--recurrent-activation", "NAME", "The activation of the gates: sigmoid, hard_sigmoid (of Keras 2), …"),
        ("cell_clip", "--cell-clip", "VALUE", "The limit to which the cell state is clipped; 'none' says that nothing is."),
        ("proj_clip", "--proj-clip", "VALUE", "The limit to which the projected output is clipped; 'none' says that nothing is."),
        ("residual", "--residual", "yes|none", "Whether the input is added to the output."),
    ];

    private readonly Option<string[]>[] shorthands =
    [
        .. Shorthands.Select(one => new Option<string[]>(one.Option) { Description = one.Description, HelpName = $"[SCOPE=]{one.Value}" }),
    ];
    private readonly Option<string[]> fact = new("--fact")
    {
        Description = "Any fact: direction=forward|backward, or what only one cell has (repeatable).",
        HelpName = "[SCOPE:]NAME=VALUE",
    };

    public FactOptions()
    {
        foreach (var (shorthand, option) in Shorthands.Zip(shorthands))
        {
            option.Completes((line, typed) => line.Scoped(typed, Catalog.ValuesOf(shorthand.Fact)));
        }

        fact.Completes((line, typed) => typed.LastIndexOf('=') is > 0 and var at
            ? Catalog.ValuesOf(typed[(typed.LastIndexOf(':') + 1)..at]).Select(value => typed[..(at + 1)] + value)
            : line.Scoped(typed, Catalog.FactNames.Select(name => name + "="), ':'));
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [.. shorthands, fact];

    /// <summary>The option of a fact, or null if it has none of its own.</summary>
    public static string? OptionOf(string name) => Shorthands.FirstOrDefault(one => one.Fact == name).Option;

    /// <summary>What was said.</summary>
    public IReadOnlyList<SaidFact> Read(ParseResult parsed)
    {
        var said = new List<SaidFact>();
        foreach (var (shorthand, option) in Shorthands.Zip(shorthands))
        {
            said.AddRange(
                (parsed.GetValue(option) ?? []).Select(text =>
                    Split(text) is var (scope, value) && value.Length > 0
                        ? new SaidFact(scope, shorthand.Fact, value)
                        : throw new UsageException(
                            $"{shorthand.Option} {text}: a value is missing. Write {shorthand.Option} [SCOPE=]{shorthand.Value}.")));
        }

        said.AddRange((parsed.GetValue(fact) ?? []).Select(Any));
        return said;
    }

    /// <summary>The options that were said, as words.</summary>
    public IEnumerable<string> Words(ParseResult parsed) =>
        Shorthands
            .Zip(shorthands)
            .SelectMany(pair => (parsed.GetValue(pair.Second) ?? []).SelectMany(text => new[] { pair.First.Option, text }))
            .Concat((parsed.GetValue(fact) ?? []).SelectMany(text => new[] { "--fact", text }));

    /// <summary><c>SCOPE=VALUE</c>, or a value for all.</summary>
    public static (string? Scope, string Value) Split(string text) =>
        text.LastIndexOf('=') is > 0 and var at ? (text[..at], text[(at + 1)..]) : (null, text);

    private static SaidFact Any(string text)
    {
        var equals = text.LastIndexOf('=');
        if (equals <= 0 || equals == text.Length - 1)
        {
            throw new UsageException(
                $"--fact {text}: write it as --fact [SCOPE:]NAME=VALUE, as in --fact rnn/lstm_cell:direction=backward.");
        }

        var (left, value) = (text[..equals], text[(equals + 1)..]);
        var colon = left.LastIndexOf(':');
        return colon < 0 ? new SaidFact(null, left, value) : new SaidFact(left[..colon], left[(colon + 1)..], value);
    }
}
