using System.CommandLine;
using System.Runtime.CompilerServices;

namespace LstmConvert.Cli.Help;

/// <summary>
/// Options that stand together in help, man pages and completions. A command says of each of its options where it belongs
/// (<c>this.Add(OptionGroup.Writing, output, force)</c>), or an option says it itself (<c>option.In(OptionGroup.Batch)</c>).
/// </summary>
/// <param name="Title">The heading.</param>
internal sealed record OptionGroup(string Title)
{
    private static readonly ConditionalWeakTable<Option, OptionGroup> Known = [];

    public static OptionGroup Reading { get; } = new("What to read");

    public static OptionGroup Facts { get; } = new("Facts that no variable holds");

    public static OptionGroup Writing { get; } = new("What to write");

    public static OptionGroup Sample { get; } = new("The sample, and what is expected of it");

    public static OptionGroup Looking { get; } = new("What to look at");

    public static OptionGroup Batch { get; } = new("Many sources");

    public static OptionGroup Everywhere { get; } = new("Everywhere");

    /// <summary>Where an option stands that nobody put anywhere.</summary>
    public static OptionGroup Other { get; } = new("Further options");

    /// <summary>All of them, in the order of a page.</summary>
    public static IReadOnlyList<OptionGroup> All { get; } = [Writing, Sample, Looking, Reading, Facts, Batch, Other, Everywhere];

    /// <summary>The group of an option.</summary>
    public static OptionGroup Of(Option option) =>
        Known.TryGetValue(option, out var group) ? group
        : option.Name is "--help" or "--version" ? Everywhere
        : Other;

    internal static void Put(Option option, OptionGroup group) => Known.AddOrUpdate(option, group);
}

/// <summary>How commands and options say what a page needs to know of them.</summary>
internal static class HelpDeclarations
{
    private static readonly ConditionalWeakTable<Command, List<Example>> Examples = [];

    /// <summary>Puts an option into a group.</summary>
    public static T In<T>(this T option, OptionGroup group)
        where T : Option
    {
        OptionGroup.Put(option, group);
        return option;
    }

    /// <summary>Adds options that stand in one group.</summary>
    public static void Add(this Command command, OptionGroup group, params IEnumerable<Option> options)
    {
        foreach (var option in options)
        {
            command.Add(option.In(group));
        }
    }

    /// <summary>Adds an example: a line as it is typed, and what it does.</summary>
    public static void Example(this Command command, string line, string does) =>
        Examples.GetOrCreateValue(command).Add(new Example(line, does));

    /// <summary>The examples of a command, in the order in which they were added.</summary>
    public static IReadOnlyList<Example> ExamplesOf(Command command) => Examples.TryGetValue(command, out var examples) ? examples : [];
}

/// <summary>An example on a page.</summary>
/// <param name="Line">The line as it is typed.</param>
/// <param name="Does">What it does.</param>
internal sealed record Example(string Line, string Does);
