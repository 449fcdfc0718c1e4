using System.Globalization;
using LstmConvert.Cells;
using LstmConvert.Equations;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.Reports;

/// <summary>Draws a model: its inputs, what is called, its outputs.</summary>
internal static class ModelDrawing
{
    /// <summary>Draws the program of a source, or a Keras model.</summary>
    /// <param name="what">What it shows.</param>
    /// <param name="model">The model.</param>
    public static Markup Of(string what, Model model)
    {
        var (boxes, arrows) = (new List<Box>(), new List<Arrow>());
        foreach (var input in model.Inputs)
        {
            boxes.Add(
                new Box(
                    input.Name,
                    input.Name.Split('\n')[0],
                    $"input{(input.Width is { } width ? string.Create(CultureInfo.InvariantCulture, $", width {width}") : "")}{(input.HasLengths ? ", rows of their own lengths" : "")}",
                    "end"));
        }

        foreach (var call in model.Calls)
        {
            boxes.Add(
                new Box(
                    call.Name,
                    call.Name,
                    Detail(call.Callee),
                    call.Callee is CellCall or KerasUse { IsRecurrent: true } ? "cell" : "other"));
            arrows.AddRange(
                call.Inputs.Concat(call.Keywords.Select(keyword => keyword.Port))
                    .Select(port => new Arrow(port.From, call.Name, port.State is not null)));
            arrows.AddRange((call.InitialStates ?? []).Select(port => new Arrow(port.From, call.Name, IsState: true)));
        }

        foreach (var (k, port) in model.Outputs.Index())
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"\0output {k}");
            boxes.Add(
                new Box(
                    id,
                    model.Outputs.Count == 1 ? "output" : string.Create(CultureInfo.InvariantCulture, $"output {k}"),
                    port.State is null ? "of the model" : "a final state",
                    "end"));
            arrows.Add(new Arrow(port.From, id, port.State is not null));
        }

        return Drawing.Of(what, boxes, arrows);
    }

    /// <summary>Draws what a Keras file says of its model; nothing where it holds weights alone.</summary>
    /// <param name="what">What it shows.</param>
    /// <param name="file">The file.</param>
    public static Markup Of(string what, KerasInspection file)
    {
        if (file.Layers.All(layer => layer.ClassName is null))
        {
            return Markup.None;
        }

        var inputs = file
            .Inputs.Select(input =>
                (
                    Name: input.Split(' ')[0],
                    Detail: input.Contains(' ', StringComparison.Ordinal) ? input[(input.IndexOf(' ', StringComparison.Ordinal) + 1)..] : ""
                ))
            .ToArray();
        var names = file.Layers.Select(layer => layer.Name).ToHashSet(StringComparer.Ordinal);
        return Drawing.Of(
            what,
            [
                .. inputs
                    .Where(input => !names.Contains(input.Name))
                    .Select(input => new Box(input.Name, input.Name, $"input {input.Detail}", "end")),
                .. file.Layers.Select(layer => new Box(
                    layer.Name,
                    layer.Name,
                    layer.ClassName ?? "",
                    layer.Weights.Count > 0 ? "cell" : "other")),
            ],
            [
                .. file.Layers.SelectMany(layer =>
                    layer.Reads.Select(read => new Arrow(
                        read.Split(" (")[0],
                        layer.Name,
                        read.Contains(" (state", StringComparison.Ordinal)))),
            ]);
    }

    private static string Detail(ICallable callee) =>
        callee switch
        {
            CellCall { Cell: var cell } => string.Create(
                CultureInfo.InvariantCulture,
                $"{callee.ClassName} {cell.InputSize} → {cell.OutputSize}{(cell.IsBackward ? ", backward" : "")}"),
            KerasUse use =>
                $"{use.ClassName}{(use.Units > 0 ? string.Create(CultureInfo.InvariantCulture, $" {use.Units}") : "")}{(use.IsBackward ? ", backward" : "")}{(use.Inner.Count > 0 ? $" of {string.Join(", ", use.Inner.Select(Detail).Distinct())}" : "")}",
            _ => callee.ClassName,
        };
}
