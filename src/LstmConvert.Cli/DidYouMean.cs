using LstmConvert.Files;

namespace LstmConvert.Cli;

/// <summary>What somebody may have meant.</summary>
internal static class DidYouMean
{
    /// <summary>A sentence behind another one, with a space before it; empty where nothing is near.</summary>
    public static string Sentence(string typed, IEnumerable<string> known) => NearNames.Of(typed, known) is { Count: > 0 } near ? $" Did you mean {NearNames.List(near)}?" : "";
}
