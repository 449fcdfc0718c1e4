using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Cli.Help;
using LstmConvert.Cli.Terminal;
using LstmConvert.Files;
using LstmConvert.Formats;

namespace LstmConvert.Cli;

/// <summary><c>plan</c>: the conversion as a file that a person reads and <c>apply</c> runs.</summary>
internal sealed class PlanCommand : Command
{
    private readonly Option<string> output = new("--output", "-o")
    {
        Description = "The plan to write; without it the plan itself is the output.",
        HelpName = "PLAN.json",
    };
    private readonly Option<bool> force = new("--force") { Description = "Replace a plan that exists." };
    private readonly Option<int> jobs = new("--jobs")
    {
        Description = "How many sources are planned at a time.",
        DefaultValueFactory = _ => 1,
        HelpName = "N",
    };
    private readonly Option<bool> json = new("--json") { Description = "The plan on standard output too." };
    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Nothing but errors." };
    private readonly BatchOptionSet batch = new();
    private readonly ConversionOptionSet conversion = new();

    public PlanCommand()
        : base(
            "plan",
            "Writes down what a conversion would do (sources with their hashes, layers, facts with evidence, recipes), to be looked at and applied."
        )
    {
        batch.AddTo(this);
        this.Add(OptionGroup.Writing, output);
        conversion.AddTo(this);
        this.Add(OptionGroup.Writing, force);
        this.Add(OptionGroup.Batch, jobs);
        this.Add(OptionGroup.Everywhere, json, quiet);
        this.Example(
            "lstmconvert plan runs/*/model.ckpt.index --out-dir converted -o plan.json",
            "What would be done, to be read before it is:");
        this.Example("lstmconvert plan model.ckpt --strict", "One source; whatever is only assumed is refused:");

        SetAction((parsed, cancel) => Task.Run(() => Run(parsed, cancel), cancel));
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var entries = batch.Entries(parsed, null, conversion.DefaultFormat(parsed));
        var (text, error, file) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(output));
        if (conversion.NamesLayersFile(parsed) && entries.Count > 1)
        {
            throw new UsageException(
                $"--emit-layers names one file, and there are {entries.Count} sources. Without it each result has its module beside it.");
        }

        if (file is not null)
        {
            OutputFile.Check(file, parsed.GetValue(force));
            OutputFile.RefuseSources(file, () => SourceFiles.Of(entries.SelectMany(entry => entry.Sources)));
        }

        var work = new ConversionRun(conversion, new ConversionMode());
        var run = new BatchRun(text, error, entries)
        {
            Jobs = parsed.GetValue(jobs) is >= 1 and var count
                ? count
                : throw new UsageException($"--jobs {parsed.GetValue(jobs)}: at least 1."),
            IsQuiet = true,
            Next = (entry, _) => $"lstmconvert inspect --all {entry.Quoted}",
        };
        var outcomes = run.Run(
            (_, entry, notices, stop) =>
                new ConversionOutcome(ExitCode.Success, "planned") { Content = work.Plan(parsed, entry, notices, stop) },
            cancel);
        var code = run.Report();
        if (code == ExitCode.Interrupted)
        {
            return code;
        }

        var content = new JsonObject
        {
            ["warnings"] = Json.Array(run.Warnings, warning => JsonValue.Create(warning)),
            ["entries"] = Json.Array(entries.Zip(outcomes), pair =>
                pair.Second.Content ?? PlanText.Failed(pair.First, pair.Second.Code, pair.Second.Error!)),
        };
        var document = Json.Document("plan", content, code);
        if (file is not null)
        {
            OutputFile.Write(file, parsed.GetValue(force), temporary =>
            {
                File.WriteAllText(temporary, Json.Text(document) + "\n");
                return 0;
            });
        }

        Show(text, parsed, document, file);
        return code;
    }

    private void Show(TextWriter text, ParseResult parsed, JsonObject document, string? file)
    {
        if (file is null || parsed.GetValue(json))
        {
            text.WriteLine(Json.Text(document));
            return;
        }

        if (parsed.GetValue(quiet))
        {
            return;
        }

        var screen = Screen.Of(text);
        var table = new TextTable(screen, "", "lll");
        var entries = document["entries"]!.AsArray().OfType<JsonObject>().ToArray();
        foreach (var entry in entries)
        {
            var assumed = entry["assumed"] is JsonArray { Count: > 0 } facts
                ? $"assumed: {string.Join(", ", facts.OfType<JsonObject>().Select(Fact).Distinct())}"
                : "";
            table.Add(
                (
                    $"{string.Join(' ', entry["sources"]!.AsArray().Select(path => path!.GetValue<string>()))} -> {entry["target"]}",
                    Tone.Plain),
                (
                    entry["error"] is { } why
                        ? $"failed (exit {entry["exit_code"]}): {why}"
                        : string.Join(", ", entry["layers"]!.AsArray().Select(layer => layer!["class_name"]!.GetValue<string>())),
                    entry["error"] is null ? Tone.Plain : Tone.Bad),
                (assumed, Tone.Doubtful));
        }

        table.Write();
        screen.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Quote.Printed(file)}: {entries.Length:N0} {(entries.Length == 1 ? "entry" : "entries")}"));
        screen.WriteLine("");
        screen.WriteLine($"Next: lstmconvert apply {Quote.Shell(file)}");
    }

    private static string Fact(JsonObject fact) => $"{fact["fact"]} = {fact["value"]?.ToString() ?? "none"}";
}
