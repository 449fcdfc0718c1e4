using System.CommandLine;
using LstmConvert.Cli.Completion;
using LstmConvert.Cli.Help;
using LstmConvert.Formats;
using LstmConvert.Formats.Numpy;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Reports;
using LstmConvert.Tensors;
using LstmConvert.Verification;

namespace LstmConvert.Cli;

/// <summary><c>verify</c>: runs both cells and compares.</summary>
internal sealed class VerifyCommand : Command
{
    private readonly Argument<string[]> paths = new("source keras")
    {
        HelpName = "SOURCE... KERAS",
        Description =
            "The source (a checkpoint, a SavedModel, a frozen .pb or .pbtxt, a folder of .npy files, an .npz, .npy files), then the Keras file.",
        Arity = new ArgumentArity(2, 10_000),
    };
    private readonly Option<string> input = new("--input")
    {
        Description = "The input (b, t, x), or an io.npz with x, sequence_length and init_<k>_<c|h>; without it a sample is drawn.",
        HelpName = "X.npy|IO.npz",
    };
    private readonly Option<string> initialState = new("--initial-state")
    {
        Description = "Initial states init_<k>_<c|h>.",
        HelpName = "S.npz",
    };
    private readonly Option<string> sequenceLength = new("--sequence-length")
    {
        Description = "The valid length of each row.",
        HelpName = "L.npy",
    };
    private readonly Option<string> expect = new("--expect")
    {
        Description = "Outputs and final states recorded elsewhere; both sides are compared with them.",
        HelpName = "Y.npy|IO.npz",
    };
    private readonly Option<string> sample = new("--sample")
    {
        Description = "What stands before the keys of an io.npz, as in a_.",
        HelpName = "PREFIX",
    };
    private readonly Option<string> limit = new("--limit")
    {
        Description = "The largest difference allowed (default 1e-6 in float64, 1e-5 in float32; --expect by dtype).",
        HelpName = "NUMBER",
    };
    private readonly Option<bool> showDifference = new("--show-difference")
    {
        Description = "Keras minus TensorFlow: the last hidden state of each layer.",
    };
    private readonly Option<ulong> seed = new("--seed")
    {
        Description = "The seed of the sample that is drawn.",
        DefaultValueFactory = _ => 1,
    };
    private readonly Option<string> resetAfter = new("--reset-after")
    {
        Description = "Build the Keras GRU with this reset_after; the default follows the bias.",
    };
    private readonly Option<string[]> layer = new("--layer")
    {
        Description = "The Keras layer of a scope (repeatable).",
        HelpName = "SCOPE=NAME",
    };
    private readonly Option<string[]> feed = new("--feed")
    {
        Description = "The value of an input that the source's graph needs beside data, lengths and states (repeatable).",
        HelpName = "NAME=VALUE",
    };
    private readonly Option<string[]> fromTensor = new("--from-tensor")
    {
        Description =
            "Where the sample enters the source's graph (repeatable, in the order of the Keras model's inputs); the default with --to-tensor is the graph's placeholders.",
        HelpName = "NAME",
    };
    private readonly Option<string[]> toTensor = new("--to-tensor")
    {
        Description =
            "Where the outputs leave the source's graph (repeatable, in the order of the Keras model's outputs): the graph is executed in between and compared with the whole Keras model, whatever cells it has.",
        HelpName = "NAME",
    };
    private readonly Option<bool> json = new("--json") { Description = "One JSON document instead of text." };
    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Nothing but the verdict's exit code." };
    private readonly Option<bool> verbose = new("--verbose", "-v")
    {
        Description = "Percentile, relative difference, cosine and ulps too.",
    };
    private readonly SourceOptionSet source = new();
    private readonly ReportOption report = new();

    public VerifyCommand()
        : base(
            "verify",
            "Runs TensorFlow's cell and Keras' cell on a sample and reports the largest difference (exit 1 if they differ, 5 if the sample could not tell)."
        )
    {
        resetAfter.AcceptOnlyFromAmong("true", "false");
        Add(paths);
        this.Add(
            OptionGroup.Sample,
            input,
            initialState,
            sequenceLength,
            expect,
            sample,
            feed,
            fromTensor,
            toTensor,
            limit,
            seed,
            showDifference,
            layer,
            resetAfter);
        source.AddTo(this);
        report.AddTo(this, "Writes the verdict, its conditions, every number and the curves as one page of HTML.");
        this.Add(OptionGroup.Everywhere, json, quiet, verbose);
        layer.Completes((line, typed) => line.Scoped(typed, []));
        this.Example("lstmconvert verify model.ckpt lstm.h5", "Both sides on a sample that is drawn; exit 0 says same, 1 different:");
        this.Example(
            "lstmconvert verify model.ckpt lstm.h5 --input x.npy --expect y.npy",
            "On your own input, and against what your program computed:");
        this.Example("lstmconvert verify old_saved_model model.keras", "Two whole models:");
        SetAction(RunAsync);
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken cancel) => Task.Run(() => Run(parsed), cancel);

    private int Run(ParseResult parsed)
    {
        var named = parsed.GetRequiredValue(paths);
        var page = report.Target(
            parsed,
            [
                .. named,
                source.GraphName(parsed),
                parsed.GetValue(input),
                parsed.GetValue(expect),
                parsed.GetValue(initialState),
                parsed.GetValue(sequenceLength),
            ]);
        if (Cut(parsed) is null && named is [var old, var written] && Whole(parsed, old, written) is { } whole)
        {
            return Say(parsed, whole, named, null, page);
        }

        using var opened = source.Open(parsed, named[..^1]);
        foreach (var warning in opened.Model.Warnings)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"lstmconvert: warning: {Quote.Printed(warning)}");
        }

        using var sets = new OpenSets();
        return Say(parsed, Verifier.Run(opened, named[^1], Sample(parsed, sets)), named, opened, page);
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

    private int Say(ParseResult parsed, VerificationReport verified, string[] named, RecurrentSource? opened, string? page)
    {
        if (page is not null)
        {
            Page(parsed, verified, named, opened).Write(page, report.Replaces(parsed));
        }

        if (parsed.GetValue(json))
        {
            Json.Write(
                parsed.InvocationConfiguration.Output,
                "verify",
                VerificationText.Document(verified, named, parsed.GetValue(showDifference), opened?.Model, page),
                Code(verified));
        }
        else if (!parsed.GetValue(quiet))
        {
            VerificationText.Write(
                parsed.InvocationConfiguration.Output,
                verified,
                parsed.GetValue(showDifference),
                parsed.GetValue(verbose));
            if (page is not null)
            {
                parsed.InvocationConfiguration.Output.WriteLine($"Report: {Quote.Printed(page)}");
            }
        }

        return Code(verified);
    }

    /// <summary>The exit code of a verdict.</summary>
    internal static int Code(VerificationReport report) => report.Verdict switch
    {
        Verdict.Same => ExitCode.Success,
        Verdict.Different => ExitCode.Different,
        _ => ExitCode.Undecided,
    };

    private VerificationPage Page(ParseResult parsed, VerificationReport verified, string[] named, RecurrentSource? opened)
    {
        var layers = (parsed.GetValue(layer) ?? []).SelectMany(text => new[] { "--layer", text });
        var convert = opened is null
            ? ReportOption.Line(["lstmconvert", Directory.Exists(named[0]) ? "tf2keras" : "repair", named[0], "-o", named[^1]])
            : string.Join(
                ' ',
                [
                    ReportOption.Line(["lstmconvert", "tf2keras", .. named[..^1], "-o", named[^1]]),
                    .. source.Words(parsed),
                    .. layers.Select(word => Quote.Shell(word)),
                ]);
        return new VerificationPage(verified, string.Join(' ', named[..^1]), named[^1])
        {
            Source = opened,
            LayerNames = SourceOptionSet.Scoped(parsed, layer),
            Commands =
            [
                new ReportedCommand("Convert, with what was said here", convert),
                ReportOption.Typed(parsed, "Verify, and write this page"),
            ],
        };
    }

    private VerificationOptions Sample(ParseResult parsed, OpenSets sets)
    {
        var prefix = parsed.GetValue(sample);
        var reading = source.Reading(parsed);
        var recorded = parsed.GetValue(expect) is { } expected ? new RecordedValues(sets.Open(expected, reading, "outputs"), prefix) : null;
        var options = new VerificationOptions
        {
            Input =
                parsed.GetValue(input) is { } path ? new RecordedValues(sets.Open(path, reading, "x"), prefix)
                : recorded?.X is not null || Cut(parsed) is not null ? recorded
                : null,
            Lengths = parsed.GetValue(sequenceLength) is { } lengths
                ? RecordedValues.Integers(sets.Open(lengths, reading, "sequence_length").Tensors[0])
                : null,
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
