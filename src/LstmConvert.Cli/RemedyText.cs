namespace LstmConvert.Cli;

/// <summary>What helps, in the words of the command line.</summary>
internal static class RemedyText
{
    /// <summary>A message with what helps behind it.</summary>
    public static string Of(LstmConvertException e)
    {
        var sentences = new List<string>();
        if (e.Remedies.OfType<LeaveOutRemedy>().SelectMany(remedy => remedy.Patterns).ToArray() is { Length: > 0 } patterns)
        {
            sentences.Add(
                $"Without {(patterns.Length == 1 ? "it" : "them")} the rest converts: {string.Join(" ", patterns.Select(pattern => $"--exclude {Quote.Shell(pattern, always: true)}"))}."
            );
        }

        if (e.Remedies.OfType<SayCellRemedy>().ToArray() is { Length: > 0 } cells)
        {
            sentences.Add(Cells(cells));
        }

        if (e.Remedies.OfType<SayFactRemedy>().ToArray() is { Length: > 0 } facts)
        {
            sentences.Add($"Say {(facts.Length == 1 ? "it" : "them")}: {string.Join(" ", facts.Select(Option).Distinct())}.");
        }

        sentences.AddRange(e.Remedies.OfType<SettingRemedy>().Select(Set).Distinct());
        sentences.AddRange(
            e.Remedies.OfType<SayLayerRemedy>().Select(remedy => $"Say which one is meant: --layer {Quote.Shell(remedy.Scope)}=NAME."));
        sentences.AddRange(Feeds(e.Remedies));
        if (e.Remedies.OfType<OtherGraphRemedy>().Any())
        {
            sentences.Add("Leave that option out, or name another graph with --graph.");
        }

        if (e.Remedies.OfType<OnlyRecurrentRemedy>().FirstOrDefault() is { } alone)
        {
            sentences.Add(
                alone.IsOfKeras ? "Take them as the variables of TensorFlow's cells with keras2tf."
                    : alone.MustBeSaid
                    ? "Say that the layers alone are meant: --only-recurrent."
                    : "Take them with tf2keras --only-recurrent, or as weights with -o NAME.h5.");
        }

        if (e.Remedies.OfType<WholeModelRemedy>().Any())
        {
            sentences.Add("Take the whole model with -o NAME.keras.");
        }

        return string.Join(" ", sentences.Prepend(e.Message));
    }

    /// <summary>The options that feed what a graph needs, as sentences.</summary>
    public static IEnumerable<string> Feeds(IEnumerable<Remedy> remedies) =>
        remedies.OfType<FeedRemedy>().Distinct().Select(remedy => $"Say its value: --feed {Quote.Shell(remedy.Tensor)}=VALUE.");

    /// <summary>Which cell it is: of one scope one option; of several, one for each that is a cell.</summary>
    private static string Cells(SayCellRemedy[] remedies)
    {
        static string Options(SayCellRemedy remedy) =>
            string.Join(
                " or ",
                remedy.Cells.Select(cell => $"--cell {(remedy.Scope.Length == 0 ? "" : Quote.Shell(remedy.Scope) + "=")}{cell}"));
        return remedies is [var only]
            ? $"Say which cell it is: {Options(only)}."
            : $"Say it of each scope that is a cell, one option for each: {string.Join("; ", remedies.Select(Options))}.";
    }

    /// <summary>How something is set otherwise.</summary>
    private static string Set(SettingRemedy remedy)
    {
        var value = remedy.Value is { } text ? Quote.Shell(text, always: remedy.Setting == Setting.Include) : null;
        return remedy.Setting switch
        {
            Setting.OutputFolder => $"A folder is named with --out-dir {value ?? "FOLDER"}.",
            Setting.Overwrite => "--force replaces it.",
            Setting.Unchecked => "--no-crc reads it as it is.",
            Setting.ElementType => $"Say so with --dtype {value ?? "TYPE"}.",
            Setting.Sample => $"Name one: --sample {value ?? "PREFIX"}.",
            Setting.EntryTensors => $"Name where the sample enters with --from-tensor {value ?? "NAME"} (repeatable).",
            Setting.ExitTensors => $"Name where the outputs leave with --to-tensor {value ?? "NAME"} (repeatable).",
            Setting.Graph => $"Name one with --graph {value ?? "FILE"}.",
            Setting.ExpectedValues => "Name values of the same program with --expect.",
            Setting.Dialect => $"If they are, say so with --dialect {value ?? "NAME"}.",
            Setting.Wiring => $"Say how the layers feed each other with --wiring {value ?? "WIRING"}.",
            _ => $"As in --include {value ?? "PATTERN"}.",
        };
    }

    /// <summary>The option that says a fact.</summary>
    private static string Option(SayFactRemedy fact) =>
        fact.Name == "wiring" ? $"--wiring {fact.Value}"
        : FactOptions.OptionOf(fact.Name) is { } option
            ? $"{option} {(fact.Scope.Length == 0 ? "" : Quote.Shell(fact.Scope) + "=")}{fact.Value}"
        : $"--fact {(fact.Scope.Length == 0 ? "" : Quote.Shell(fact.Scope) + ":")}{fact.Name}={fact.Value}";
}
