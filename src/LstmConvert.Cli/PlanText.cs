using System.Text.Json.Nodes;
using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.Tensors;

namespace LstmConvert.Cli;

/// <summary>One conversion as an entry of a plan: the source with its hashes, the options, layers, facts with evidence, recipes in
/// words.</summary>
internal static class PlanText
{
    /// <summary>An entry of recurrent layers, with what stands around them.</summary>
    public static JsonObject Content(
        ConversionPlan plan,
        Entry entry,
        KerasTarget format,
        IReadOnlyList<string> words,
        IReadOnlyList<SourceContent> files,
        string? layersPath)
    {
        var content = Frame(entry, format, words, files, plan.Source.Variables.Format);
        content["groups"] = ModelText.Groups(plan.Source.Model);
        content["assumed"] = ModelText.Assumed(plan.Source.Model);
        content["layers"] = Layers(plan.Layers);
        content["left_out"] = ModelText.LeftOut(plan.Source.Model, plan.VariablesAround);
        content["notes"] = Json.Array(plan.Notes, note => JsonValue.Create(note));
        content["keras_code"] = plan.KerasCode(entry.Target, format, layersPath);
        return content;
    }

    /// <summary>An entry of a whole model, whose configuration says everything.</summary>
    public static JsonObject Content(
        WholeModelPlan plan,
        Entry entry,
        KerasTarget format,
        IReadOnlyList<string> words,
        IReadOnlyList<SourceContent> files,
        string? layersPath)
    {
        var content = Frame(entry, format, words, files, plan.Format);
        content["groups"] = new JsonArray();
        content["assumed"] = new JsonArray();
        content["layers"] = Layers(plan.Layers);
        content["left_out"] = new JsonArray();
        content["notes"] = Json.Array(plan.Changes, change => JsonValue.Create(change));
        content["keras_code"] = plan.KerasCode(entry.Target, layersPath);
        return content;
    }

    /// <summary>An entry that cannot be planned.</summary>
    public static JsonObject Failed(Entry entry, int code, string error)
    {
        var content = Source(entry);
        content["exit_code"] = code;
        content["error"] = error;
        return content;
    }

    /// <summary>The layers of a result with their recipes, as every document has them.</summary>
    public static JsonArray Layers(IEnumerable<LayerSummary> layers) => Json.Array(layers, layer => new JsonObject
    {
        ["name"] = layer.Name,
        ["class_name"] = layer.ClassName,
        ["weights"] = Json.Array(layer.Weights, weight => new JsonObject
        {
            ["path"] = weight.Path,
            ["dtype"] = weight.DType.Name(),
            ["shape"] = new JsonArray([.. weight.Shape.Dimensions.ToArray().Select(length => (JsonNode)length)]),
            ["recipe"] = weight.Recipe,
        }),
    });

    /// <summary>In what a conversion is not what was planned, as a phrase; null if it is.</summary>
    public static string? Difference(ConversionPlan plan, ApprovedPlan approved) =>
        approved.Facts(plan.Source.Model) ?? approved.Layers(Layers(plan.Layers));

    /// <summary>In what a whole model is not what was planned, as a phrase; null if it is.</summary>
    public static string? Difference(WholeModelPlan plan, ApprovedPlan approved) => approved.Layers(Layers(plan.Layers));

    private static JsonObject Frame(
        Entry entry,
        KerasTarget format,
        IReadOnlyList<string> words,
        IReadOnlyList<SourceContent> files,
        string kind)
    {
        var content = Source(entry);
        content["exit_code"] = ExitCode.Success;
        content["error"] = null;
        content["source_format"] = kind;
        content["to"] = format.Name;
        content["options"] = Json.Array(words, word => JsonValue.Create(word));
        content["files"] = Json.Array(files, file => new JsonObject
        {
            ["path"] = file.Path,
            ["bytes"] = file.Length,
            ["sha256"] = file.Sha256,
        });
        return content;
    }

    private static JsonObject Source(Entry entry) => new()
    {
        ["sources"] = Json.Array(entry.Sources, path => JsonValue.Create(path)),
        ["target"] = entry.Target,
    };
}
