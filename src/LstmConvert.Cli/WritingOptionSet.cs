using System.CommandLine;
using LstmConvert.Cli.Help;

namespace LstmConvert.Cli;

/// <summary>The options that say how results are written and told of, the same where a list is converted and where a plan is
/// applied.</summary>
internal sealed class WritingOptionSet
{
    private readonly Option<bool> force = new("--force") { Description = "Replace a file that exists." };
    private readonly Option<bool> skipExisting = new("--skip-existing")
    {
        Description = "Leave a file that exists, and count its source as done.",
    };
    private readonly Option<bool> noCheck = new("--no-check") { Description = "Do not read the file back." };
    private readonly Option<bool> verify = new("--verify")
    {
        Description = "Verify each result as 'lstmconvert verify' does (exit 1 if one is different).",
    };
    private readonly Option<int> jobs = new("--jobs")
    {
        Description = "How many sources are converted at a time.",
        DefaultValueFactory = _ => 1,
        HelpName = "N",
    };
    private readonly Option<bool> json = new("--json") { Description = "One JSON document instead of text." };
    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Nothing but errors." };
    private readonly Option<bool> verbose = new("--verbose", "-v") { Description = "Every variable that is left out." };

    public void AddTo(Command command)
    {
        command.Add(OptionGroup.Writing, force, skipExisting, noCheck, verify);
        command.Add(OptionGroup.Batch, jobs);
        command.Add(OptionGroup.Everywhere, json, quiet, verbose);
    }

    /// <summary>True where the result is a document.</summary>
    public bool IsJson(ParseResult parsed) => parsed.GetValue(json);

    /// <summary>True says nothing but errors.</summary>
    public bool IsQuiet(ParseResult parsed) => parsed.GetValue(quiet);

    /// <summary>How many sources are converted at a time.</summary>
    public int Jobs(ParseResult parsed) =>
        parsed.GetValue(jobs) is >= 1 and var count ? count : throw new UsageException($"--jobs {parsed.GetValue(jobs)}: at least 1.");

    /// <summary>What was said.</summary>
    public ConversionMode Mode(ParseResult parsed) => parsed.GetValue(force) && parsed.GetValue(skipExisting)
        ? throw new UsageException("--force replaces what is there and --skip-existing leaves it. Say one of them.")
        : new ConversionMode
        {
            Overwrites = parsed.GetValue(force),
            SkipsExisting = parsed.GetValue(skipExisting),
            Checks = !parsed.GetValue(noCheck),
            Verifies = parsed.GetValue(verify),
            IsJson = parsed.GetValue(json),
            IsQuiet = parsed.GetValue(quiet),
            IsVerbose = parsed.GetValue(verbose),
        };
}
