using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Formats;
using LstmConvert.Formats.Numpy;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Tensors;
using LstmConvert.Verification;

namespace LstmConvert.Cli;

/// <summary><c>verify</c>: runs both cells and compares.</summary>
internal sealed class VerifyCommand : Command
{
    private readonly Argument<string[]> paths = new("source keras") { Description = "The source (a checkpoint, a SavedModel, a frozen .pb, a folder of .npy files, an .npz, .npy files), then the Keras .h5.", Arity = new ArgumentArity(2, 10_000) };
    private readonly Option<string> input = new("--input") { Description = "The input (b, t, x), or an io.npz with x, sequence_length and init_<k>_<c|h>; without it a sample is drawn.", HelpName = "X.npy|IO.npz" };
    private readonly Option<string> initialState = new("--initial-state") { Description = "Initial states init_<k>_<c|h>.", HelpName = "S.npz" };
    private readonly Option<string> sequenceLength = new("--sequence-length") { Description = "The valid length of each row.", HelpName = "L.npy" };
    private readonly Option<string> expect = new("--expect") { Description = "Outputs and final states recorded elsewhere; both sides are compared with them.", HelpName = "Y.npy|IO.npz" };
    private readonly Option<string> sample = new("--sample") { Description = "What stands before the keys of an io.npz, as in a_.", HelpName = "PREFIX" };
    private readonly Option<string> limit = new("--limit") { Description = "The largest difference allowed (default 1e-6 in float64, 1e-5 in float32; --expect by dtype).", HelpName = "NUMBER" };
    private readonly Option<bool> showDifference = new("--show-difference") { Description = "Keras minus TensorFlow: the last hidden state of each layer." };
    private readonly Option<ulong> seed = new("--seed") { Description = "The seed of the sample that is drawn.", DefaultValueFactory = _ => 1 };
    private readonly Option<string> resetAfter = new("--reset-after") { Description = "Build the Keras GRU with this reset_after; the default follows the bias." };
    private readonly Option<string[]> layer = new("--layer") { Description = "The Keras layer of a scope (repeatable).", HelpName = "SCOPE=NAME" };
    private readonly Option<string[]> feed = new("--feed") { Description = "The value of an input that the source's graph needs beside data, lengths and states (repeatable).", HelpName = "NAME=VALUE" };
    private readonly Option<string[]> fromTensor = new("--from-tensor") { Description = "Where the sample enters the source's graph (repeatable, in the order of the Keras model's inputs); the default with --to-tensor is the graph's placeholders.", HelpName = "NAME" };
    private readonly Option<string[]> toTensor = new("--to-tensor") { Description = "Where the outputs leave the source's graph (repeatable, in the order of the Keras model's outputs): the graph is executed in between and compared with the whole Keras model, whatever cells it has.", HelpName = "NAME" };
    private readonly Option<bool> json = new("--json") { Description = "One JSON document instead of text." };
    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Nothing but the verdict's exit code." };
    private readonly Option<bool> verbose = new("--verbose", "-v") { Description = "Percentile, relative difference, cosine and ulps too." };
    private readonly SourceOptionSet source = new();

    public VerifyCommand()
        : base("verify", "Runs TensorFlow's cell and Keras' cell on a sample and reports the largest difference (exit 1 if they differ, 5 if the sample could not tell).")
    {
        resetAfter.AcceptOnlyFromAmong("true", "false");
        Add(paths);
        foreach (var option in new Option[] { input, initialState, sequenceLength, expect, sample, limit, showDifference, seed })
        {
            Add(option);
        }

        source.AddTo(this);
        foreach (var option in new Option[] { resetAfter, layer, feed, fromTensor, toTensor, json, quiet, verbose })
        {
            Add(option);
        }

        SetAction(RunAsync);
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken cancel) => Task.Run(() => Run(parsed), cancel);

    private int Run(ParseResult parsed)
    {
        var named = parsed.GetRequiredValue(paths);
        if (Cut(parsed) is null && named is [var old, var written] && Whole(parsed, old, written) is { } whole)
        {
            return Say(parsed, whole, named, null);
        }

        using var opened = source.Open(parsed, named[..^1]);
        foreach (var warning in opened.Model.Warnings)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"lstmconvert: warning: {Quote.Printed(warning)}");
        }

        using var sets = new OpenSets();
        return Say(parsed, Verifier.Run(opened, named[^1], Sample(parsed, sets)), named, opened.Model);
    }

    /// <summary>Two whole Keras models, each run as its own file says; null where one of them is none.</summary>
    private VerificationReport? Whole(ParseResult parsed, string old, string written)
    {
        using var sets = new OpenSets();
        var (prefix, reading) = (parsed.GetValue(sample), source.Reading(parsed));
        var recorded = parsed.GetValue(expect) is { } expected ? new RecordedValues(sets.Open(expected, reading, "outputs"), prefix) : null;
        return WholeModelVerifier.Run(old, written, new VerificationOptions
        {
            Input = parsed.GetValue(input) is { } path ? new RecordedValues(sets.Open(path, reading, "x"), prefix) : recorded,
            Expected = recorded,
            Limit = parsed.GetValue(limit) is { } text ? SourceOptionSet.Number("--limit", text) : null,
            Seed = parsed.GetValue(seed),
        });
    }

    private int Say(ParseResult parsed, VerificationReport report, string[] named, SourceModel? model)
    {
        if (parsed.GetValue(json))
        {
            Json.Write(parsed.InvocationConfiguration.Output, "verify", Document(report, named, parsed.GetValue(showDifference), model));
        }
        else if (!parsed.GetValue(quiet))
        {
            Write(parsed.InvocationConfiguration.Output, report, parsed.GetValue(showDifference), parsed.GetValue(verbose));
        }

        return report.Verdict switch
        {
            Verdict.Same => ExitCode.Success,
            Verdict.Different => ExitCode.Different,
            _ => ExitCode.Undecided,
        };
    }

    private VerificationOptions Sample(ParseResult parsed, OpenSets sets)
    {
        var prefix = parsed.GetValue(sample);
        var reading = source.Reading(parsed);
        var recorded = parsed.GetValue(expect) is { } expected ? new RecordedValues(sets.Open(expected, reading, "outputs"), prefix) : null;
        var options = new VerificationOptions
        {
            Input = parsed.GetValue(input) is { } path ? new RecordedValues(sets.Open(path, reading, "x"), prefix) : recorded?.X is not null || Cut(parsed) is not null ? recorded : null,
            Lengths = parsed.GetValue(sequenceLength) is { } lengths ? RecordedValues.Integers(sets.Open(lengths, reading, "sequence_length").Tensors[0]) : null,
            InitialStates = parsed.GetValue(initialState) is { } file ? new RecordedValues(sets.Open(file, reading, "init"), prefix) : null,
            Expected = recorded,
            Seed = parsed.GetValue(seed),
            LayerNames = SourceOptionSet.Scoped(parsed, layer),
            GraphFeeds = Feeds(parsed),
            Cut = Cut(parsed),
            KerasResetAfter = parsed.GetValue(resetAfter) is { } reset ? reset == "true" : null,
        };
        if (parsed.GetValue(limit) is not { } text)
        {
            return options;
        }

        var number = SourceOptionSet.Number("--limit", text);
        return number > 0 ? options with { Limit = number } : throw new UsageException($"--limit {text}: a limit is larger than 0.");
    }

    private GraphCut? Cut(ParseResult parsed)
    {
        var (from, to) = (parsed.GetValue(fromTensor) ?? [], parsed.GetValue(toTensor) ?? []);
        return from.Length + to.Length > 0 ? new GraphCut(from, to) : null;
    }

    private Dictionary<string, double> Feeds(ParseResult parsed)
    {
        var feeds = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var text in parsed.GetValue(feed) ?? [])
        {
            var equals = text.LastIndexOf('=');
            feeds[equals > 0 ? text[..equals] : throw new UsageException($"--feed {text}: write NAME=VALUE.")] = text[(equals + 1)..] switch
            {
                "true" => 1,
                "false" => 0,
                var number => SourceOptionSet.Number("--feed", number),
            };
        }

        return feeds;
    }

    private static void Write(TextWriter output, VerificationReport report, bool showDifference, bool details)
    {
        output.WriteLine($"Sample: {report.SampleText}");
        if (report.Graph is { Layers.Count: > 0 } graph)
        {
            output.WriteLine($"The source's own graph: run on {graph.SampleText}");
        }

        foreach (var layer in report.Layers)
        {
            output.WriteLine();
            output.WriteLine($"{ModelText.Shown(layer.Layer.Scope)} ({layer.Layer.CellName}) against {layer.LayerName}");
            foreach (var fact in layer.Layer.Facts)
            {
                output.WriteLine($"  {fact}");
            }

            foreach (var (precision, compared) in layer.Float64.Select(one => ("float64", one)).Concat(layer.Float32.Select(one => ("float32", one))))
            {
                Write(output, precision, compared, details);
            }

            foreach (var (precision, compared) in layer.Graph is { } own ? own.Float64.Select(one => ("float64", one)).Concat(own.Float32.Select(one => ("float32", one))) : [])
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {precision} {compared.Difference.What,-8} of the source's own graph against TensorFlow's cell: max abs diff {compared.Difference.MaxAbs:g4} (limit {compared.Limit:g3}){(compared.FirstStepOver is { } over ? $"; first step over the limit: {over}" : "")}"));
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  per step (float64): {string.Join(" ", layer.Float64[0].Difference.PerStep.Take(16).Select(step => step.ToString("g2", CultureInfo.InvariantCulture)))}{(layer.Float64[0].Difference.PerStep.Count > 16 ? " …" : "")}"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  power: the nearest of {layer.Power.Count} wrong conventions ({layer.Power.Hypothesis}) would differ by {layer.Power.Distance:g3}"));
            foreach (var row in showDifference ? layer.LastHidden : [])
            {
                output.WriteLine($"  Keras - TensorFlow, last hidden state: {string.Join(" ", row.Select(value => value.ToString("0.00000000", CultureInfo.InvariantCulture)))}");
            }
        }

        foreach (var compared in report.Outputs)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(compared.Difference.What.StartsWith("the ", StringComparison.Ordinal) ? "T" + compared.Difference.What[1..] : compared.Difference.What)}: max abs diff {compared.Difference.MaxAbs:g4} (limit {compared.Limit:g3})"));
        }

        foreach (var expectation in report.Expectations)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{expectation.Side} against recorded {expectation.Key}: max abs diff {expectation.Difference.MaxAbs:g4} (limit {expectation.Limit:g3}){(expectation.IsMet ? "" : "  EXCEEDED")}"));
        }

        foreach (var note in report.Notes)
        {
            output.WriteLine($"Note: {note}");
        }

        output.WriteLine();
        output.WriteLine($"Verdict: {report.Sentence}");
        foreach (var reason in report.Reasons)
        {
            output.WriteLine($"  {reason}");
        }

        foreach (var witness in report.Witnesses.Where(witness => witness.State is WitnessState.NotRun or WitnessState.Partial))
        {
            output.WriteLine($"  {witness.Sentence[..1].ToUpperInvariant()}{witness.Sentence[1..]}.");
        }

        foreach (var remedy in RemedyText.Feeds(report.Graph?.Remedies ?? []))
        {
            output.WriteLine($"  {remedy}");
        }
    }

    private static void Write(TextWriter output, string precision, Compared compared, bool details)
    {
        var difference = compared.Difference;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {precision} {difference.What,-8} max abs diff {difference.MaxAbs:g4} (limit {compared.Limit:g3}), mean {difference.MeanAbs:g3}, at row {difference.Place.Row} step {difference.Place.Step} unit {difference.Place.Unit}: TensorFlow {difference.Left:g9}, Keras {difference.Right:g9}{(compared.FirstStepOver is { } step ? $"; first step over the limit: {step}" : "")}{(difference.NotFinite > 0 ? $"; {difference.NotFinite} values are NaN or infinite" : "")}"));
        if (details)
        {
            var statistics = difference.Statistics();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"          p99 {statistics.Percentile99:g4}, relative {statistics.Relative:g4}, 1 - cosine {1 - statistics.Cosine:g3}, at most {statistics.MaxUlp} float32 ulps apart"));
        }
    }

    private static JsonObject Document(VerificationReport report, string[] named, bool showDifference, SourceModel? model) => new()
    {
        ["source"] = string.Join(' ', named[..^1]),
        ["keras"] = named[^1],
        ["verdict"] = report.Verdict.ToString().ToLowerInvariant(),
        ["assumed"] = Json.Array(report.Assumed, condition => JsonValue.Create(condition)),
        ["reasons"] = Json.Array(report.Reasons, reason => JsonValue.Create(reason)),
        ["sample"] = report.SampleText,
        ["groups"] = model is null ? new JsonArray() : ModelText.Groups(model),
        ["layers"] = Json.Array(report.Layers, layer => new JsonObject
        {
            ["scope"] = layer.Layer.Scope,
            ["layer"] = layer.LayerName,
            ["float64"] = Json.Array(layer.Float64, Node),
            ["float32"] = Json.Array(layer.Float32, Node),
            ["graph"] = layer.Graph is { } graph ? new JsonObject
            {
                ["confirmed"] = graph.IsConfirmed,
                ["by_step"] = graph.IsByStep,
                ["node"] = graph.Node,
                ["cause"] = graph.Cause,
                ["float64"] = Json.Array(graph.Float64, Node),
                ["float32"] = Json.Array(graph.Float32, Node),
            }
            : null,
            ["power"] = new JsonObject { ["nearest"] = layer.Power.Hypothesis, ["distance"] = Json.Number(layer.Power.Distance), ["tried"] = layer.Power.Count },
            ["cause"] = layer.Cause,
            ["last_hidden_difference"] = showDifference ? Json.Array(layer.LastHidden, row => Json.Array(row, value => Json.Number(value))) : null,
        }),
        ["graph"] = report.Graph is { } all ? new JsonObject
        {
            ["confirmed"] = report.IsConfirmedByGraph,
            ["sample"] = all.SampleText,
            ["notes"] = Json.Array(all.Reasons, reason => JsonValue.Create(reason)),
        }
        : null,
        ["witnesses"] = Json.Array(report.Witnesses, witness => new JsonObject
        {
            ["witness"] = witness.Name,
            ["state"] = Word(witness.State),
            ["reasons"] = Json.Array(witness.Reasons, reason => JsonValue.Create(reason)),
        }),
        ["outputs"] = Json.Array(report.Outputs, Node),
        ["expectations"] = Json.Array(report.Expectations, expectation => new JsonObject
        {
            ["side"] = expectation.Side,
            ["key"] = expectation.Key,
            ["max_abs_diff"] = Json.Number(expectation.Difference.MaxAbs),
            ["limit"] = Json.Number(expectation.Limit),
            ["met"] = expectation.IsMet,
        }),
        ["notes"] = Json.Array(report.Notes, note => JsonValue.Create(note)),
    };

    private static string Word(WitnessState state) => state switch
    {
        WitnessState.Absent => "absent",
        WitnessState.NotRun => "not_run",
        WitnessState.Partial => "partial",
        WitnessState.EachStep => "each_step",
        WitnessState.Confirms => "confirms",
        _ => "contradicts",
    };

    private static JsonObject Node(Compared compared)
    {
        var node = Node(compared.Difference, compared.Difference.Statistics());
        node["limit"] = Json.Number(compared.Limit);
        return node;
    }

    private static JsonObject Node(Difference difference, DifferenceStatistics statistics) => new()
    {
        ["what"] = difference.What,
        ["max_abs_diff"] = Json.Number(difference.MaxAbs),
        ["mean_abs_diff"] = Json.Number(difference.MeanAbs),
        ["row"] = difference.Place.Row,
        ["step"] = difference.Place.Step,
        ["unit"] = difference.Place.Unit,
        ["tensorflow"] = Json.Number(difference.Left),
        ["keras"] = Json.Number(difference.Right),
        ["per_step"] = Json.Array(difference.PerStep, step => Json.Number(step)),
        ["not_finite"] = difference.NotFinite,
        ["p99_abs_diff"] = Json.Number(statistics.Percentile99),
        ["relative_diff"] = Json.Number(statistics.Relative),
        ["cosine"] = Json.Number(statistics.Cosine),
        ["max_ulp"] = statistics.MaxUlp,
    };

    /// <summary>The arrays that options name, open until the verification is done.</summary>
    private sealed class OpenSets : IDisposable
    {
        private readonly List<TensorSet> sets = [];

        /// <summary>Opens an .npz, or an .npy whose only array gets a name.</summary>
        public TensorSet Open(string path, SourceOptions options, string name)
        {
            var set = NpyFiles.IsNpyArgument(path) ? NpyFiles.Open([$"{name}={path}"], options) : SourceCatalog.Open(path, options);
            sets.Add(set);
            return set;
        }

        public void Dispose() => sets.ForEach(set => set.Dispose());
    }
}
