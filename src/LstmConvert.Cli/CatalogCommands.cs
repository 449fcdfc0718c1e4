using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.Json.Nodes;
using LstmConvert.Cli.Help;
using LstmConvert.Conversion;

namespace LstmConvert.Cli;

/// <summary><c>cells</c>: the kinds of cells that are known, and one of them in full.</summary>
internal sealed class CellsCommand : Command
{
    private readonly Argument<string?> name = new("name")
    {
        Description = "A cell's class, for all that is known of it.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<bool> json = new("--json") { Description = "One JSON document instead of text." };

    public CellsCommand()
        : base("cells", "Shows the cells that are known: variables, gates, facts, and the Keras layers that stand for them.")
    {
        Add(name);
        name.CompletionSources.Add(_ =>
            Catalog.Cells.SelectMany(cell => cell.AlsoKnownAs.Prepend(cell.Name)).Select(one => new CompletionItem(one)));
        this.Add(OptionGroup.Everywhere, json);
        this.Example("lstmconvert cells", "What converts, to which layer, and what does not and why:");
        this.Example($"lstmconvert cells {Catalog.Cells[0].Name}", "All that is known of one:");
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        var cells = parsed.GetValue(name) is { } one ? [Catalog.Cell(one)] : Catalog.Cells;
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(json))
        {
            Json.Write(output, "cells", new JsonObject { ["cells"] = Json.Array(cells, Node) });
            return ExitCode.Success;
        }

        if (parsed.GetValue(name) is not null)
        {
            Page(output, cells[0]);
            return ExitCode.Success;
        }

        var width = cells.Max(cell => cell.Name.Length);
        foreach (var cell in cells)
        {
            output.WriteLine(
                $"{cell.Name.PadRight(width)}  {(cell.Refusal is { } refusal ? $"not converted: {refusal}" : cell.Layers.Count > 0 ? string.Join(", then ", cell.Layers.Select(layer => layer.ClassName)) : "by its sizes")}"
            );
        }

        return ExitCode.Success;
    }

    private static void Page(TextWriter output, CatalogCell cell)
    {
        output.WriteLine($"{cell.Name}{(cell.AlsoKnownAs.Count > 0 ? $" (also {string.Join(", ", cell.AlsoKnownAs)})" : "")}");
        Lines(output, "variables", cell.Variables);
        Lines(output, "gates", cell.Gates.Length > 0 ? [string.Join(' ', cell.Gates.ToCharArray())] : []);
        Lines(output, "states", cell.States);
        Lines(output, "facts", cell.Facts);
        foreach (var (className, weights) in cell.Layers)
        {
            Lines(output, $"in Keras: {className}", weights);
        }

        Lines(output, "in a graph", cell.Graph);
        Lines(output, "not converted", cell.Refusal is { } refusal ? [refusal] : []);
    }

    private static void Lines(TextWriter output, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count > 0)
        {
            output.WriteLine(title);
            foreach (var line in lines)
            {
                output.WriteLine($"  {line}");
            }
        }
    }

    private static JsonObject Node(CatalogCell cell) =>
        new()
        {
            ["name"] = cell.Name,
            ["also_known_as"] = Json.Array(cell.AlsoKnownAs, text => JsonValue.Create(text)),
            ["variables"] = Json.Array(cell.Variables, text => JsonValue.Create(text)),
            ["gates"] = cell.Gates,
            ["states"] = Json.Array(cell.States, text => JsonValue.Create(text)),
            ["facts"] = Json.Array(cell.Facts, text => JsonValue.Create(text)),
            ["layers"] = Json.Array(cell.Layers, layer => new JsonObject
            {
                ["class_name"] = layer.ClassName,
                ["weights"] = Json.Array(layer.Weights, text => JsonValue.Create(text)),
            }),
            ["refusal"] = cell.Refusal,
            ["graph"] = Json.Array(cell.Graph, text => JsonValue.Create(text)),
        };
}

/// <summary><c>dialects</c>: the naming conventions of variables that are known.</summary>
internal sealed class DialectsCommand : Command
{
    private readonly Argument<string?> name = new("name") { Description = "One of them.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> json = new("--json") { Description = "One JSON document instead of text." };

    public DialectsCommand()
        : base("dialects", "Shows the naming conventions of variables that are known.")
    {
        Add(name);
        name.CompletionSources.Add(_ => Catalog.Dialects.Select(dialect => new CompletionItem(dialect.Name)));
        this.Add(OptionGroup.Everywhere, json);
        this.Example("lstmconvert dialects", "The naming conventions that are read:");
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        var dialects = parsed.GetValue(name) is { } one ? [Catalog.Dialect(one)] : Catalog.Dialects;
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(json))
        {
            Json.Write(output, "dialects", new JsonObject
            {
                ["dialects"] = Json.Array(dialects, dialect => new JsonObject
                {
                    ["name"] = dialect.Name,
                    ["title"] = dialect.Title,
                    ["source"] = dialect.Source,
                    ["refusal"] = dialect.Refusal,
                    ["files"] = dialect.Files,
                    ["has_to_be_named"] = dialect.HasToBeNamed,
                })
            });
            return ExitCode.Success;
        }

        var width = dialects.Max(dialect => dialect.Name.Length);
        foreach (var dialect in dialects)
        {
            output.WriteLine(
                $"{dialect.Name.PadRight(width)}  {dialect.Title} ({dialect.Source}){(dialect.Refusal is { } refusal ? $"; not converted: {refusal}" : "")}"
            );
            output.Write(
                dialect.Files.Length > 0
                    ? $"{new string(' ', width)}  in {dialect.Files}{(dialect.HasToBeNamed ? $"; only with --dialect {dialect.Name}" : "")}\n"
                    : "");
        }

        return ExitCode.Success;
    }
}
