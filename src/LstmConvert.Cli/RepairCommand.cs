using System.CommandLine;
using LstmConvert.Cli.Help;
using LstmConvert.Conversion;
using LstmConvert.Files;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.Verification;

namespace LstmConvert.Cli;

/// <summary><c>repair</c>: writes an old Keras file again so that the Keras of today loads it.</summary>
internal sealed class RepairCommand : Command
{
    private readonly Argument<string> old = new("old")
    {
        Description = "A whole model of any Keras: .h5, .keras, a SavedModel, or a TensorFlow.js model.",
    };
    private readonly Option<string> output = new("--output", "-o")
    {
        Description = "The file to write: .keras or .h5; with --to tfjs a folder.",
        HelpName = "FILE",
        Required = true,
    };
    private readonly Option<string> to = new("--to") { Description = "The format to write; the default follows the extension." };
    private readonly Option<bool> force = new("--force") { Description = "Replace a file that exists." };
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Show what would be written, and write nothing." };
    private readonly Option<bool> json = new("--json") { Description = "One JSON document instead of text." };
    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Nothing but errors." };

    public RepairCommand()
        : base("repair", "Writes an old Keras model again so that the Keras of today loads it, and verifies that both compute the same.")
    {
        to.AcceptOnlyFromAmong([.. KerasTarget.All.Where(target => target.IsWholeModel).Select(target => target.Name)]);
        Add(old);
        this.Add(OptionGroup.Writing, output, to, dryRun, force);
        this.Add(OptionGroup.Everywhere, json, quiet);
        this.Example("lstmconvert repair old.h5 -o new.keras", "A model of Keras 1 or 2 that does not load any more:");
        this.Example("lstmconvert repair old.keras -o new.keras --dry-run", "What would be changed:");
        SetAction((parsed, cancel) => Task.Run(() => Run(parsed, cancel), cancel));
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var (source, target) = (parsed.GetValue(old)!, parsed.GetValue(output)!);
        var format =
            parsed.GetValue(to) is { } named ? KerasTarget.Find(named)
            : target.EndsWith(".h5", StringComparison.OrdinalIgnoreCase) ? KerasTarget.Find("keras-model")
            : KerasTarget.ByName(target);
        if (!format.IsWholeModel)
        {
            throw new UsageException($"{target} is a name of weights alone. A repaired model is written to .keras or .h5.");
        }

        foreach (var file in format.FilesAt(target))
        {
            OutputFile.RefuseSources(file, () =>
                SourceFiles.Of([source]).Concat(Directory.Exists(source) ? Directory.EnumerateFiles(source) : []));
        }

        if (!parsed.GetValue(dryRun))
        {
            format.CheckPlace(target, parsed.GetValue(force));
        }

        using var plan = WholeModelPlan.Open(source, format);
        var result = parsed.GetValue(dryRun)
            ? null
            : plan.Write(target, new WriteOptions { Target = format, Overwrite = parsed.GetValue(force) }, cancel);
        var (report, unverified) = result is null ? (null, null) : Verified(source, target);
        var code = report?.Verdict == Verdict.Different ? ExitCode.Different : ExitCode.Success;
        var text = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(json))
        {
            var content = WholeModelText.Content(plan, result, source, target);
            content["verification"] = report is not null ? VerdictText.Content(report)
                : unverified is not null ? VerdictText.Unverified(unverified)
                : null;
            Json.Write(text, "repair", content, code);
        }
        else if (!parsed.GetValue(quiet))
        {
            text.Write(WholeModelText.Of(plan, result, target, next: null));
            Write(text, report);
            if (unverified is not null)
            {
                text.WriteLine();
                text.WriteLine($"Verdict: inconclusive, neither model was run: {unverified}");
            }
        }

        return code;
    }

    /// <summary>Runs both models; or says why that cannot be done: what is written was read back, and is not taken away.</summary>
    private static (VerificationReport? Report, string? Unverified) Verified(string source, string target)
    {
        try
        {
            return (WholeModelVerifier.Run(source, target, new VerificationOptions()), null);
        }
        catch (UnsupportedModelException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>Both models were run on one sample, each as its own file describes it.</summary>
    private static void Write(TextWriter output, VerificationReport? report)
    {
        if (report is not null)
        {
            output.WriteLine();
            output.WriteLine($"Verdict: {report.Sentence} ({report.SampleText})");
            foreach (var reason in report.Reasons)
            {
                output.WriteLine($"  {reason}");
            }
        }
    }
}
