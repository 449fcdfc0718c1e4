using System.CommandLine;
using System.CommandLine.Parsing;
using LstmConvert.Cli.Help;
using LstmConvert.Cli.Terminal;
using LstmConvert.Recognition;

namespace LstmConvert.Cli;

/// <summary><c>apply</c>: runs a plan. What it did before is left; a source that changed, or a conversion that is not the planned one, is
/// refused.</summary>
internal sealed class ApplyCommand : Command
{
    private readonly Argument<string> plan = new("plan")
    {
        Description = "A plan that 'lstmconvert plan' wrote; its paths are taken from the current folder.",
        HelpName = "plan.json",
    };
    private readonly Option<string> shard = new("--shard")
    {
        Description = "Only the K-th of N parts of the plan, for N runs side by side.",
        HelpName = "K/N",
    };
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Check sources and recipes, and write nothing." };
    private readonly WritingOptionSet writing = new();

    public ApplyCommand()
        : base(
            "apply",
            "Runs a plan: each entry is planned again, refused if it is not what the plan says, converted and read back; what is there already is left."
        )
    {
        Add(plan);
        this.Add(OptionGroup.Batch, shard);
        this.Add(OptionGroup.Writing, dryRun);
        writing.AddTo(this);
        this.Example("lstmconvert apply plan.json --verify", "Each entry converted, read back and verified:");
        this.Example("lstmconvert apply plan.json --shard 2/8 --jobs 4", "The second of eight machines:");
        SetAction((parsed, cancel) => Task.Run(() => Run(parsed, cancel), cancel));
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var path = parsed.GetRequiredValue(plan);
        var planned = PlanFile.Read(path);
        if (parsed.GetValue(shard) is { } part)
        {
            planned = Shard.Parse(part).Of(planned);
        }

        var (text, error, isJson) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, writing.IsJson(parsed));
        var mode = writing.Mode(parsed) with { IsDryRun = parsed.GetValue(dryRun), IsQuiet = true, Resumes = true, AlsoRead = [path] };
        var run = new BatchRun(text, error, [.. planned.Select(entry => entry.Entry)])
        {
            Jobs = writing.Jobs(parsed),
            IsQuiet = writing.IsQuiet(parsed),
            IsJson = isJson,
            Next = (entry, code) =>
                code is ExitCode.Undecided or ExitCode.Unreadable
                    ? $"lstmconvert plan {entry.Quoted} -o PLAN.json"
                    : $"lstmconvert inspect --all {entry.Quoted}",
        };
        var graphs = new GraphMemory();
        run.Run((k, entry, notices, stop) => Apply(planned[k], mode, graphs, notices, stop), cancel);
        return Tf2KerasCommand.WriteBatch(run, isJson, text, "apply");
    }

    private static ConversionOutcome Apply(
        PlanEntry entry,
        ConversionMode mode,
        GraphMemory graphs,
        Notices.SourceNotices notices,
        CancellationToken cancel)
    {
        if (entry.Error is { } error)
        {
            return new ConversionOutcome(entry.Code == ExitCode.Success ? ExitCode.Unreadable : entry.Code, "failed")
            {
                Error = $"it could not be planned: {error}",
            };
        }

        // The options are parsed as the command line's: one vocabulary, one meaning.
        var options = new ConversionOptionSet();
        var command = new Command("entry");
        options.AddTo(command);
        var parsed = command.Parse([.. entry.Words], new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            throw new UsageException(
                $"The options of the plan are none of this version: {string.Join(" ", parsed.Errors.Select(problem => problem.Message))}");
        }

        var graph = options.Source.GraphName(parsed);
        entry.Plan.RefuseChanged(
            [.. entry.Entry.Sources, .. graph is null or RecognitionOptions.NoGraph ? Array.Empty<string>() : [graph]],
            cancel);
        return new ConversionRun(options, mode, graphs).Run(parsed, entry.Entry, notices, entry.Plan, cancel);
    }
}
