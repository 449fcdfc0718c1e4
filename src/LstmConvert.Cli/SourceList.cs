using System.Globalization;
using System.Text;
using LstmConvert.Formats;

namespace LstmConvert.Cli;

/// <summary>A list of sources, one a line, from a file or from standard input.</summary>
internal static class SourceList
{
    /// <summary>The longest list: half a million paths.</summary>
    private const int MaximumLength = 64 << 20;

    /// <summary>Reads a list; empty lines and those that begin with <c>#</c> are skipped.</summary>
    /// <param name="path">The file, or <c>-</c> for standard input.</param>
    /// <exception cref="UnreadableInputException">It cannot be read, or is no list of paths.</exception>
    public static List<string> Read(string path)
    {
        var name = path == "-" ? "standard input" : path;
        var text = path == "-" ? Standard() : Encoding.UTF8.GetString(SourceFiles.ReadBytes(path, MaximumLength));
        var lines = text.Split('\n').Select(line => line.Trim()).ToArray();
        if (Array.FindIndex(lines, line => line.Contains('\0', StringComparison.Ordinal)) is >= 0 and var bad)
        {
            throw new UnreadableInputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"--sources-from: line {bad + 1} of {name} holds a NUL character, which no path has. It is to be text, one source a line."
                ));
        }

        return [.. lines.Where(line => line.Length > 0 && line[0] != '#')];
    }

    private static string Standard()
    {
        var text = new StringBuilder();
        var block = new char[1 << 16];
        for (var count = Console.In.Read(block); count > 0; count = Console.In.Read(block))
        {
            text.Append(block, 0, count);
            if (text.Length > MaximumLength)
            {
                throw new UnreadableInputException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"--sources-from: standard input has more than {MaximumLength} characters, which no list of sources has. Split it.")
                );
            }
        }

        return text.ToString();
    }
}
