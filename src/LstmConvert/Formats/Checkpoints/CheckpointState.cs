using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using LstmConvert.Files;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>
/// The file <c>checkpoint</c> that TensorFlow's Saver keeps beside its checkpoints: a CheckpointState in protobuf's text format
/// (tensorflow/python/training/checkpoint_state.proto). Of it only <c>model_checkpoint_path</c> is read.
/// </summary>
internal static partial class CheckpointState
{
    /// <summary>The file's usual name.</summary>
    public const string FileName = "checkpoint";

    /// <summary>The largest state file: ten thousand paths.</summary>
    public const int MaximumBytes = 4 << 20;

    /// <summary>The path of the newest checkpoint as the file says it, or null if this is no state file.</summary>
    /// <param name="path">The file's path.</param>
    public static string? Read(string path)
    {
        var text = Encoding.Latin1.GetString(InputFile.Head(path, MaximumBytes));
        return ModelPath().Match(text) is { Success: true } match ? Unescape(match.Groups["text"].Value) : null;
    }

    /// <summary>The text behind C escapes; octal and hexadecimal ones are bytes of UTF-8.</summary>
    internal static string Unescape(string escaped)
    {
        var bytes = new List<byte>(escaped.Length);
        for (var k = 0; k < escaped.Length; k++)
        {
            if (escaped[k] != '\\' || k + 1 == escaped.Length)
            {
                bytes.Add((byte)escaped[k]);
                continue;
            }

            var c = escaped[++k];
            if (c is >= '0' and <= '7')
            {
                var end = k;
                while (end < escaped.Length && end < k + 3 && escaped[end] is >= '0' and <= '7')
                {
                    end++;
                }

                bytes.Add((byte)Convert.ToInt32(escaped[k..end], 8));
                k = end - 1;
            }
            else if (c is 'x' or 'X' && k + 1 < escaped.Length && char.IsAsciiHexDigit(escaped[k + 1]))
            {
                var end = k + 1;
                while (end < escaped.Length && end < k + 3 && char.IsAsciiHexDigit(escaped[end]))
                {
                    end++;
                }

                bytes.Add(byte.Parse(escaped[(k + 1)..end], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                k = end - 1;
            }
            else
            {
                bytes.Add(
                    c switch
                    {
                        'n' => (byte)'\n',
                        't' => (byte)'\t',
                        'r' => (byte)'\r',
                        'a' => 7,
                        'b' => 8,
                        'f' => 12,
                        'v' => 11,
                        _ => (byte)c,
                    });
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    // Atomic groups: what is taken is never given back, so that no file can make the search long.
    [GeneratedRegex(
        """^(?>[ \t]*)model_checkpoint_path(?>[ \t]*):?(?>[ \t]*)(?<quote>["'])(?<text>(?>(\\.|(?!\k<quote>)[^\\\r\n])*))\k<quote>""",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex ModelPath();
}
