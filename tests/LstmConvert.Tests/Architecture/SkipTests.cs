using System.Text.RegularExpressions;

namespace LstmConvert.Tests.Architecture;

/// <summary>A test that needs reference data skips where there is none. A static field that asks for them fails there instead: its type
/// cannot be made.</summary>
public sealed partial class SkipTests
{
    [Fact]
    public void No_static_field_asks_for_data_that_may_be_absent()
    {
        var files = Directory
            .EnumerateFiles(Path.GetFullPath(Path.Combine(Shared.Bundled, "..", "..", "LstmConvert.Tests")), "*.cs", SearchOption.AllDirectories)
            .ToArray();
        Assert.Contains(files, file => Path.GetFileName(file) == "SkipTests.cs");
        Assert.Matches(Field(), "private static readonly string Folder = Path.Combine(Shared.Goldens);");
        Assert.DoesNotMatch(Field(), "private static string Folder => Path.Combine(Shared.Goldens);");
        Assert.DoesNotContain(files, file => Path.GetFileName(file) != "SkipTests.cs" && Field().IsMatch(File.ReadAllText(file)));
    }

    [GeneratedRegex("static readonly [^=;{]*=(?!>)[^;>]*Shared\\.(Folder|Goldens)", RegexOptions.ExplicitCapture)]
    private static partial Regex Field();
}
