using System.Globalization;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>What a verification says.</summary>
public enum Verdict
{
    /// <summary>All compute the same, and the sample could have told otherwise.</summary>
    Same,

    /// <summary>They differ.</summary>
    Different,

    /// <summary>No difference was seen, and none could have been.</summary>
    Inconclusive,
}

/// <summary>A difference and the limit it is held to.</summary>
/// <param name="Difference">How far both lie apart.</param>
/// <param name="Limit">The largest that is the same.</param>
public sealed record Compared(Difference Difference, double Limit)
{
    /// <summary>True within the limit; NaN never is.</summary>
    public bool IsMet => Difference.MaxAbs <= Limit;

    /// <summary>The first step over the limit, or null.</summary>
    public int? FirstStepOver => Difference.FirstStepOver(Limit);
}

/// <summary>One layer of both sides.</summary>
/// <param name="Layer">The layer of the source.</param>
/// <param name="LayerName">The Keras layer.</param>
/// <param name="Float64">Outputs and states compared in float64: the layout.</param>
/// <param name="Float32">The same in float32: the deployment.</param>
/// <param name="Power">How far the nearest wrong hypothesis lies away.</param>
/// <param name="LastHidden">Keras minus the source: the last output state, <c>(b, w)</c>.</param>
/// <param name="Cause">What makes the difference disappear, or null.</param>
public sealed record LayerReport(
    RecurrentLayer Layer,
    string LayerName,
    IReadOnlyList<Compared> Float64,
    IReadOnlyList<Compared> Float32,
    PowerResult Power,
    double[][] LastHidden,
    string? Cause)
{
    /// <summary>What the source's own graph computes for the layer; null where there is none, or it could not be watched.</summary>
    public GraphLayerReport? Graph { get; init; }

    /// <summary>True if everything is within its limit.</summary>
    public bool IsSame => Float64.Concat(Float32).All(one => one.IsMet);
}

/// <summary>One side compared with recorded values.</summary>
/// <param name="Side"><c>TensorFlow</c> or <c>Keras</c>.</param>
/// <param name="Key">The key of the recorded values.</param>
/// <param name="Difference">How far they lie apart.</param>
/// <param name="Limit">The limit.</param>
public sealed record ExpectationReport(string Side, string Key, Difference Difference, double Limit)
{
    /// <summary>True within the limit.</summary>
    public bool IsMet => Difference.MaxAbs <= Limit;

    /// <summary>What is wrong where it is beyond the limit, as a sentence.</summary>
    internal string Reason =>
        double.IsNaN(Difference.MaxAbs)
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{Side} gives {Difference.Left:g9} where {Difference.Right:g9} is recorded in {Key} (row {Difference.Place.Row}, step {Difference.Place.Step}, unit {Difference.Place.Unit}).")
        : string.Create(CultureInfo.InvariantCulture, $"{Side} is {Difference.MaxAbs:g4} away from the recorded {Key} (limit {Limit:g3}).");
}

/// <summary>A verification.</summary>
/// <param name="Verdict">What it says.</param>
/// <param name="Assumed">What it says that under: facts that nobody said and nothing showed, as conditions.</param>
/// <param name="Reasons">Why, as sentences.</param>
/// <param name="Layers">Each layer.</param>
/// <param name="Outputs">The outputs of the whole models, in float64; empty where the Keras file has no model.</param>
/// <param name="Expectations">Comparisons with recorded values.</param>
/// <param name="SampleText">What the sample was.</param>
/// <param name="Notes">What was not compared, and why.</param>
public sealed record VerificationReport(
    Verdict Verdict,
    IReadOnlyList<string> Assumed,
    IReadOnlyList<string> Reasons,
    IReadOnlyList<LayerReport> Layers,
    IReadOnlyList<Compared> Outputs,
    IReadOnlyList<ExpectationReport> Expectations,
    string SampleText,
    IReadOnlyList<string> Notes)
{
    /// <summary>What the source's own graph says; null where there is none, or it shows none of the layers.</summary>
    public GraphReport? Graph { get; init; }

    /// <summary>True if every layer computes what the source's own graph does.</summary>
    public bool IsConfirmedByGraph => Verdict == Verdict.Same && Graph is { IsConfirmed: true };

    /// <summary>What else testified, and what could not: a witness that was not run stands here with its reason.</summary>
    public IReadOnlyList<WitnessReport> Witnesses { get; init; } = [];

    private string Witness =>
        IsConfirmedByGraph ? ", as your own graph computes it"
        : Verdict == Verdict.Same && Graph is { IsConfirmedByStep: true } ? ", as your own graph computes each step"
        : "";

    /// <summary>A graph that is there and bears out less than everything is no silent one.</summary>
    private string Silent =>
        Verdict != Verdict.Same
            ? ""
            : Witnesses.FirstOrDefault(one => one.Name == Verification.Witnesses.OwnGraph)?.State switch
            {
                WitnessState.NotRun => "; your own graph does not testify",
                WitnessState.Partial => "; your own graph testifies of some layers only",
                _ => "",
            };

    /// <summary>
    /// The verdict with its conditions: <c>same, if forget_bias = 1 and nothing is clipped (assumed)</c>, <c>same, as your own graph
    /// computes it</c>,
    /// <c>same; your own graph does not testify</c>.
    /// </summary>
    public string Sentence =>
        (
            Verdict == Verdict.Same && Assumed.Count > 0
                ? $"same{Witness}, if {(Assumed.Count == 1 ? Assumed[0] : $"{string.Join(", ", Assumed.Take(Assumed.Count - 1))} and {Assumed[^1]}")} (assumed)"
                : $"{Verdict.ToString().ToLowerInvariant()}{Witness}") + Silent;
}
