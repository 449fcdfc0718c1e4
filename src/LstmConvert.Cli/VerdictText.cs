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
