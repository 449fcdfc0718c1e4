using LstmConvert.Formats;
using PublicApiGenerator;

namespace LstmConvert.Tests;

/// <summary>The library's public surface against its golden text: a change of it is seen. LSTMCONVERT_REWRITE=1 writes the text
/// again.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_golden_text()
    {
        var api =
            typeof(SourceCatalog)
                .Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false })
                .ReplaceLineEndings("\n") + "\n";
        var golden = Path.Combine(Path.GetDirectoryName(Shared.Bundled)!, "api", "LstmConvert.txt");
        if (Environment.GetEnvironmentVariable("LSTMCONVERT_REWRITE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(golden)!);
            File.WriteAllText(golden, api);
        }

        Assert.Equal(File.ReadAllText(golden).ReplaceLineEndings("\n"), api);
    }
}
