using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Cli.Terminal;
using LstmConvert.Conversion;
using LstmConvert.Files;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Recognition;
using LstmConvert.Verification;

namespace LstmConvert.Cli;

/// <summary>What is to be done with each source of a command line.</summary>
internal sealed record ConversionMode
{
    /// <summary>Shows what would be written, and writes nothing.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Prints the Keras code alone.</summary>
    public bool PrintsKeras { get; init; }

    /// <summary>Replaces a file that exists.</summary>
    public bool Overwrites { get; init; }

    /// <summary>Leaves a file that exists, and counts its source as done.</summary>
    public bool SkipsExisting { get; init; }

    /// <summary>Leaves a file that exists if it is what would be written: a run goes on where another one ended.</summary>
    public bool Resumes { get; init; }

    /// <summary>Reads each file back.</summary>
    public bool Checks { get; init; } = true;

    /// <summary>Verifies each result.</summary>
    public bool Verifies { get; init; }

    /// <summary>Makes the document of each result.</summary>
    public bool IsJson { get; init; }

    /// <summary>Makes no text.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>Says every variable that is left out.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>Other files that are read, which are never written either.</summary>
    public IReadOnlyList<string> AlsoRead { get; init; } = [];

    /// <summary>Told how many bytes of how many are written.</summary>
    public Action<long, long>? Progress { get; init; }
}

/// <summary>What became of one source.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Status"><c>converted</c>, <c>planned</c> (nothing was to be written), <c>kept</c> (the file was there) or
/// <c>failed</c>.</param>
internal sealed record ConversionOutcome(int Code, string Status)
{
    /// <summary>The result as a document; null where none is wanted, or it failed.</summary>
    public JsonObject? Content { get; init; }

    /// <summary>The result as text.</summary>
    public string Text { get; init; } = "";

    /// <summary>The size of the file in bytes, where one was written.</summary>
    public long? ByteCount { get; init; }

    /// <summary>What verifying the result says, where that is wanted.</summary>
    public VerificationReport? Report { get; init; }

    /// <summary>Why it failed, as a sentence.</summary>
    public string? Error { get; init; }

    /// <summary>What to type next.</summary>
    public string? Next { get; init; }
}

/// <summary>Converts one source, for every command that does: alone, in a batch, from a plan.</summary>
/// <param name="options">The options that say how.</param>
/// <param name="mode">What is to be done.</param>
/// <param name="known">Graphs that were read for sources before; null without.</param>
internal sealed class ConversionRun(ConversionOptionSet options, ConversionMode mode, GraphMemory? known = null)
{
    private readonly GraphMemory graphs = known ?? new GraphMemory();

    /// <summary>Converts one source.</summary>
    /// <param name="parsed">What was said of it.</param>
    /// <param name="entry">The source and the target.</param>
    /// <param name="notices">Takes warnings and notes.</param>
    /// <param name="approved">The plan that it must be; null without.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    /// <exception cref="LstmConvertException">It cannot be converted.</exception>
    public ConversionOutcome Run(
        ParseResult parsed,
        Entry entry,
        Notices.SourceNotices notices,
        ApprovedPlan? approved,
        CancellationToken cancel)
    {
        var format = Format(parsed, entry.Target);
        if (mode is { SkipsExisting: true, IsDryRun: false, PrintsKeras: false } && IsThere(format, entry.Target))
        {
            return new ConversionOutcome(ExitCode.Success, "kept");
        }

        using var opened = Open(parsed, entry, notices, approved, []);
        if (IsWhole(parsed, format) && WholeModelPlan.Of(opened, format) is { } whole)
        {
            using (whole)
            {
                ApprovedPlan.Refuse(approved is null ? null : PlanText.Difference(whole, approved));
                return Whole(parsed, whole, entry, format, notices, cancel);
            }
        }

        if (approved is null || approved.FactsToSay(opened.Model) is not { } said)
        {
            return Weights(parsed, opened, entry, format, notices, approved, cancel);
        }

        foreach (var fact in said)
        {
            notices.Warn(
                $"{ModelText.Shown(fact.Scope ?? "")}: {fact.Name} = {fact.Value} is the plan's word, and not what the source says by itself now. The plan's is written."
            );
        }

        using var again = Open(parsed, entry, notices, approved, said);
        return Weights(parsed, again, entry, format, notices, approved, cancel);
    }

    /// <summary>Plans one source as an entry of a plan.</summary>
    public JsonObject Plan(ParseResult parsed, Entry entry, Notices.SourceNotices notices, CancellationToken cancel)
    {
        var format = Format(parsed, entry.Target);
        using var opened = Open(parsed, entry, notices, null, []);
        var files = SourceContent.Of([.. entry.Sources, .. Named(parsed)], cancel);
        if (IsWhole(parsed, format) && WholeModelPlan.Of(opened, format) is { } whole)
        {
            using (whole)
            {
                return PlanText.Content(whole, entry, format, options.Words(parsed), files, options.LayersPath(parsed));
            }
        }

        Say(opened, notices);
        var plan = PlanOf(opened, options.Conversion(parsed, format));
        plan.RefuseFor(format);
        return PlanText.Content(plan, entry, format, options.Words(parsed), files, options.LayersPath(parsed));
    }

    private IEnumerable<string> Named(ParseResult parsed) =>
        options.Source.GraphName(parsed) is { } graph && graph != RecognitionOptions.NoGraph ? [graph] : [];

    private bool IsWhole(ParseResult parsed, KerasTarget format) => format.IsWholeModel && !options.IsOnlyRecurrent(parsed);

    private KerasTarget Format(ParseResult parsed, string target)
    {
        if (target.StartsWith("--", StringComparison.Ordinal))
        {
            throw new UsageException($"-o took '{target}' for its value. Name the file to write, as in -o lstm.h5.");
        }

        options.Check(parsed);
        if (!options.NamesFolder(parsed) && (Directory.Exists(target) || Path.EndsInDirectorySeparator(target)))
        {
            OutputFile.Check(target, overwrite: true);
        }

        var format = options.Format(parsed, target);
        return format.Misnamed(target) is { } misnamed ? throw new UsageException(misnamed) : format;
    }

    private RecurrentSource Open(
        ParseResult parsed,
        Entry entry,
        Notices.SourceNotices notices,
        ApprovedPlan? approved,
        IReadOnlyList<SaidFact> said)
    {
        var recognition = options.Source.Recognition(parsed) with { Graphs = graphs };
        var opened = OpenSource(entry, options.Source.Reading(parsed), said.Count == 0 ? recognition : recognition with
        {
            Facts = [.. recognition.Facts, .. said],
            Wiring = approved?.Wiring ?? recognition.Wiring,
        });
        foreach (var note in opened.Variables.Notes)
        {
            notices.Note(note);
        }

        return opened;
    }

    private static RecurrentSource OpenSource(Entry entry, SourceOptions reading, RecognitionOptions recognition)
    {
        try
        {
            return RecurrentSource.Open(entry.Sources, reading, recognition);
        }
        catch (UnreadableInputException e) when (entry.Sources is [var path] && KerasFileKind.Matches(path))
        {
            throw new UnreadableInputException(
                $"{path} is a Keras file already. 'lstmconvert repair {path} -o NEW.keras' writes its model for the Keras of today, 'lstmconvert keras2tf {path} -o TARGET' gives the variables of TensorFlow's cells, and 'lstmconvert verify' takes it on either side.",
                e);
        }
    }

    /// <summary>The plan for the recurrent layers; where they cannot be converted and the source is a whole model that can be, that is the
    /// way out.</summary>
    private static ConversionPlan PlanOf(RecurrentSource opened, ConversionOptions conversion)
    {
        try
        {
            return opened.Plan(conversion);
        }
        catch (UnsupportedModelException e) when (IsWholeModel(opened))
        {
            throw new UnsupportedModelException(e.Message, [.. e.Remedies, new WholeModelRemedy()]);
        }
    }

    private static bool IsWholeModel(RecurrentSource opened)
    {
        try
        {
            using var whole = WholeModelPlan.Of(opened);
            return whole is not null;
        }
        catch (LstmConvertException)
        {
            return false;
        }
    }

    private static void Say(RecurrentSource opened, Notices.SourceNotices notices)
    {
        foreach (var warning in opened.Model.Warnings)
        {
            notices.Warn(warning);
        }
    }

    private ConversionOutcome Weights(
        ParseResult parsed,
        RecurrentSource opened,
        Entry entry,
        KerasTarget format,
        Notices.SourceNotices notices,
        ApprovedPlan? approved,
        CancellationToken cancel)
    {
        Say(opened, notices);
        var plan = PlanOf(opened, options.Conversion(parsed, format));
        foreach (var note in plan.Notes)
        {
            notices.Note(note);
        }

        plan.RefuseFor(format);
        ApprovedPlan.Refuse(approved is null ? null : PlanText.Difference(plan, approved));
        RefuseSource(parsed, entry, format);
        var code = plan.KerasCode(entry.Target, format, options.LayersPath(parsed));
        if (mode.PrintsKeras)
        {
            return Printed(code);
        }

        var writing = Writing(parsed, format, plan.ByteCount);
        if (mode.Resumes && IsThere(format, entry.Target) && !mode.Overwrites && plan.IsIn(entry.Target, writing, cancel))
        {
            return Verified(parsed, opened, null, entry, new ConversionOutcome(ExitCode.Success, "kept"), notices);
        }

        CheckTarget(format, entry.Target);
        var result = mode.IsDryRun ? null : plan.Write(entry.Target, writing, cancel);
        foreach (var (variable, count) in result?.NonFinite ?? [])
        {
            notices.Warn(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{variable} holds {count} numbers that are NaN or infinite; they were converted as they are, and the layer will compute NaN."
                ));
        }

        var next = result is null || mode.Verifies ? null : $"lstmconvert {VerifyLine(parsed, entry)}";
        return Verified(parsed, opened, null, entry, new ConversionOutcome(ExitCode.Success, result is null ? "planned" : "converted")
        {
            ByteCount = result?.ByteCount,
            Content = mode.IsJson ? ConversionText.Content(plan, result, entry.Target, code) : null,
            Text = mode.IsQuiet || mode.IsJson ? "" : ConversionText.Of(plan, result, entry.Target, code, format, mode.IsVerbose, next),
            Next = next,
        }, notices);
    }

    /// <summary>A whole model is written: its configuration says every setting.</summary>
    private ConversionOutcome Whole(
        ParseResult parsed,
        WholeModelPlan plan,
        Entry entry,
        KerasTarget format,
        Notices.SourceNotices notices,
        CancellationToken cancel)
    {
        RefuseSource(parsed, entry, format);
        if (mode.PrintsKeras)
        {
            return Printed(plan.KerasCode(entry.Target, options.LayersPath(parsed)));
        }

        var writing = Writing(parsed, format, plan.Layers.Sum(layer => layer.Weights.Sum(weight => weight.Shape.ElementCount * 4)));
        if (mode.Resumes && IsThere(format, entry.Target) && !mode.Overwrites && plan.IsIn(entry.Target, writing, cancel))
        {
            return Verified(parsed, null, plan, entry, new ConversionOutcome(ExitCode.Success, "kept"), notices);
        }

        CheckTarget(format, entry.Target);
        var result = mode.IsDryRun ? null : plan.Write(entry.Target, writing, cancel);
        var next = result is null || mode.Verifies ? null : $"lstmconvert verify {entry.Quoted} {Quote.Shell(entry.Target)}";
        return Verified(parsed, null, plan, entry, new ConversionOutcome(ExitCode.Success, result is null ? "planned" : "converted")
        {
            ByteCount = result?.ByteCount,
            Content = mode.IsJson ? WholeModelText.Content(plan, result, entry.Name, entry.Target) : null,
            Text = mode.IsQuiet || mode.IsJson ? "" : WholeModelText.Of(plan, result, entry.Target, next),
            Next = next,
        }, notices);
    }

    /// <summary>The command that verifies the result, with every option that decided a fact or a name.</summary>
    private string VerifyLine(ParseResult parsed, Entry entry) =>
        string.Join(
            ' ',
            ["verify", entry.Quoted, Quote.Shell(entry.Target), .. options.VerifyWords(parsed).Select(word => Quote.Shell(word))]);

    private ConversionOutcome Printed(string code) =>
        new(ExitCode.Success, "planned") { Content = mode.IsJson ? new JsonObject { ["keras_code"] = code } : null, Text = code };

    private static bool IsThere(KerasTarget format, string target) => format.FilesAt(target).Any(File.Exists);

    private void CheckTarget(KerasTarget format, string target)
    {
        if (!mode.IsDryRun)
        {
            format.CheckPlace(target, mode.Overwrites);
        }
    }

    private WriteOptions Writing(ParseResult parsed, KerasTarget format, long total) => new()
    {
        Target = format,
        LayersPath = options.LayersPath(parsed),
        Overwrite = mode.Overwrites,
        Check = mode.Checks,
        Progress = mode.Progress is { } report ? written => report(written, total) : null,
    };

    private void RefuseSource(ParseResult parsed, Entry entry, KerasTarget format)
    {
        foreach (var file in format.FilesAt(entry.Target))
        {
            OutputFile.RefuseSources(file, () =>
                SourceFiles.Of([.. entry.Sources, .. new[] { options.Source.GraphName(parsed) }.OfType<string>(), .. mode.AlsoRead]));
        }
    }

    /// <summary>Verifies what was written, where that is wanted: the outcome is the verdict's then.</summary>
    private ConversionOutcome Verified(
        ParseResult parsed,
        RecurrentSource? opened,
        WholeModelPlan? whole,
        Entry entry,
        ConversionOutcome outcome,
        Notices.SourceNotices notices)
    {
        if (!mode.Verifies || outcome.Status == "planned")
        {
            return outcome;
        }

        var report = whole is not null ? WholeModelVerifier.Run(entry.Sources[0], entry.Target, new VerificationOptions())
            : Verifier.Run(opened!, entry.Target, new VerificationOptions { LayerNames = options.LayerNames(parsed) });
        if (report is null)
        {
            notices.Warn($"{entry.Target} was written and not verified: it holds no model that can be run.");
            return outcome;
        }

        var code = VerifyCommand.Code(report);
        if (outcome.Content is { } content)
        {
            content["verification"] = VerdictText.Content(report);
        }

        var text =
            outcome.Text.Length == 0
                ? ""
                : $"{outcome.Text}\nVerdict: {Quote.Printed(report.Sentence)}\n{string.Concat(report.Reasons.Select(reason => $"  {Quote.Printed(reason)}\n"))}";
        return outcome with
        {
            Code = code,
            Report = report,
            Text = text,
            Error =
                code == ExitCode.Success
                    ? null
                    : $"{entry.Target} was written, and is {report.Sentence}: {string.Join(" ", report.Reasons)}",
            Next = code == ExitCode.Success ? null : $"lstmconvert {VerifyLine(parsed, entry)}",
        };
    }
}
