using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using LstmConvert.Formats;
using LstmConvert.Formats.Numpy;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Cli;

/// <summary>The options that say how a source is to be read and understood, the same in every command.</summary>
internal sealed class SourceOptionSet
{
    private readonly Option<string[]> cell = new("--cell") { Description = "The kind of cell, for all or as SCOPE=NAME (repeatable): LSTMCell, BasicLSTMCell, GRUCell, GRUBlockCell, BasicRNNCell, …", HelpName = "[SCOPE=]NAME" };
    private readonly Option<string[]> forgetBias = new("--forget-bias") { Description = "What TensorFlow's cell adds to the forget gate at run time, for all or as SCOPE=VALUE (repeatable); 'auto' is evidence, else 1.", HelpName = "[SCOPE=]VALUE" };
    private readonly Option<string[]> activation = new("--activation") { Description = "The activation of candidate and output, for all or as SCOPE=NAME (repeatable); 'auto' is evidence, else tanh.", HelpName = "[SCOPE=]NAME" };
    private readonly Option<string> graph = new("--graph") { Description = "The graph that belongs to the variables: a .meta, a .pb or a SavedModel; 'none' ignores the one beside a checkpoint.", HelpName = "FILE" };
    private readonly Option<string> wiring = new("--wiring") { Description = "How the cells feed each other.", DefaultValueFactory = _ => "auto" };
    private readonly Option<string[]> include = new("--include") { Description = "Only variables whose name matches (* and ?; repeatable).", HelpName = "GLOB" };
    private readonly Option<string[]> exclude = new("--exclude") { Description = "No variable whose name matches (repeatable).", HelpName = "GLOB" };
    private readonly Option<string> dtype = new("--dtype") { Description = "What two-byte elements without a type ('<V2', as ml_dtypes writes bfloat16) are." };
    private readonly Option<bool> strict = new("--strict") { Description = "Refuse whatever is only assumed (exit 5)." };
    private readonly Option<bool> noCrc = new("--no-crc") { Description = "Do not verify checksums." };

    public SourceOptionSet()
    {
        wiring.AcceptOnlyFromAmong("auto", "chain", "independent", "bidirectional", "stack-bidirectional");
        dtype.AcceptOnlyFromAmong("bfloat16", "float16");
    }

    /// <summary>True if <c>--graph</c> was said, with a file or without.</summary>
    public bool NamesGraph(ParseResult parsed) => parsed.GetResult(graph) is not null;

    /// <summary>What <c>--graph</c> names, or null.</summary>
    public string? GraphName(ParseResult parsed) => parsed.GetValue(graph);

    /// <summary>Lets <c>--graph</c> stand alone, for the command that draws it.</summary>
    public void LetGraphStandAlone()
    {
        graph.Arity = ArgumentArity.ZeroOrOne;
        graph.Description = "Draws the recurrent cells of the graph and what feeds them; with FILE, of that graph.";
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { cell, graph, forgetBias, activation, wiring, include, exclude, dtype, strict, noCrc })
        {
            command.Add(option);
        }
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

    public RecognitionOptions Recognition(ParseResult parsed, TensorSet set) => new()
    {
        Graph = OpenGraph(parsed, set),
        Cells = Scoped(parsed, cell, text => text),
        ForgetBias = Scoped(parsed, forgetBias, text => Number("--forget-bias", text)),
        Activation = Scoped(parsed, activation, text => text.ToLowerInvariant()),
        Wiring = parsed.GetValue(wiring)!,
        Include = parsed.GetValue(include) ?? [],
        Exclude = parsed.GetValue(exclude) ?? [],
        IsStrict = parsed.GetValue(strict),
    };

    /// <summary>The graph that is named, else the one beside the variables; a graph nobody named that is broken is said and left alone.</summary>
    public Graph? OpenGraph(ParseResult parsed, TensorSet set)
    {
        if (parsed.GetValue(graph) is { } named && named != set.Path)
        {
            return named == "none" ? null : Graph.Open(named);
        }

        if (set.GraphPath is not { } beside)
        {
            return null;
        }

        try
        {
            return Graph.Open(beside);
        }
        catch (UnreadableInputException e)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"lstmconvert: warning: the graph beside the variables is not used: {e.Message}");
            return null;
        }
    }

    /// <summary>Opens a source: one path, or several .npy files that are one source.</summary>
    public TensorSet Open(ParseResult parsed, IReadOnlyList<string> paths, bool withoutValues = false)
    {
        var set = SourceCatalog.Open(paths, Reading(parsed) with { WithoutValues = withoutValues });
        foreach (var note in set.Notes)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"lstmconvert: note: {note}");
        }

        return set;
    }

    public static double Number(string option, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw new UsageException($"{option} takes a number, and '{text}' is none. Write it with a point: 1.0.");

    /// <summary>Splits <c>SCOPE=VALUE</c>; <c>auto</c> is dropped.</summary>
    public static IReadOnlyList<Scoped<T>> Scoped<T>(ParseResult parsed, Option<string[]> option, Func<string, T> read) =>
    [
        .. (parsed.GetValue(option) ?? []).Select(text => text.LastIndexOf('=') is var at && at > 0 ? (Scope: text[..at], Value: text[(at + 1)..]) : (Scope: null, Value: text))
            .Where(pair => pair.Value != "auto")
            .Select(pair => new Scoped<T>(pair.Scope, read(pair.Value))),
    ];
}
