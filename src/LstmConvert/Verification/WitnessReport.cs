namespace LstmConvert.Verification;

/// <summary>What a witness beside the two cells said.</summary>
public enum WitnessState
{
    /// <summary>There is none.</summary>
    Absent,

    /// <summary>It is there and says nothing.</summary>
    NotRun,

    /// <summary>It bears out some of the layers.</summary>
    Partial,

    /// <summary>It bears out each step of every layer, and does not see what feeds what.</summary>
    EachStep,

    /// <summary>It bears out everything.</summary>
    Confirms,

    /// <summary>It computes, or recorded, something else.</summary>
    Contradicts,
}

/// <summary>A witness beside the two cells: one that was not run is said with its reason.</summary>
/// <param name="Name">What it is: <c>the source's own graph</c>.</param>
/// <param name="State">What it said.</param>
/// <param name="Reasons">Why it does not bear out everything, as clauses or sentences; none where it does.</param>
public sealed record WitnessReport(string Name, WitnessState State, IReadOnlyList<string> Reasons)
{
    /// <summary>The witness in a line: <c>the source's own graph was not run: it reads mask, and nothing feeds it</c>.</summary>
    public string Sentence => $"{Name} {State switch
    {
        WitnessState.Absent => "is not there",
        WitnessState.NotRun => "does not testify",
        WitnessState.Partial => "testifies of some layers only",
        WitnessState.EachStep => "bears out each step",
        WitnessState.Confirms => "bears it out",
        _ => "contradicts",
    }}{(Reasons.Count > 0 ? $": {string.Join("; ", Reasons.Select(reason => reason.TrimEnd('.')))}" : "")}";
}

/// <summary>Lists the witnesses of a verification, those that could not testify too.</summary>
internal static class Witnesses
{
    /// <summary>What the source's own graph is called.</summary>
    public const string OwnGraph = "the source's own graph";

    /// <summary>The graph, watched at each layer.</summary>
    /// <param name="isThere">True if there is one.</param>
    /// <param name="graph">What it says; null where it was not asked.</param>
    public static WitnessReport OfGraph(bool isThere, GraphReport? graph)
    {
        if (!isThere)
        {
            return new WitnessReport(OwnGraph, WitnessState.Absent, ["no graph lies beside the source"]);
        }

        string[] reasons = graph is null ? ["it was not asked"] : [.. graph.Reasons.Distinct(StringComparer.Ordinal)];
        return graph switch
        {
            { Refuted: not null } => new WitnessReport(OwnGraph, WitnessState.Contradicts, reasons),
            { IsConfirmed: true } => new WitnessReport(OwnGraph, WitnessState.Confirms, []),
            { IsConfirmedByStep: true } => new WitnessReport(OwnGraph, WitnessState.EachStep, []),
            { Layers: var layers } when layers.Any(layer => layer.IsConfirmed) => new WitnessReport(
                OwnGraph,
                WitnessState.Partial,
                reasons),
            _ => new WitnessReport(OwnGraph, WitnessState.NotRun, reasons.Length > 0 ? reasons : ["it draws random numbers on the way"]),
        };
    }

    /// <summary>Recorded values.</summary>
    public static WitnessReport OfRecorded(IReadOnlyList<ExpectationReport> expectations) =>
        new(
            "what was recorded",
            expectations.Count == 0 ? WitnessState.NotRun
                : expectations.All(one => one.IsMet) ? WitnessState.Confirms
                : WitnessState.Contradicts,
            expectations.Count == 0 ? ["it has no outputs and no final states of these cells"] : []);
}
