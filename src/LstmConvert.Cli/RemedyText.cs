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
            sentences.Add($"Without {(patterns.Length == 1 ? "it" : "them")} the rest converts: {string.Join(" ", patterns.Select(pattern => $"--exclude {Quote.Shell(pattern, always: true)}"))}.");
        }

        if (e.Remedies.OfType<SayCellRemedy>().ToArray() is { Length: > 0 } cells)
        {
            sentences.Add($"Say which cell it is: {string.Join(", or ", cells.SelectMany(remedy => remedy.Cells.Select(cell => $"--cell {(remedy.Scope.Length == 0 ? "" : Quote.Shell(remedy.Scope) + "=")}{cell}")))}.");
        }

        if (e.Remedies.OfType<SayFactRemedy>().ToArray() is { Length: > 0 } facts)
        {
            sentences.Add($"Say {(facts.Length == 1 ? "it" : "them")}: {string.Join(" ", facts.Select(Option).Distinct())}.");
        }

        sentences.AddRange(e.Remedies.OfType<SayLayerRemedy>().Select(remedy => $"Say which one is meant: --layer {Quote.Shell(remedy.Scope)}=NAME."));
        if (e.Remedies.OfType<OtherGraphRemedy>().Any())
        {
            sentences.Add("Leave that option out, or name another graph with --graph.");
        }

        return string.Join(" ", sentences.Prepend(e.Message));
    }

    /// <summary>The option that says a fact.</summary>
    private static string Option(SayFactRemedy fact) => fact.Name == "wiring" ? $"--wiring {fact.Value}"
        : FactOptions.OptionOf(fact.Name) is { } option ? $"{option} {(fact.Scope.Length == 0 ? "" : Quote.Shell(fact.Scope) + "=")}{fact.Value}"
        : $"--fact {(fact.Scope.Length == 0 ? "" : Quote.Shell(fact.Scope) + ":")}{fact.Name}={fact.Value}";
}
