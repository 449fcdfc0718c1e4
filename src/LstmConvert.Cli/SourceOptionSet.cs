using System.CommandLine;
using System.Globalization;
using LstmConvert.Cli.Completion;
using LstmConvert.Cli.Help;
using LstmConvert.Conversion;
using LstmConvert.Facts;
using LstmConvert.Formats;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Cli;

/// <summary>The options that say how a source is to be read and understood, the same in every command.</summary>
internal sealed class SourceOptionSet
{
    private readonly Option<string[]> cell = new("--cell")
    {
        Description = "The kind of cell, for all or as SCOPE=NAME (repeatable), by its class's name; 'lstmconvert cells' lists them.",
        HelpName = "[SCOPE=]NAME",
    };
    private readonly Option<string> dialect = new("--dialect")
    {
        Description = "The naming convention of the variables; 'lstmconvert dialects' lists them.",
        HelpName = "NAME",
    };
    private readonly Option<string> graph = new("--graph")
    {
        Description =
            "The graph that belongs to the variables: a .meta, a .pb, a .pbtxt or a SavedModel; 'none' ignores the one beside a checkpoint.",
        HelpName = "FILE",
    };
    private readonly Option<string> wiring = new("--wiring")
    {
        Description = "How the cells feed each other.",
        DefaultValueFactory = _ => "auto",
    };
    private readonly Option<string[]> include = new("--include")
    {
        Description = "Only variables whose name matches (* and ?; repeatable).",
        HelpName = "GLOB",
    };
    private readonly Option<string[]> exclude = new("--exclude")
    {
        Description = "No variable whose name matches (repeatable).",
        HelpName = "GLOB",
    };
    private readonly Option<string> dtype = new("--dtype")
    {
        Description = "What two-byte elements without a type ('<V2', as ml_dtypes writes bfloat16) are.",
    };
    private readonly Option<bool> strict = new("--strict") { Description = "Refuse whatever is only assumed (exit 5)." };
    private readonly Option<bool> noCrc = new("--no-crc") { Description = "Do not verify checksums." };
    private readonly FactOptions facts = new();

    public SourceOptionSet()
    {
        wiring.AcceptOnlyFromAmong(["auto", .. KnownFacts.Wiring.Words]);
        dtype.AcceptOnlyFromAmong("bfloat16", "float16");
        cell.Completes((line, typed) => line.Scoped(typed, CellNames));
        dialect.Completes((_, _) => Catalog.Dialects.Where(one => one.Refusal is null).Select(one => one.Name));
        include.Completes((line, _) => line.Variables);
        exclude.Completes((line, _) => line.Variables);
    }

    /// <summary>The names of cells that convert.</summary>
    public static IEnumerable<string> CellNames =>
        Catalog.Cells.Where(one => one.Refusal is null).SelectMany(one => one.AlsoKnownAs.Prepend(one.Name));

    /// <summary>True if <c>--graph</c> was said, with a file or without.</summary>
    public bool NamesGraph(ParseResult parsed) => parsed.GetResult(graph) is not null;

    /// <summary>What <c>--graph</c> names, or null.</summary>
    public string? GraphName(ParseResult parsed) => parsed.GetValue(graph);

    /// <summary>True if nothing may be assumed.</summary>
    public bool IsStrict(ParseResult parsed) => parsed.GetValue(strict);

    /// <summary>Lets <c>--graph</c> stand alone, for the command that draws it.</summary>
    public void LetGraphStandAlone()
    {
        graph.Arity = ArgumentArity.ZeroOrOne;
        graph.Description = "Draws the recurrent cells of the graph and what feeds them; with FILE, of that graph.";
    }

    public void AddTo(Command command)
    {
        command.Add(OptionGroup.Reading, cell, dialect, graph, include, exclude, dtype, noCrc);
        command.Add(OptionGroup.Facts, [.. facts.All, wiring, strict]);
    }

    public SourceOptions Reading(ParseResult parsed) => new()
    {
        VoidDType = parsed.GetValue(dtype) switch
        {
            "bfloat16" => DType.BFloat16,
            "float16" => DType.Float16,
            _ => null,
        },
        VerifyChecksums = !parsed.GetValue(noCrc),
    };

    /// <summary>Opens a source: one path, or several .npy files that are one source. Notes and warnings go to the error stream.</summary>
    public RecurrentSource Open(ParseResult parsed, IReadOnlyList<string> paths, bool withoutValues = false)
    {
        var source = RecurrentSource.Open(paths, Reading(parsed) with { WithoutValues = withoutValues }, Recognition(parsed));
        foreach (var note in source.Variables.Notes)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"lstmconvert: note: {Quote.Printed(note)}");
        }

        return source;
    }

    /// <summary>Every option that was said and decides what is understood, as words: parsed again they say the same.</summary>
    public IEnumerable<string> Words(ParseResult parsed) =>
        [
            .. Each("--cell", parsed.GetValue(cell)),
            .. Each("--dialect", parsed.GetValue(dialect)),
            .. Each("--graph", parsed.GetValue(graph)),
            .. facts.Words(parsed),
            .. Each("--wiring", parsed.GetValue(wiring) is "auto" ? null : parsed.GetValue(wiring)),
            .. Each("--include", parsed.GetValue(include)),
            .. Each("--exclude", parsed.GetValue(exclude)),
            .. Each("--dtype", parsed.GetValue(dtype)),
            .. parsed.GetValue(noCrc) ? ["--no-crc"] : Array.Empty<string>(),
        ];

    /// <summary>What is said of a source.</summary>
    public RecognitionOptions Recognition(ParseResult parsed) =>
        new()
        {
            Graph = parsed.GetValue(graph) is ""
                ? throw new UsageException("--graph names no file. Name a .meta, a .pb or a SavedModel, or none.")
                : parsed.GetValue(graph),
            Cells = Scoped(parsed, cell),
            Dialect = parsed.GetValue(dialect),
            Facts = facts.Read(parsed),
            Wiring = parsed.GetValue(wiring)!,
            Include = parsed.GetValue(include) ?? [],
            Exclude = parsed.GetValue(exclude) ?? [],
            IsStrict = parsed.GetValue(strict),
        };

    public static double Number(string option, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw new UsageException($"{option} takes a number, and '{text}' is none. Write it with a point: 1.0.");

    /// <summary>Splits <c>SCOPE=VALUE</c>; <c>auto</c> is dropped.</summary>
    public static IReadOnlyList<Scoped<string>> Scoped(ParseResult parsed, Option<string[]> option) =>
        [
            .. (parsed.GetValue(option) ?? [])
                .Select(FactOptions.Split)
                .Where(pair => pair.Value != "auto")
                .Select(pair => new Scoped<string>(pair.Scope, pair.Value)),
        ];

    private static IEnumerable<string> Each(string option, params IReadOnlyList<string?>? values) =>
        (values ?? []).OfType<string>().SelectMany(value => new[] { option, value });
}
