using System.Text.Json.Nodes;
using LstmConvert.Verification;

namespace LstmConvert.Cli;

/// <summary>A verdict in short, beside the result that it is of.</summary>
internal static class VerdictText
{
    /// <summary>How it is shown.</summary>
    public static Terminal.Tone Tone(VerificationReport report) => report.Verdict switch
    {
        Verdict.Same => Terminal.Tone.Good,
        Verdict.Different => Terminal.Tone.Bad,
        _ => Terminal.Tone.Doubtful,
    };

    /// <summary>A verdict on models that could not be run, as a document.</summary>
    public static JsonObject Unverified(string reason) => new()
    {
        ["verdict"] = nameof(Verdict.Inconclusive).ToLowerInvariant(),
        ["sentence"] = "inconclusive, neither model was run",
        ["assumed"] = new JsonArray(),
        ["reasons"] = new JsonArray(reason),
        ["sample"] = "",
    };

    /// <summary>As a document.</summary>
    public static JsonObject Content(VerificationReport report) => new()
    {
        ["verdict"] = report.Verdict.ToString().ToLowerInvariant(),
        ["sentence"] = report.Sentence,
        ["assumed"] = Json.Array(report.Assumed, condition => JsonValue.Create(condition)),
        ["reasons"] = Json.Array(report.Reasons, reason => JsonValue.Create(reason)),
        ["sample"] = report.SampleText,
    };
}
