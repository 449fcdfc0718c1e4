using System.Text.RegularExpressions;

namespace LstmConvert.Tests.Architecture;

/// <summary>The library knows no command line: its messages name no option, and what helps is a remedy that the command words.</summary>
public sealed partial class OptionNameTests
{
    [Fact]
    public void No_text_of_the_library_names_an_option()
    {
        var folder = Path.GetFullPath(Path.Combine(Shared.Bundled, "..", "..", "..", "src", "LstmConvert"));
        var named = Directory
            .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file =>
                File.ReadLines(file)
                    .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && Option().IsMatch(line))
                    .Select(line => $"{Path.GetFileName(file)}: {line.Trim()}"));
        Assert.Empty(named);
    }

    [GeneratedRegex("\"[^\"]*(--[a-z]{2,}|(?<= )-[a-z] [A-Z])", RegexOptions.ExplicitCapture)]
    private static partial Regex Option();
}
