using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Cli.Help;
using LstmConvert.Formats;
using LstmConvert.Formats.Numpy;
using LstmConvert.Tensors;
using LstmConvert.Verification;

namespace LstmConvert.Cli;

/// <summary><c>identify</c>: names the convention under which weights give recorded outputs.</summary>
internal sealed class IdentifyCommand : Command
{
    /// <summary>Conventions that a sample leaves open, in text.</summary>
    private const int MostShown = 8;

    private readonly Argument<string[]> paths = new("source")
    {
        Description = "Anything that holds the variables, as in tf2keras.",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string> input = new("--input")
    {
        Description = "The input: an .npy (rows, steps, features), or an .npz with the key x.",
        HelpName = "X.npy",
        Required = true,
    };
    private readonly Option<string> expect = new("--expect")
    {
        Description = "What the program computed: an .npy (rows, steps, units), or an .npz with outputs, outputs_fw, ….",
        HelpName = "Y.npz",
        Required = true,
    };
    private readonly Option<string> sample = new("--sample") { Description = "The prefix of the keys of one sample.", HelpName = "PREFIX" };
    private readonly Option<bool> json = new("--json") { Description = "One JSON document instead of text." };

    public IdentifyCommand()
        : base(
            "identify",
            "Finds the convention of weights (gate order, forget bias, activations, direction) from an input and recorded outputs alone.")
    {
        Add(paths);
        this.Add(OptionGroup.Sample, input, expect, sample);
        this.Add(OptionGroup.Everywhere, json);
        this.Example(
            "lstmconvert identify weights.npz --input x.npy --expect y.npy",
            "Which gate order, forget bias and activations give y from x:");
        SetAction((parsed, cancel) => Task.Run(() => Run(parsed), cancel));
    }

    private int Run(ParseResult parsed)
    {
        var named = parsed.GetRequiredValue(paths);
        using var variables = SourceCatalog.Open(named, new SourceOptions());
        using var given = Open(parsed.GetValue(input)!, "x");
        using var expected = Open(parsed.GetValue(expect)!, "outputs");
        var prefix = parsed.GetValue(sample);
        var found = Identification.Of(
            variables,
            new RecordedValues(
                given,
                prefix is not null && given.Tensors.Any(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)) ? prefix : null
            ),
            new RecordedValues(expected, prefix));
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(json))
        {
            Json.Write(
                output,
                "identify",
                new JsonObject
                {
                    ["source"] = string.Join(' ', named),
                    ["cells"] = Json.Array(found, Node),
                    ["next"] = Next(named, found),
                },
                Code(found));
        }
        else
        {
            foreach (var cell in found)
            {
                Write(output, cell);
            }

            output.WriteLine(found.Count == 0 ? "No variables of this source can be the weights of a cell with these inputs and outputs."
                : Next(named, found) is { } next ? $"\nNext: {next}" : "");
        }

        return Code(found);
    }

    private static int Code(IReadOnlyList<IdentifiedCell> found) =>
        found.Count == 0 || found.All(cell => !cell.IsMatch) ? ExitCode.Different
        : found.Any(cell => cell.Rivals.Count > 0) ? ExitCode.Undecided
        : ExitCode.Success;

    private static TensorSet Open(string path, string name) =>
        NpyFiles.IsNpyArgument(path)
            ? NpyFiles.Open([$"{name}={path}"], new SourceOptions())
            : SourceCatalog.Open(path, new SourceOptions());

    private static void Write(TextWriter output, IdentifiedCell cell)
    {
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(cell.Scope.Length == 0 ? "(all variables)" : ModelText.Shown(cell.Scope))}: {cell.Kind}{(cell.IsMatch ? $", matches {cell.Output} to {cell.Distance:g2}" : $"? no convention that is known gives {cell.Output}; the nearest is {cell.Distance:g3} away")}"
            ));
        output.WriteLine($"  {cell.Layout}");
        foreach (var word in cell.Words)
        {
            output.WriteLine($"  {word}");
        }

        if (cell.RunnerUp is { } next)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  the next best is {next.Distance:g3} away: {next.Words}"));
        }

        foreach (var rival in cell.Rivals.Take(MostShown))
        {
            output.WriteLine($"  ambiguous: this sample cannot tell it from {rival}");
        }

        if (cell.Rivals.Count > MostShown)
        {
            output.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"  and {cell.Rivals.Count - MostShown} others, which --json names: record a sample of larger numbers or more steps"));
        }
    }

    private static JsonObject Node(IdentifiedCell cell) =>
        new()
        {
            ["scope"] = cell.Scope,
            ["output"] = cell.Output,
            ["kind"] = cell.Kind,
            ["layout"] = cell.Layout,
            ["convention"] = Json.Array(cell.Words, word => JsonValue.Create(word)),
            ["distance"] = Json.Number(cell.Distance),
            ["matches"] = cell.IsMatch,
            ["ambiguous_with"] = Json.Array(cell.Rivals, rival => JsonValue.Create(rival)),
            ["runner_up"] = cell.RunnerUp is { } next
                ? new JsonObject { ["convention"] = next.Words, ["distance"] = Json.Number(next.Distance) }
                : null,
            ["cell"] = cell.CellName,
            ["facts"] = new JsonObject(cell.Facts.Select(fact => KeyValuePair.Create<string, JsonNode?>(fact.Name, fact.Value))),
        };

    /// <summary>The conversion with what was found; null where no cell of the catalog is it.</summary>
    private static string? Next(string[] named, IReadOnlyList<IdentifiedCell> found)
    {
        var known = found.Where(cell => cell.IsMatch && cell.CellName is not null).ToArray();
        return known.Length == 0
            ? null
            : string.Join(
                ' ',
                [
                    "lstmconvert tf2keras",
                    .. named.Select(path => Quote.Shell(path)),
                    .. known.SelectMany(cell =>
                        new[] { $"--cell {Scoped(cell, "=")}{cell.CellName}" }.Concat(
                            cell.Facts.Select(fact =>
                                FactOptions.OptionOf(fact.Name) is { } option
                                    ? $"{option} {Scoped(cell, "=")}{fact.Value}"
                                    : $"--fact {Scoped(cell, ":")}{fact.Name}={fact.Value}"))),
                ]);
    }

    private static string Scoped(IdentifiedCell cell, string mark) => cell.Scope.Length == 0 ? "" : Quote.Shell(cell.Scope) + mark;
}
