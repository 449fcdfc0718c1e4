using LstmConvert.Conversion;
using LstmConvert.Recognition;
using LstmConvert.Verification;

namespace LstmConvert.Tests;

/// <summary>The example on the library's page is this code.</summary>
public sealed class LibraryPageTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_example_on_the_page_runs()
    {
        using var written = new StringWriter();
        Example(Path.Combine(Shared.Bundled, "tf1", "gru", "model.ckpt"), Path.Combine(folder, "lstm.h5"), written);
        Assert.Contains("GRUCell", written.ToString(), StringComparison.Ordinal);
        Assert.Contains("model.load_weights", written.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("Same", written.ToString().TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_shows_it()
    {
        var root = Path.Combine(Shared.Bundled, "..", "..", "..");
        var shown = Lines(File.ReadAllText(Path.Combine(root, "src", "LstmConvert", "README.md")).Split("```csharp")[1].Split("```")[0])
            .Select(line =>
                line.Replace("\"model.ckpt\"", "checkpoint", StringComparison.Ordinal)
                    .Replace("\"lstm.h5\"", "lstm", StringComparison.Ordinal)
                    .Replace("Console.WriteLine", "console.WriteLine", StringComparison.Ordinal));
        var run = Lines(
            File.ReadAllText(Path.Combine(root, "tests", "LstmConvert.Tests", "LibraryPageTests.cs"))
                .Split("// from here\n")[^1]
                .Split("// to here")[0]
        );
        Assert.Equal(run, shown);
    }

    private static string[] Lines(string text) =>
        [.. text.Split('\n').Select(line => line.Split(" //")[0].Trim()).Where(line => line.Length > 0)];

    private static void Example(string checkpoint, string lstm, StringWriter console)
    {
        // from here
        using var source = RecurrentSource.Open(checkpoint);
        foreach (var layer in source.Model.Layers)
        {
            console.WriteLine($"{layer.Scope}: {layer.CellName}");
        }

        var plan = source.Plan();
        plan.Write(lstm);
        console.WriteLine(plan.KerasCode(lstm));
        console.WriteLine(Verifier.Run(checkpoint, lstm).Verdict);
        // to here
    }
}
