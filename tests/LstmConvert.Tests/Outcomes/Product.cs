using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LstmConvert.Cli;

namespace LstmConvert.Tests.Outcomes;

/// <summary>The product as a person meets it: its command line, and what it answers.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Output">What stands on standard output.</param>
/// <param name="Error">What stands on standard error.</param>
internal sealed partial record Product(int Code, string Output, string Error)
{
    private static readonly Lazy<HashSet<string>> Known = new(() =>
        [.. Option().Matches(RunAsync("tf2keras", "--help").GetAwaiter().GetResult().Output).Select(match => match.Value)]);

    /// <summary>The answer's JSON document, or null; of a conversion, what it says of the only source.</summary>
    public JsonNode? Json =>
        !Output.StartsWith('{') ? null
        : JsonNode.Parse(Output) is var document && document?["results"] is JsonArray { Count: 1 } results ? results[0]
        : document;

    public static async Task<Product> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync(arguments, output, error);
        return new Product(code, output.ToString(), error.ToString());
    }

    /// <summary>Whether the command has an option.</summary>
    public static bool Has(string option) => Known.Value.Contains(option);

    /// <summary>The sentence of a refusal, without the paths of this run.</summary>
    public string Refusal(GoldenCase golden, string folder)
    {
        var sentence = Json?["error"]?.ToString()
            ?? Error
                .Split('\n')
                .LastOrDefault(line =>
                    line.StartsWith("lstmconvert: ", StringComparison.Ordinal) && !line.Contains("warning: ", StringComparison.Ordinal))
                ?["lstmconvert: ".Length..]
            ?? Error;
        return sentence
            .Trim()
            .ReplaceLineEndings(" ")
            .Replace(golden.Folder, golden.Name, StringComparison.Ordinal)
            .Replace(folder, "out", StringComparison.Ordinal);
    }

    [GeneratedRegex("--[a-z-]+", RegexOptions.ExplicitCapture)]
    private static partial Regex Option();
}
