using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Facts;
using LstmConvert.Recognition;

namespace LstmConvert.Cli;

/// <summary>Recognised layers as text and as JSON.</summary>
internal static class ModelText
{
    public static string Sizes(RecurrentLayer layer) =>
        string.Create(CultureInfo.InvariantCulture, $"{layer.InputSize} -> {layer.Units}")
        + (layer.OutputSize != layer.Units ? string.Create(CultureInfo.InvariantCulture, $" -> {layer.OutputSize}") : "");

    public static IEnumerable<string> Lines(LayerGroup group)
    {
        if (!group.IsSingle)
        {
            yield return $"{(group.Scope.Length == 0 ? "(top)" : group.Scope)}  [{group.Wiring}, {group.Evidence}]";
        }

        foreach (var layer in group.Layers)
        {
            var place = group.IsSingle ? (layer.IsBackward ? "bw  " : "")
                : group.Wiring == "chain" ? string.Create(CultureInfo.InvariantCulture, $"level {layer.Level}  ")
                : string.Create(CultureInfo.InvariantCulture, $"level {layer.Level} {(layer.IsBackward ? "bw" : "fw")}  ");
            yield return $"{(group.IsSingle ? "" : "  ")}{place}{Shown(layer.Scope)}  {layer.CellName} {Sizes(layer)}";
            foreach (var fact in layer.Facts)
            {
                yield return $"      {fact}";
            }

            foreach (var surrounding in layer.Surroundings)
            {
                yield return $"      {Shown(surrounding)}";
            }

            foreach (var obstacle in layer.Obstacles)
            {
                yield return $"      not convertible: {obstacle}";
            }
        }
    }

    /// <summary>One line for what is not the whole program: how much stands around the layers; null where nothing is known to.</summary>
    public static string? Around(SourceModel model)
    {
        var layers = model.Layers.Where(layer => layer.Surroundings.Count > 0).ToArray();
        return layers.Length == 0 ? null
            : $"Not the whole program: {string.Join("; ", layers.Take(2).Select(layer => $"{Shown(layer.Scope)} - {Shown(layer.Surroundings[0])}"))}{(layers.Length > 2 || layers.Any(layer => layer.Surroundings.Count > 1) ? "; and more (above)" : "")}.";
    }

    /// <summary>A name as it is printed: control characters escaped, a cell at the top named so.</summary>
    public static string Shown(string name) => name.Length == 0 ? "(top)" : Quote.Printed(name);

    public static JsonArray Groups(SourceModel model) => Json.Array(model.Groups, group => new JsonObject
    {
        ["scope"] = group.Scope,
        ["wiring"] = group.Wiring,
        ["wiring_evidence"] = Evidence(group.Evidence),
        ["cells"] = Json.Array(group.Layers, Layer),
    });

    public static JsonArray LeftOut(SourceModel model, IReadOnlyCollection<string>? converted = null) =>
        Json.Array(model.LeftOut.Where(variable => converted?.Contains(variable.Name) != true), variable => new JsonObject
        {
            ["name"] = variable.Name,
            ["reason"] = variable.Reason,
        });

    /// <summary>The facts that nothing says.</summary>
    public static JsonArray Assumed(SourceModel model) => Json.Array(model.Assumed.ToArray(), one => new JsonObject
    {
        ["scope"] = one.Scope,
        ["fact"] = one.Fact.Name,
        ["value"] = one.Fact.Value.ToJson(),
        ["detail"] = one.Fact.Evidence.Detail,
    });

    private static JsonObject Layer(RecurrentLayer layer)
    {
        var result = new JsonObject
        {
            ["scope"] = layer.Scope,
            ["cell"] = layer.CellName,
            ["units"] = layer.Units,
            ["input_size"] = layer.InputSize,
            ["projection"] = layer.OutputSize != layer.Units ? layer.OutputSize : null,
            ["direction"] = layer.IsBackward ? "bw" : "fw",
            ["level"] = layer.Level,
        };
        result["facts"] = new JsonObject(layer.Facts.Select(fact => KeyValuePair.Create<string, JsonNode?>(fact.Name, Fact(fact))));
        result["variables"] = new JsonObject(
            layer.Variables.Select(role => KeyValuePair.Create<string, JsonNode?>(role.Key, role.Value.Name)));
        result["surroundings"] = Json.Array(layer.Surroundings, text => JsonValue.Create(text));
        result["obstacles"] = Json.Array(layer.Obstacles, text => JsonValue.Create(text));
        return result;
    }

    private static JsonObject Fact(Fact fact) =>
        new()
        {
            ["value"] = fact.Value.ToJson(),
            ["evidence"] = fact.Evidence.KindName,
            ["detail"] = fact.Evidence.Detail,
        };

    private static JsonObject Evidence(Evidence evidence) => new() { ["evidence"] = evidence.KindName, ["detail"] = evidence.Detail };
}
