using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Cli.Terminal;

namespace LstmConvert.Cli;

/// <summary>What a batch does with one of its entries.</summary>
/// <param name="index">Its place in the list.</param>
/// <param name="entry">The entry.</param>
/// <param name="notices">Takes warnings and notes.</param>
/// <param name="cancel">Stops it.</param>
internal delegate ConversionOutcome EntryWork(int index, Entry entry, Notices.SourceNotices notices, CancellationToken cancel);

/// <summary>
/// Does something with every source of a list, several at a time: a failure is its source's own, the others go on. Each says a line as it
/// ends,
/// each warning is said once, and what failed stands in a table at the end, with the reason and what to type next.
/// </summary>
/// <param name="output">Where results go.</param>
/// <param name="error">Where everything else goes.</param>
/// <param name="entries">The list.</param>
internal sealed class BatchRun(TextWriter output, TextWriter error, IReadOnlyList<Entry> entries)
{
    private readonly ConversionOutcome?[] outcomes = new ConversionOutcome?[entries.Count];
    private readonly Notices.SourceNotices[] notices = new Notices.SourceNotices[entries.Count];
    private readonly Screen screen = Screen.Of(error);
    private readonly Screen result = Screen.Of(output);
    private readonly Lock gate = new();
    private int printed;

    /// <summary>How many are done at a time.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>True says nothing but failures.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>True where the result is one document at the end.</summary>
    public bool IsJson { get; init; }

    /// <summary>True prints each result whole, in the order of the list, in place of a line as it ends.</summary>
    public bool IsWhole { get; init; }

    /// <summary>True where one source is named alone: it has no lines and no table, and what it throws is kept.</summary>
    public bool IsSingle { get; init; }

    /// <summary>What the only source threw; null without.</summary>
    public Exception? Thrown { get; private set; }

    /// <summary>True where what is printed is Python.</summary>
    public bool IsPython { get; init; }

    /// <summary>What to type next for an entry that failed.</summary>
    public Func<Entry, int, string>? Next { get; init; }

    /// <summary>The warnings and notes of all, each once; with its source where there are several.</summary>
    public IEnumerable<string> Warnings =>
        notices
            .Zip(entries)
            .SelectMany(pair => pair.First.Warnings.Select(text => entries.Count > 1 ? $"{pair.Second.Name}: {text}" : text));

    /// <summary>Does it.</summary>
    /// <returns>What became of each, in the order of the list.</returns>
    public IReadOnlyList<ConversionOutcome> Run(EntryWork work, CancellationToken cancel)
    {
        var said = new Notices(screen, namesSources: !IsSingle);
        for (var k = 0; k < entries.Count; k++)
        {
            notices[k] = said.Of(entries[k].Name);
        }

        using (
            var progress = new ProgressLine(
                error,
                "converting",
                count => count.ToString("N0", CultureInfo.InvariantCulture),
                IsQuiet || IsSingle))
        {
            var (next, done) = (-1, 0);
            void Take()
            {
                for (var k = Interlocked.Increment(ref next); k < entries.Count; k = Interlocked.Increment(ref next))
                {
                    progress.Report(Volatile.Read(ref done), entries.Count, entries[k].Name);
                    var outcome = One(k, work, cancel);
                    Interlocked.Increment(ref done);
                    Ended(k, outcome);
                }
            }

            var others = Enumerable
                .Range(1, Math.Min(Jobs, entries.Count) - 1)
                .Select(_ => Task.Factory.StartNew(Take, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))
                .ToArray();
            Take();
            Task.WaitAll(others, CancellationToken.None);
        }

        said.SayHowOften();
        return outcomes!;
    }

    /// <summary>The number of each, and what failed.</summary>
    /// <returns>The exit code of all.</returns>
    public int Report()
    {
        if (!IsJson && !IsQuiet && !IsPython)
        {
            result.WriteLine(Counts());
        }

        var failed = Enumerable
            .Range(0, entries.Count)
            .Where(k => outcomes[k]!.Code is not ExitCode.Success and not ExitCode.Interrupted)
            .ToArray();
        if (failed.Length > 0)
        {
            screen.WriteLine(
                screen.In(Tone.Bad, string.Create(CultureInfo.InvariantCulture, $"{failed.Length:N0} of {entries.Count:N0} failed:")));
            var table = new TextTable(screen, "  ", "Ll");
            foreach (var k in failed)
            {
                table.Add(($"exit {outcomes[k]!.Code}", Tone.Bad), (entries[k].Name, Tone.Plain));
                table.Add("", $"why:  {outcomes[k]!.Error}");
                table.Add(
                    "",
                    $"next: {outcomes[k]!.Next ?? Next?.Invoke(entries[k], outcomes[k]!.Code) ?? $"lstmconvert inspect {entries[k].Quoted}"}"
                );
            }

            table.Write();
        }

        var code = ExitCode.Worst(outcomes.Select(outcome => outcome!.Code));
        if (code == ExitCode.Interrupted)
        {
            screen.WriteLine(
                "lstmconvert: interrupted; nothing was left behind. What is done is done: the same command with --skip-existing goes on.");
        }

        return code;
    }

    /// <summary>The document of each entry, of one shape whatever became of it.</summary>
    /// <param name="shape">The keys that each has, with what stands there where there is nothing.</param>
    public JsonArray Results(IReadOnlyList<(string Key, bool IsList)> shape) => Json.Array(Enumerable.Range(0, entries.Count), k =>
    {
        var (entry, outcome) = (entries[k], outcomes[k]!);
        var document = new JsonObject
        {
            ["source"] = entry.Name,
            ["output"] = entry.Target,
            ["exit_code"] = outcome.Code,
            ["status"] = outcome.Status,
            ["error"] = outcome.Error,
            ["next"] = outcome.Code == ExitCode.Success ? null : outcome.Next ?? Next?.Invoke(entry, outcome.Code),
            ["warnings"] = Json.Array(notices[k].Warnings, warning => JsonValue.Create(warning)),
        };
        Json.Move(outcome.Content, document);
        Json.Fill(document, shape);
        return document;
    });

    /// <summary>How many came to what end, in words.</summary>
    public string Counts()
    {
        int Count(string status) => outcomes.Count(outcome => outcome!.Status == status && outcome.Code == ExitCode.Success);
        var (converted, planned, kept, open) = (
            Count("converted"),
            Count("planned"),
            Count("kept"),
            outcomes.Count(outcome => outcome!.Code == ExitCode.Interrupted));
        var failed = entries.Count - converted - planned - kept - open;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(planned > 0 ? $"{planned:N0} planned" : $"{converted:N0} converted")}{(kept > 0 ? $", {kept:N0} there already" : "")}, {failed:N0} failed{(open > 0 ? $", {open:N0} not done" : "")}"
        );
    }

    private ConversionOutcome One(int k, EntryWork work, CancellationToken cancel)
    {
        try
        {
            cancel.ThrowIfCancellationRequested();
            return entries[k].Clash is { } clash ? throw new OutputException(clash) : work(k, entries[k], notices[k], cancel);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Thrown = IsSingle ? e : null;
            var failure = Failure.Of(e, isWhole: false);
            return new ConversionOutcome(failure.Code, "failed") { Error = failure.Sentence };
        }
    }

    /// <summary>Says the line of one that ended, or all whose turn has come.</summary>
    private void Ended(int k, ConversionOutcome outcome)
    {
        lock (gate)
        {
            outcomes[k] = outcome;
            if (IsJson || IsQuiet || IsSingle || outcome.Code == ExitCode.Interrupted)
            {
                return;
            }

            if (!IsWhole)
            {
                result.WriteLine(Line(k, outcome));
                return;
            }

            for (; printed < entries.Count && outcomes[printed] is { } turn; printed++)
            {
                if (turn.Text.Length > 0)
                {
                    result.Write($"{(IsPython ? "# " : "== ")}{Line(printed, turn)}\n{turn.Text}\n");
                }
            }
        }
    }

    private string Line(int k, ConversionOutcome outcome)
    {
        var name = Quote.Printed(entries[k].Name);
        if (outcome is { Status: "failed" })
        {
            return string.Create(CultureInfo.InvariantCulture, $"{name}: {result.In(Tone.Bad, $"failed (exit {outcome.Code})")}");
        }

        var verdict = outcome.Report is { } report ? $"  {result.In(VerdictText.Tone(report), report.Sentence)}" : "";
        return $"{name} -> {Quote.Printed(entries[k].Target)}{(outcome.Status == "kept" ? "  there already" : "")}{verdict}";
    }
}
