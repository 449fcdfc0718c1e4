using System.Diagnostics;

namespace LstmConvert.Tests.Architecture;

/// <summary>The mistakes that <c>tests/mutants/run</c> makes on purpose still have their place in the source.</summary>
public sealed class MutantListTests
{
    public static TheoryData<string> Mutants =>
        [.. File.ReadLines(Path.Combine(Repository.Folder, "tests", "mutants", "list.txt")).Where(line => line.Length > 0 && line[0] != '#')];

    [Theory]
    [MemberData(nameof(Mutants))]
    public void A_mutant_changes_one_line_of_its_file(string mutant)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no sed.");
        var parts = mutant.Split('|', 3);
        var path = Path.Combine(Repository.Folder, parts[1].Trim());
        using var sed = Process.Start(new ProcessStartInfo("sed", ["-e", parts[2][1..], path]) { RedirectStandardOutput = true })!;
        var changed = sed.StandardOutput.ReadToEnd().Split('\n');
        sed.WaitForExit();
        Assert.Equal(0, sed.ExitCode);
        Assert.Equal(1, File.ReadAllText(path).Split('\n').Zip(changed).Count(lines => lines.First != lines.Second));
    }
}
