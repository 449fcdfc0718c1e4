using System.Globalization;
using System.Text;
using LstmConvert.Recognition;

namespace LstmConvert.Conversion;

/// <summary>
/// The Keras code that builds the layers of a plan with the right names, sizes and flags and loads the file by name; the same
/// text works from Keras 2.2.4 to 3.15.1.
/// </summary>
public static class KerasCode
{
    /// <summary>Writes the code.</summary>
    /// <param name="plan">The conversion.</param>
    /// <param name="path">The file to load.</param>
    public static string Write(ConversionPlan plan, string path)
    {
        var body = new StringBuilder();
        var inputs = new List<string>();
        var outputs = new List<string>();
        var usesMasking = plan.Model.Groups.Any(group => group.SequenceLengths is { Value: true });
        var number = 0;
        foreach (var group in plan.Model.Groups)
        {
            var suffix = plan.Model.Groups.Count == 1 ? "" : $"_{++number}";
            Group(body, plan, group, suffix, usesMasking);
            inputs.Add($"x{suffix}");
            outputs.Add($"y{suffix}");
        }

        var classes = plan.Layers.SelectMany(layer => layer.ClassName == "Bidirectional" ? new[] { "Bidirectional", Inner(layer.Cells[0]) } : [layer.ClassName])
            .Concat(plan.Model.Groups.Any(group => !IsMerged(plan, group) && group.Wiring != Wiring.Chain) ? ["Concatenate", "Lambda"] : [])
            .Concat(plan.Model.Cells.Any(cell => cell.Residual is { Value: true }) ? ["Add"] : [])
            .Concat(usesMasking ? ["Masking"] : [])
            .Prepend("Input").Distinct();
        return string.Create(CultureInfo.InvariantCulture, $"""
            from keras.layers import {string.Join(", ", classes)}
            from keras.models import Model
            {body}model = Model({List(inputs)}, {List(outputs)})
            model.load_weights({Quoted(path)}, by_name=True)

            """);
    }

    private static void Group(StringBuilder body, ConversionPlan plan, RecognizedGroup group, string suffix, bool usesMasking)
    {
        var (x, y) = ($"x{suffix}", $"y{suffix}");
        var width = group.Cells.First(cell => cell.Level == 0).InputSize;
        Line(body, $"{x} = Input(shape=(None, {width}))");
        var start = x;
        if (usesMasking && group.SequenceLengths is { Value: true })
        {
            Line(body, $"{y} = Masking(0.0)({x})  # the program had sequence lengths: set x to 0 after each row's length");
            start = y;
        }

        if (group.Wiring == Wiring.Chain)
        {
            foreach (var cell in group.Cells)
            {
                Cell(body, plan, cell, start, y, suffix, goBackwards: cell.Direction == Direction.Backward);
                start = y;
            }

            return;
        }

        if (group.Wiring == Wiring.Bidirectional && group.Cells.Any(cell => cell.Level > 0))
        {
            // Two stacks that meet at their end: the backward one walks from the last step, whatever comes after it keeps that order.
            foreach (var (direction, name) in new[] { (Direction.Forward, $"fw{suffix}"), (Direction.Backward, $"bw{suffix}") })
            {
                var feed = start;
                foreach (var cell in group.Cells.Where(cell => cell.Direction == direction))
                {
                    Cell(body, plan, cell, feed, name, suffix, goBackwards: direction == Direction.Backward && cell.Level == 0);
                    feed = name;
                }
            }

            Concatenate(body, y, suffix);
            return;
        }

        foreach (var level in group.Cells.GroupBy(cell => cell.Level))
        {
            var (forward, backward) = (level.First(), level.Last());
            if (plan.Layers.FirstOrDefault(layer => layer.ClassName == "Bidirectional" && layer.Cells.Contains(forward)) is { } merged)
            {
                var inner = Inner(forward);
                Line(body, $"{y} = Bidirectional({inner}({Arguments(forward, false)}, return_sequences=True, name=\"{inner.ToLowerInvariant()}\"), merge_mode=\"concat\", name={Quoted(merged.Name)})({start})");
            }
            else
            {
                Cell(body, plan, forward, start, $"fw{suffix}", suffix, goBackwards: false);
                Cell(body, plan, backward, start, $"bw{suffix}", suffix, goBackwards: true);
                Concatenate(body, y, suffix);
            }

            start = y;
        }
    }

    private static void Concatenate(StringBuilder body, string y, string suffix) =>
        Line(body, $"{y} = Concatenate()([fw{suffix}, Lambda(lambda t: t[:, ::-1])(bw{suffix})])  # go_backwards gives its outputs last step first");

    private static void Cell(StringBuilder body, ConversionPlan plan, RecognizedCell cell, string from, string to, string suffix, bool goBackwards)
    {
        var layers = plan.Layers.Where(layer => layer.Cells.Contains(cell)).ToArray();
        var states = Inner(cell) == "LSTM" ? $"h{suffix}, c{suffix}" : $"h{suffix}";
        var residual = cell.Residual is { Value: true };
        var target = residual ? $"r{suffix}" : to;
        Line(body, $"{target}, {states} = {Inner(cell)}({Arguments(cell, goBackwards)}, return_sequences=True, return_state=True, name={Quoted(layers[0].Name)})({from})");
        if (layers.Length > 1)
        {
            Line(body, $"{target} = Dense({cell.Projection}, use_bias=False, name={Quoted(layers[1].Name)})({target})");
        }

        if (residual)
        {
            Line(body, $"{to} = Add()([{from}, {target}])");
        }
    }

    private static string Arguments(RecognizedCell cell, bool goBackwards)
    {
        var arguments = new List<string> { cell.Units.ToString(CultureInfo.InvariantCulture), $"activation=\"{Activation(cell.Activation.Value)}\"" };
        if (Inner(cell) != "SimpleRNN")
        {
            arguments.Add("recurrent_activation=\"sigmoid\"");
        }

        if (Inner(cell) == "GRU")
        {
            arguments.Add($"reset_after={(cell.Variables.TryGetValue("bias", out var bias) && bias.Shape.Rank == 2 ? "True" : "False")}");
        }

        if (goBackwards)
        {
            arguments.Add("go_backwards=True");
        }

        return string.Join(", ", arguments);
    }

    private static string Activation(string name) => name switch
    {
        "identity" => "linear",
        _ => name,
    };

    private static string Inner(RecognizedCell cell) => Cells.CellCatalog.Find(cell.CellName).Recipes(new Cells.CellSizes(cell.Units, cell.InputSize, cell.Projection))[0].ClassName;

    private static bool IsMerged(ConversionPlan plan, RecognizedGroup group) => group.Cells.All(cell => plan.Layers.Any(layer => layer.ClassName == "Bidirectional" && layer.Cells.Contains(cell)));

    private static string List(List<string> names) => names.Count == 1 ? names[0] : $"[{string.Join(", ", names)}]";

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static void Line(StringBuilder body, string line) => body.Append(line).Append('\n');
}
