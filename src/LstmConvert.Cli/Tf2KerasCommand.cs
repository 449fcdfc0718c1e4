using System.CommandLine;
using System.Text.Json.Nodes;
using LstmConvert.Cli.Help;
using LstmConvert.Cli.Terminal;

namespace LstmConvert.Cli;

/// <summary><c>tf2keras</c>: converts one source, or several each on its own.</summary>
internal sealed class Tf2KerasCommand : Command
{
    /// <summary>The members of each result's document beside the frame's.</summary>
    internal static readonly (string Key, bool IsList)[] ResultShape =
    [
        ("dry_run", false),
        ("bytes", false),
        ("layers_module", false),
        ("read_back", false),
        ("whole_model", false),
        ("needs_keras_3", false),
        ("changes", true),
        ("groups", true),
        ("assumed", true),
        ("layers", true),
        ("left_out", true),
        ("notes", true),
        ("keras_code", false),
        ("verification", false),
    ];

    private readonly Option<string> output = new("--output", "-o")
    {
        Description =
            "The file to write: .h5 (weights), .weights.h5 (Keras 3's weights), .keras (whole model), .npz; with --to tfjs a folder.",
        HelpName = "FILE",
    };
    private readonly Option<bool> printKeras = new("--print-keras") { Description = "Print only the Keras code that loads the file." };
    private readonly Option<bool> dryRun = new("--dry-run")
    {
        Description = "Show what would be written, weight by weight, and write nothing.",
    };
    private readonly BatchOptionSet batch = new();
    private readonly ConversionOptionSet conversion = new();
    private readonly WritingOptionSet writing = new();

    public Tf2KerasCommand()
        : base(
            "tf2keras",
            "Converts TensorFlow's recurrent weights, and the Keras models in SavedModels, to Keras files, and reads each file back.")
    {
        batch.AddTo(this);
        this.Add(OptionGroup.Writing, output);
        conversion.AddTo(this);
        this.Add(OptionGroup.Writing, printKeras, dryRun);
        writing.AddTo(this);
        this.Example(
            "lstmconvert tf2keras model.ckpt -o lstm.h5",
            "The recurrent weights of a checkpoint, and the Keras code that loads them:");
        this.Example(
            "lstmconvert tf2keras model.ckpt -o model.keras",
            "The model around them too (tables, dense layers), from the graph beside it:");
        this.Example("lstmconvert tf2keras saved_model -o model.keras", "A SavedModel of TensorFlow 2:");
        this.Example(
            "lstmconvert tf2keras variables --forget-bias 0 --dry-run",
            "What would be written if the program's cell adds nothing to its forget gate:");
        this.Example("lstmconvert tf2keras runs/*/model.ckpt.index --out-dir converted --jobs 4", "Many checkpoints:");
        SetAction((parsed, cancel) => Task.Run(() => Run(parsed, cancel), cancel));
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var entries = batch.Entries(parsed, parsed.GetValue(output), conversion.DefaultFormat(parsed));
        var isSingle = entries.Count == 1 && !batch.IsList(parsed);
        if (!isSingle && conversion.NamesLayersFile(parsed))
        {
            throw new UsageException(
                $"--emit-layers names one file, and there are {entries.Count} sources. Without it each result has its module beside it.");
        }

        var (text, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var isJson = writing.IsJson(parsed);
        var isWhole = isSingle || parsed.GetValue(dryRun) || parsed.GetValue(printKeras);
        using var progress = new ProgressLine(error, "converting", ProgressLine.Bytes, !isSingle || writing.IsQuiet(parsed));
        var work = new ConversionRun(
            conversion,
            writing.Mode(parsed) with
            {
                IsDryRun = parsed.GetValue(dryRun),
                PrintsKeras = parsed.GetValue(printKeras),
                IsQuiet = !isWhole || (writing.IsQuiet(parsed) && !parsed.GetValue(printKeras)),
                AlsoRead = [.. new[] { batch.ListFile(parsed) }.OfType<string>()],
                Progress = progress.IsShown
                    ? (done, total) => progress.Report(done, total, done < total ? entries[0].Name : "reading back")
                    : null,
            });
        var run = new BatchRun(text, error, entries)
        {
            Jobs = writing.Jobs(parsed),
            IsQuiet = writing.IsQuiet(parsed) && !parsed.GetValue(printKeras),
            IsJson = isJson,
            IsSingle = isSingle,
            IsWhole = isWhole,
            IsPython = parsed.GetValue(printKeras),
            Next = Next,
        };
        var outcomes = run.Run((_, entry, notices, stop) => work.Run(parsed, entry, notices, null, stop), cancel);
        progress.Dispose();
        return isSingle ? Single(run, outcomes[0], isJson, text, error) : WriteBatch(run, isJson, text);
    }

    /// <summary>The document of a batch, and its lines.</summary>
    internal static int WriteBatch(BatchRun run, bool isJson, TextWriter output, string command = "tf2keras")
    {
        var code = run.Report();
        if (isJson)
        {
            Json.Write(output, command, Document(run), code);
        }

        return code;
    }

    private static int Single(BatchRun run, ConversionOutcome outcome, bool isJson, TextWriter output, TextWriter error)
    {
        var failure = run.Thrown is { } thrown ? Failure.Of(thrown, isWhole: true) : null;
        if (isJson)
        {
            var document = Document(run);
            document["error"] = outcome.Error;
            Json.Write(output, "tf2keras", document, outcome.Code);
        }
        else
        {
            output.Write(outcome.Text);
        }

        if (failure is not null)
        {
            error.WriteLine(failure.Printed);
        }

        return outcome.Code;
    }

    private static JsonObject Document(BatchRun run) => new()
    {
        ["warnings"] = Json.Array(run.Warnings, warning => JsonValue.Create(warning)),
        ["results"] = run.Results(ResultShape),
    };

    /// <summary>What to type next for a source that failed.</summary>
    private static string Next(Entry entry, int code) => code switch
    {
        ExitCode.Output when entry.Clash is null => $"lstmconvert tf2keras --force {entry.Quoted} -o {Quote.Shell(entry.Target)}",
        ExitCode.Output => $"lstmconvert tf2keras {entry.Quoted} -o FILE",
        ExitCode.Unreadable => $"lstmconvert inspect {entry.Quoted}",
        _ => $"lstmconvert inspect --all {entry.Quoted}",
    };
}
