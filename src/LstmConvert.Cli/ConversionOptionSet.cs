using System.CommandLine;
using LstmConvert.Cli.Completion;
using LstmConvert.Cli.Help;
using LstmConvert.Conversion;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;

namespace LstmConvert.Cli;

/// <summary>The options that say how a source is understood and what is made of it: what a plan stores and <c>apply</c> reads again, in the
/// command line's own words.</summary>
internal sealed class ConversionOptionSet
{
    private readonly Option<string> to = new("--to") { Description = "The format to write; the default follows the extension." };
    private readonly Option<bool> onlyRecurrent = new("--only-recurrent") { Description = "Of a whole model the recurrent layers alone." };
    private readonly Option<string> emitLayers = new("--emit-layers")
    {
        Description = "The Python module for layers that Keras lacks; by default NAME_layers.py beside NAME.h5.",
        HelpName = "FILE.py",
    };
    private readonly Option<string[]> layer = new("--layer")
    {
        Description = "The name of the Keras layer of a scope (repeatable).",
        HelpName = "SCOPE=NAME",
    };
    private readonly Option<bool> merge = new("--merge-bidirectional")
    {
        Description = "Both directions as one Keras Bidirectional where the sizes are equal (the default).",
    };
    private readonly Option<bool> noMerge = new("--no-merge-bidirectional") { Description = "Both directions as two layers." };

    public ConversionOptionSet()
    {
        to.AcceptOnlyFromAmong([.. KerasTarget.All.Select(target => target.Name)]);
        layer.Completes((line, typed) => line.Scoped(typed, []));
    }

    /// <summary>How the source is read and understood.</summary>
    public SourceOptionSet Source { get; } = new();

    public void AddTo(Command command)
    {
        Source.AddTo(command);
        command.Add(OptionGroup.Writing, to, layer, merge, noMerge, onlyRecurrent, emitLayers);
    }

    /// <summary>The format of a target's name, or the one that is named.</summary>
    public KerasTarget Format(ParseResult parsed, string target) =>
        parsed.GetValue(to) is { } named ? KerasTarget.Find(named) : KerasTarget.ByName(target);

    /// <summary>The format where no name tells it.</summary>
    public KerasTarget DefaultFormat(ParseResult parsed) =>
        parsed.GetValue(to) is { } named ? KerasTarget.Find(named) : KerasTarget.Default;

    /// <summary>True where the format that is named is a folder.</summary>
    public bool NamesFolder(ParseResult parsed) => parsed.GetValue(to) is { } named && KerasTarget.Find(named).IsFolder;

    /// <summary>True if only the recurrent layers of a whole model are taken.</summary>
    public bool IsOnlyRecurrent(ParseResult parsed) => parsed.GetValue(onlyRecurrent);

    /// <summary>True if a file for layers of ours is named.</summary>
    public bool NamesLayersFile(ParseResult parsed) => parsed.GetValue(emitLayers) is not null;

    /// <summary>The file for layers of ours; null for the one beside the result.</summary>
    public string? LayersPath(ParseResult parsed) => parsed.GetValue(emitLayers) is { } named ? LayerModule.Checked(named) : null;

    /// <summary>The names of layers by scope.</summary>
    public IReadOnlyList<Recognition.Scoped<string>> LayerNames(ParseResult parsed) => SourceOptionSet.Scoped(parsed, layer);

    /// <summary>How the result is to look.</summary>
    public ConversionOptions Conversion(ParseResult parsed, KerasTarget format) => new()
    {
        LayerNames = LayerNames(parsed),
        MergeBidirectional = !parsed.GetValue(noMerge),
        IsOnlyRecurrent = parsed.GetValue(onlyRecurrent),
        Target = format,
        IsWhole = format.IsWholeModel && !parsed.GetValue(onlyRecurrent),
    };

    /// <summary>Refuses options that exclude each other.</summary>
    public void Check(ParseResult parsed)
    {
        if (parsed.GetValue(merge) && parsed.GetValue(noMerge))
        {
            throw new UsageException("--merge-bidirectional and --no-merge-bidirectional exclude each other.");
        }
    }

    /// <summary>The options of <c>verify</c> that say the same, as words.</summary>
    public IEnumerable<string> VerifyWords(ParseResult parsed) =>
        [.. Source.Words(parsed), .. (parsed.GetValue(layer) ?? []).SelectMany(text => new[] { "--layer", text })];

    /// <summary>Every option that was said, as words: parsed again they say the same.</summary>
    public IReadOnlyList<string> Words(ParseResult parsed) =>
        [
            .. VerifyWords(parsed),
            .. Flag("--strict", Source.IsStrict(parsed)),
            .. Value("--to", parsed.GetValue(to)),
            .. Value("--emit-layers", parsed.GetValue(emitLayers)),
            .. Flag("--only-recurrent", parsed.GetValue(onlyRecurrent)),
            .. Flag("--no-merge-bidirectional", parsed.GetValue(noMerge)),
        ];

    private static IEnumerable<string> Flag(string option, bool said) => said ? [option] : [];

    private static IEnumerable<string> Value(string option, string? value) => value is null ? [] : [option, value];
}
