using System.Text;
using System.Text.RegularExpressions;

namespace LstmConvert.Files;

/// <summary>What stands in a file's place: a pointer of Git LFS or git-annex, a web page saved under its name.</summary>
internal static partial class StandIn
{
    /// <summary>The bytes that tell a stand-in.</summary>
    public const int HeadBytes = 512;

    /// <summary>Refuses a file that is a stand-in.</summary>
    /// <exception cref="UnreadableInputException">It is one.</exception>
    public static void Refuse(string path)
    {
        if (Of(path, InputFile.Head(path, HeadBytes)) is { } problem)
        {
            throw new UnreadableInputException(problem);
        }
    }

    /// <summary>What stands in a file's place, as a sentence; null if nothing does.</summary>
    /// <param name="path">The file, for the sentence.</param>
    /// <param name="bytes">Its first bytes.</param>
    public static string? Of(string path, ReadOnlySpan<byte> bytes)
    {
        var head = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, HeadBytes)]);
        var start = head.TrimStart('\u00ef', '\u00bb', '\u00bf', ' ', '\r', '\n', '\t');
        return head.StartsWith("version https://git-lfs", StringComparison.Ordinal)
                ? $"{path} is a Git LFS pointer{(LfsSize().Match(head) is { Success: true } size ? $" to a file of {size.Groups["bytes"].Value} bytes" : "")}, not the file itself. Fetch it with 'git lfs pull'."
            : head.StartsWith("/annex/objects/", StringComparison.Ordinal)
                ? $"{path} is a git-annex pointer, not the file itself. Fetch it with 'git annex get'."
            : start.StartsWith("<!DOCTYPE", StringComparison.OrdinalIgnoreCase)
            || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
                ? $"{path} is a web page saved under that name, not the file itself. Download the file behind it."
            : null;
    }

    [GeneratedRegex("^size (?<bytes>[0-9]{1,18})$", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LfsSize();
}
