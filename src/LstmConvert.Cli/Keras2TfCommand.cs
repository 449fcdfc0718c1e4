using System.CommandLine;
using System.Text.Json.Nodes;
using LstmConvert.Cli.Completion;
using LstmConvert.Cli.Help;
using LstmConvert.Conversion;
using LstmConvert.Tensors;

namespace LstmConvert.Cli;

/// <summary><c>keras2tf</c>: the way back, from a Keras file to the variables of TensorFlow's cells.</summary>
internal sealed class Keras2TfCommand : Command
{
    private readonly Argument<string> keras = new("keras")
    {
        Description =
            "A Keras file that describes its model: .keras, a whole .h5, a TensorFlow.js model, or a file that lstmconvert wrote.",
    };
    private readonly Option<string> output = new("--output", "-o")
    {
        Description = "A folder for .npy files (an existing one, or a name that ends in /), an .npz, else the prefix of a checkpoint.",
        HelpName = "TARGET",
        Required = true,
    };
    private readonly Option<string> cell = new("--cell")
    {
        Description = "The cell that gets the weights; by default what the file notes, else the usual one for each layer.",
        HelpName = "NAME",
    };
    private readonly Option<string> scope = new("--scope")
    {
        Description = "The scope of the variables; by default what the file notes, else the layer's name.",
        HelpName = "NAME",
    };
    private readonly Option<string[]> include = new("--include")
    {
        Description = "Only layers whose name matches (* and ?; repeatable).",
        HelpName = "GLOB",
    };
    private readonly Option<string[]> exclude = new("--exclude")
    {
        Description = "No layer whose name matches (repeatable).",
        HelpName = "GLOB",
    };
    private readonly Option<string> forgetBias = new("--forget-bias")
    {
        Description = "What the cell adds to its forget gate as it runs; it is taken out of the bias.",
        HelpName = "VALUE",
    };
    private readonly Option<bool> force = new("--force") { Description = "Replace files that exist." };
    private readonly Option<bool> json = new("--json") { Description = "One JSON document instead of text." };
    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Nothing but errors." };

    public Keras2TfCommand()
        : base("keras2tf", "Takes the recurrent weights of a Keras file back to the variables of TensorFlow's cells.")
    {
        Add(keras);
        this.Add(OptionGroup.Reading, include, exclude);
        this.Add(OptionGroup.Writing, output, cell, scope, forgetBias, force);
        this.Add(OptionGroup.Everywhere, json, quiet);
        cell.Completes((_, _) => SourceOptionSet.CellNames);
        this.Example("lstmconvert keras2tf lstm.h5 -o variables/", "A folder of .npy files, a variable each:");
        this.Example(
            $"lstmconvert keras2tf model.keras -o model.ckpt --cell {SourceOptionSet.CellNames.ElementAt(2)}",
            "A checkpoint for another cell:");
        SetAction((parsed, cancel) => Task.Run(() => Run(parsed), cancel));
    }

    private int Run(ParseResult parsed)
    {
        var (source, target) = (parsed.GetValue(keras)!, parsed.GetValue(output)!);
        var reverse = ReverseConversion.Of(
            source,
            new ReverseOptions
            {
                Cell = parsed.GetValue(cell),
                Scope = parsed.GetValue(scope),
                Include = parsed.GetValue(include) ?? [],
                Exclude = parsed.GetValue(exclude) ?? [],
                ForgetBias =
                    parsed.GetValue(forgetBias) is not { } text ? null
                    : text == "none" ? 0
                    : SourceOptionSet.Number("--forget-bias", text),
            });
        foreach (var pattern in reverse.Unmatched)
        {
            parsed.InvocationConfiguration.Error.WriteLine(
                $"lstmconvert: warning: the pattern '{Quote.Printed(pattern)}' matches no layer with weights and decides nothing.");
        }

        var files = reverse.Write(target, parsed.GetValue(force));
        var text_ = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(json))
        {
            Json.Write(text_, "keras2tf", new JsonObject
            {
                ["source"] = source,
                ["output"] = target,
                ["files"] = Json.Array(files, file => JsonValue.Create(file)),
                ["cells"] = Json.Array(reverse.Cells, one => new JsonObject
                {
                    ["layer"] = one.Layer,
                    ["cell"] = one.CellName,
                    ["scope"] = one.Scope,
                    ["facts"] = Json.Array(one.Facts, fact => JsonValue.Create(fact)),
                    ["variables"] = Json.Array(one.Variables, variable => JsonValue.Create(variable.ToString())),
                }),
                ["left_out"] = Json.Array(reverse.LeftOut, left => new JsonObject { ["name"] = left.Name, ["reason"] = left.Reason }),
            });
        }
        else if (!parsed.GetValue(quiet))
        {
            Write(text_, reverse, files, source, target);
        }

        return ExitCode.Success;
    }

    private static void Write(TextWriter output, ReverseConversion reverse, IReadOnlyList<string> files, string source, string target)
    {
        foreach (var one in reverse.Cells)
        {
            output.WriteLine(
                $"{ModelText.Shown(one.Layer)} -> {one.CellName}{(one.Facts.Count > 0 ? $"  ({string.Join(", ", one.Facts)})" : "")}");
            foreach (var variable in one.Variables)
            {
                output.WriteLine($"  {ModelText.Shown(variable.Name)}  {variable.DType.Name()} {variable.Shape}");
            }
        }

        foreach (var left in reverse.LeftOut)
        {
            output.WriteLine($"left out: {ModelText.Shown(left.Name)} ({left.Reason})");
        }

        output.WriteLine();
        output.WriteLine(files.Count == 1 ? files[0] : $"{files.Count} files: {files[0]} …");
        output.WriteLine();
        foreach (var (k, line) in Next(reverse, source, target).Index())
        {
            output.WriteLine($"{(k == 0 ? "Next: " : "      ")}{line}");
        }
    }

    /// <summary>What holds the variables against the file: in one command where the file notes their names, else layer by layer, since
    /// no name of a variable says which layer feeds which.</summary>
    private static IEnumerable<string> Next(ReverseConversion reverse, string source, string target)
    {
        var command = $"lstmconvert verify {Quote.Shell(target)} {Quote.Shell(source)}";
        var layers = reverse.Cells.GroupBy(cell => cell.Layer, StringComparer.Ordinal).Select(layer => layer.ToArray()).ToArray();
        if (reverse.IsNoted)
        {
            var names = reverse.Cells.Select(one => one.CellName).Distinct().Take(2).ToArray();
            yield return $"{command}{(names is [var only] ? $" --cell {only}" : "")}";
            yield break;
        }

        foreach (var cells in layers)
        {
            if (cells is [_] or [{ IsBackward: false }, { IsBackward: true }])
            {
                yield return $"{command} {string.Join(' ', Words(cells, layers.Length > 1))}";
            }
            else if (cells.All(cell => !cell.IsBackward && cell.Scope.StartsWith(cells[0].Layer + "/", StringComparison.Ordinal)))
            {
                yield return $"{command} {string.Join(' ', WordsOfStack(cells, layers.Length > 1))}";
            }
        }
    }

    /// <summary>What is said of a layer, or of a forward and a backward one.</summary>
    private static IEnumerable<string> Words(ReversedCell[] cells, bool isOneOfMany)
    {
        var scope = cells is [var single] ? single.Scope : cells[0].Scope[..cells[0].Scope.LastIndexOf('/')];
        return
        [
            .. isOneOfMany ? ["--include", Quote.Shell($"{scope}/*", always: true)] : Array.Empty<string>(),
            "--cell", cells[0].CellName,
            .. cells is [{ IsBackward: true }] ? ["--fact", "direction=backward"] : Array.Empty<string>(),
            .. cells is [_, _] ? ["--wiring", "bidirectional"] : Array.Empty<string>(),
            .. cells[0].Unusual.SelectMany(fact => Fact(fact, "")),
            .. cells[0].Layer == scope ? Array.Empty<string>() : ["--layer", Quote.Shell($"{scope}={cells[0].Layer}")],
        ];
    }

    /// <summary>What is said of the cells of a stack: of each which one it is, and its facts; their names say that they are a chain.</summary>
    private static IEnumerable<string> WordsOfStack(ReversedCell[] cells, bool isOneOfMany) =>
        [
            .. isOneOfMany ? ["--include", Quote.Shell($"{cells[0].Layer}/*", always: true)] : Array.Empty<string>(),
            .. cells.SelectMany(cell => new[] { "--cell", Quote.Shell($"{cell.Scope}={cell.CellName}") }),
            .. cells.SelectMany(cell => cell.Unusual.SelectMany(fact => Fact(fact, cell.Scope))),
        ];

    private static IEnumerable<string> Fact((string Name, string Value) fact, string scope) =>
        FactOptions.OptionOf(fact.Name) is { } option
            ? [option, Quote.Shell(scope.Length == 0 ? fact.Value : $"{scope}={fact.Value}")]
            : ["--fact", Quote.Shell($"{(scope.Length == 0 ? "" : scope + ":")}{fact.Name}={fact.Value}")];
}
