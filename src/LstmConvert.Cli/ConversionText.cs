using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Conversion;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Tensors;

namespace LstmConvert.Cli;

/// <summary>A conversion of recurrent layers, as text and as a document.</summary>
internal static class ConversionText
{
    /// <summary>The line that names the module of a result.</summary>
    public static string Said(LayerModule module) =>
        $"{module.Path}: {string.Join(", ", module.ClassNames)}, which no Keras has; the code below imports it";

    /// <summary>As text.</summary>
    /// <param name="plan">The conversion.</param>
    /// <param name="result">What was written; null for a dry run.</param>
    /// <param name="target">The file.</param>
    /// <param name="code">The Keras code.</param>
    /// <param name="format">The format that is written.</param>
    /// <param name="verbose">True names every variable that is left out.</param>
    /// <param name="next">The command to type next; null for none.</param>
    public static string Of(
        ConversionPlan plan,
        ConversionResult? result,
        string target,
        string code,
        KerasTarget format,
        bool verbose,
        string? next)
    {
        var text = new StringWriter { NewLine = "\n" };
        foreach (var line in plan.Source.Model.Groups.SelectMany(ModelText.Lines))
        {
            text.WriteLine(line);
        }

        var leftOut = plan.Source.Model.LeftOut.Where(variable => !plan.VariablesAround.Contains(variable.Name)).ToArray();
        var noise = leftOut
            .Where(variable =>
                !verbose
                && (
                    variable.Reason.StartsWith("optimizer", StringComparison.Ordinal)
                    || variable.Reason.StartsWith("moving", StringComparison.Ordinal)))
            .ToArray();
        foreach (var variable in leftOut.Except(noise))
        {
            text.WriteLine($"left out: {ModelText.Shown(variable.Name)} ({variable.Reason})");
        }

        if (noise.Length > 0)
        {
            text.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"left out: {noise.Length} optimizer slots and moving averages (-v names them)")
            );
        }

        text.WriteLine();
        foreach (var planned in plan.Layers)
        {
            text.WriteLine($"{planned.ClassName} {Quote.Printed(planned.Name)}");
            foreach (var weight in planned.Weights)
            {
                text.WriteLine(
                    Quote.Printed(
                        $"  {weight.Path}  {weight.DType.Name()} {weight.Shape}  {weight.Path[(weight.Path.LastIndexOf('/') + 1)..^2]} = {weight.Recipe}"
                    ));
            }
        }

        text.WriteLine();
        if (result is null)
        {
            text.WriteLine($"Dry run: {Quote.Printed(target)} was not written.");
        }
        else
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Quote.Printed(target)}: {result.ByteCount:N0} bytes"));
            text.WriteLine(result.Check is { } check ? $"read back: {check}" : "not read back (--no-check)");
            if (result.Layers is { } module)
            {
                text.WriteLine(Said(module));
            }
        }

        if (!plan.HasLayersAround && ModelText.Around(plan.Source.Model) is { } around)
        {
            text.WriteLine(around);
        }

        text.WriteLine();
        text.WriteLine($"In {format.Loader}:");
        text.WriteLine();
        text.Write(code);
        if (next is not null)
        {
            text.WriteLine();
            text.WriteLine($"Next: {next}");
        }

        return text.ToString();
    }

    /// <summary>What reading the file back showed, as a document; null where it was not read back.</summary>
    public static JsonObject? ReadBack(ConversionResult? result) =>
        result?.Check is not { } check
            ? null
            : new JsonObject
            {
                ["bit_for_bit"] = check.Moved,
                ["forget_bias_folded"] = check.Folded,
                ["computed"] = check.Computed,
            };

    /// <summary>As a document.</summary>
    public static JsonObject Content(ConversionPlan plan, ConversionResult? result, string target, string code) =>
        new()
        {
            ["dry_run"] = result is null,
            ["bytes"] = result?.ByteCount,
            ["layers_module"] = result?.Layers?.Path,
            ["read_back"] = ReadBack(result),
            ["groups"] = ModelText.Groups(plan.Source.Model),
            ["assumed"] = ModelText.Assumed(plan.Source.Model),
            ["layers"] = PlanText.Layers(plan.Layers),
            ["left_out"] = ModelText.LeftOut(plan.Source.Model, plan.VariablesAround),
            ["notes"] = Json.Array(plan.Notes, note => JsonValue.Create(note)),
            ["keras_code"] = code,
        };
}
