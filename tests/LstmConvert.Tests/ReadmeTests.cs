using System.Text.RegularExpressions;
using LstmConvert.Tests.Architecture;
using LstmConvert.Tests.Arrays;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests;

/// <summary>The README as a stranger follows it: its commands, then its lines of Python, as they are printed.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Each block that loads a whole model prints how far its predictions are from what TensorFlow recorded.</summary>
    [Fact]
    public async Task The_models_that_it_makes_predict_what_it_says_they_predict()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Folder, "README.md"), TestContext.Current.CancellationToken);
        var blocks = Blocks()
            .Matches(readme)
            .Select(block => block.Groups["text"].Value)
            .Where(text => text.Contains("load_model(", StringComparison.Ordinal))
            .ToArray();
        Assert.Equal(2, blocks.Length);
        foreach (var file in blocks.Select(block => Loaded().Match(block).Groups["file"].Value))
        {
            var command = Commands().Matches(readme).Single(one => one.Groups["file"].Value == file);
            var source = Path.Combine(Repository.Folder, command.Groups["source"].Value);
            var (code, _, error) = await Product.RunAsync("tf2keras", source, "-o", Path.Combine(folder, file));
            Assert.True(code == 0, error);
        }

        Directory.CreateSymbolicLink(Path.Combine(folder, "samples"), Path.Combine(Repository.Folder, "samples"));
        var recorded = Oracle.Keras($"""
            import os
            os.chdir('{folder}')
            printed = []
            print = lambda value: printed.append(float(value))
            {string.Concat(blocks)}
            np.savez(out, printed=np.array(printed))
            """);
        Assert.Equal(2, recorded.Values("printed").Length);
        Assert.All(recorded.Values("printed"), difference => Assert.InRange(difference, 0, 5e-7));
    }

    [GeneratedRegex("^```python\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("load_model\\(\"(?<file>[^\"]+)\"")]
    private static partial Regex Loaded();

    [GeneratedRegex("^\\$ lstmconvert tf2keras (?<source>samples/\\S+) -o (?<file>\\S+\\.keras)$", RegexOptions.Multiline)]
    private static partial Regex Commands();
}
