using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Conversion;
using LstmConvert.Tensors;

namespace LstmConvert.Cli;

/// <summary>A whole model that was written, as text and as JSON.</summary>
internal static class WholeModelText
{
    /// <summary>As text.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="result">What was written; null for a dry run.</param>
    /// <param name="target">The file.</param>
    /// <param name="next">The command to type next; null for none.</param>
    public static string Of(WholeModelPlan plan, ConversionResult? result, string target, string? next)
    {
        var text = new StringWriter { NewLine = "\n" };
        text.WriteLine($"{plan.Format}: a whole Keras model, from its configuration");
        text.WriteLine($"  input {string.Join("; ", plan.Inputs.Select(ModelText.Shown))}");
        foreach (var layer in plan.Layers)
        {
            text.WriteLine(
                $"  {layer.ClassName} {ModelText.Shown(layer.Name)}{(layer.Weights.Count == 0 ? "" : "  " + string.Join(", ", layer.Weights.Select(weight => $"{weight.Path[(weight.Path.LastIndexOf('/') + 1)..].Split(':')[0]} {weight.Shape}")))}"
            );
        }

        foreach (var change in plan.Changes)
        {
            text.WriteLine($"changed: {ModelText.Shown(change)}");
        }

        foreach (var warning in plan.Warnings)
        {
            text.WriteLine($"left out: {ModelText.Shown(warning)}");
        }

        if (plan.NeedsKeras3)
        {
            text.WriteLine("for Keras 3: older Kerases have no form for this model");
        }

        text.WriteLine();
        text.WriteLine(
            result is null
                ? $"Dry run: {target} was not written."
                : string.Create(CultureInfo.InvariantCulture, $"{target}: {result.ByteCount:N0} bytes"));
        if (result is not null)
        {
            text.WriteLine(result.Check is { } check ? $"read back: {check}" : "not read back (--no-check)");
            if (result.Layers is { } module)
            {
                text.WriteLine(ConversionText.Said(module));
            }
        }

        text.WriteLine();
        text.WriteLine($"In {plan.Loader}:");
        text.WriteLine();
        text.Write(plan.KerasCode(target, result?.Layers?.Path));
        if (result is not null && next is not null)
        {
            text.WriteLine();
            text.WriteLine($"Next: {next}");
        }

        return text.ToString();
    }

    /// <summary>As JSON.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="result">What was written; null for a dry run.</param>
    /// <param name="source">The source.</param>
    /// <param name="target">The file.</param>
    public static JsonObject Content(WholeModelPlan plan, ConversionResult? result, string source, string target) =>
        new()
        {
            ["source"] = source,
            ["output"] = target,
            ["dry_run"] = result is null,
            ["bytes"] = result?.ByteCount,
            ["layers_module"] = result?.Layers?.Path,
            ["read_back"] = ConversionText.ReadBack(result),
            ["whole_model"] = true,
            ["needs_keras_3"] = plan.NeedsKeras3,
            ["changes"] = Json.Array(plan.Changes, change => JsonValue.Create(change)),
            ["layers"] = PlanText.Layers(plan.Layers),
            ["warnings"] = Json.Array(plan.Warnings, warning => JsonValue.Create(warning)),
            ["keras_code"] = plan.KerasCode(target, result?.Layers?.Path),
        };
}
