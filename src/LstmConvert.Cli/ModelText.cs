using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Recognition;

namespace LstmConvert.Cli;

/// <summary>Recognised cells as text and as JSON.</summary>
internal static class ModelText
{
    public static string Sizes(RecognizedCell cell) =>
        string.Create(CultureInfo.InvariantCulture, $"{cell.InputSize} -> {cell.Units}") + (cell.Projection is { } p ? string.Create(CultureInfo.InvariantCulture, $" -> {p}") : "");

    public static IEnumerable<string> Lines(RecognizedGroup group)
    {
        var wiring = group.Cells.Count == 1 ? "" : $"  [{Name(group.Wiring)}, {group.WiringEvidence.Evidence.ToString().ToLowerInvariant()}: {group.WiringEvidence.Detail}]";
        if (group.Cells.Count > 1)
        {
            yield return $"{(group.Scope.Length == 0 ? "(top)" : group.Scope)}{wiring}";
        }

        foreach (var cell in group.Cells)
        {
            var place = group.Cells.Count == 1 ? (cell.Direction == Direction.Backward ? "bw  " : "") : group.Wiring == Wiring.Chain ? $"level {cell.Level}  " : $"level {cell.Level} {(cell.Direction == Direction.Forward ? "fw" : "bw")}  ";
            yield return $"{(group.Cells.Count == 1 ? "" : "  ")}{place}{cell.Scope}  {cell.CellName} {Sizes(cell)}";
            if (cell.ForgetBias is { } forgetBias)
            {
                yield return $"      forget_bias = {forgetBias}";
            }

            yield return $"      activation = {cell.Activation}";
            if (cell.CellClip is { } clip)
            {
                yield return $"      cell_clip = {clip}";
            }

            if (cell.ProjectionClip is { } limit)
            {
                yield return $"      proj_clip = {limit}";
            }

            if (cell.Residual is { Value: true } residual)
            {
                yield return $"      residual = {residual}";
            }

            if (cell.SequenceLengths is { Value: true } lengths)
            {
                yield return $"      sequence_length = {lengths}";
            }
        }
    }

    public static string Name(Wiring wiring) => wiring switch
    {
        Wiring.Bidirectional => "bidirectional",
        Wiring.StackBidirectional => "stack-bidirectional",
        _ => "chain",
    };

    public static JsonArray Groups(RecognizedModel model) => Json.Array(model.Groups, group => new JsonObject
    {
        ["scope"] = group.Scope,
        ["wiring"] = Name(group.Wiring),
        ["wiring_evidence"] = new JsonObject { ["evidence"] = group.WiringEvidence.Evidence.ToString().ToLowerInvariant(), ["detail"] = group.WiringEvidence.Detail },
        ["cells"] = Json.Array(group.Cells, cell => new JsonObject
        {
            ["scope"] = cell.Scope,
            ["cell"] = cell.CellName,
            ["units"] = cell.Units,
            ["input_size"] = cell.InputSize,
            ["projection"] = cell.Projection,
            ["direction"] = cell.Direction == Direction.Forward ? "fw" : "bw",
            ["level"] = cell.Level,
            ["forget_bias"] = Fact(cell.ForgetBias, value => JsonValue.Create(value)),
            ["activation"] = Fact(cell.Activation, value => JsonValue.Create(value)),
            ["cell_clip"] = Fact(cell.CellClip, value => JsonValue.Create(value)),
            ["proj_clip"] = Fact(cell.ProjectionClip, value => JsonValue.Create(value)),
            ["residual"] = Fact(cell.Residual, value => JsonValue.Create(value)),
            ["sequence_length"] = Fact(cell.SequenceLengths, value => JsonValue.Create(value)),
            ["variables"] = new JsonObject(cell.Variables.Select(role => KeyValuePair.Create<string, JsonNode?>(role.Key, role.Value.Name))),
        }),
    });

    public static JsonArray LeftOut(RecognizedModel model) => Json.Array(model.LeftOut, variable => new JsonObject { ["name"] = variable.Name, ["reason"] = variable.Reason });

    private static JsonObject? Fact<T>(Fact<T>? fact, Func<T, JsonNode?> node) => fact is null
        ? null
        : new JsonObject { ["value"] = node(fact.Value), ["evidence"] = fact.Evidence.ToString().ToLowerInvariant(), ["detail"] = fact.Detail };
}
