using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Facts;
using LstmConvert.Formats;
using LstmConvert.Recognition;

namespace LstmConvert.Cli;

/// <summary>One entry of a plan that was read: what a conversion must be.</summary>
/// <param name="entry">The entry, whose form was checked.</param>
internal sealed class ApprovedPlan(JsonObject entry)
{
    private static readonly string[] CellKeys = ["units", "input_size", "projection", "direction", "level", "variables"];
    private static readonly string[] WeightKeys = ["path", "dtype", "shape", "recipe"];

    /// <summary>The wiring that the plan says, where one word says it of all groups.</summary>
    public string? Wiring =>
        Groups
            .Where(group => Items(group, "cells").Count > 1)
            .Select(group => Text(group, "wiring"))
            .Distinct(StringComparer.Ordinal)
            .ToArray()
            is [{ } only]
        && KnownFacts.Wiring.Words.Contains(only)
            ? only
            : null;

    private List<JsonObject> Groups => Items(entry, "groups");

    /// <summary>The facts that are found otherwise now than in the plan: they are said as the plan has them. Null where all are the
    /// same.</summary>
    public IReadOnlyList<SaidFact>? FactsToSay(SourceModel model)
    {
        var now = FactsOf(ModelText.Groups(model));
        var said = FactsOf([.. Groups.Select(group => group.DeepClone())])
            .Where(fact => now.TryGetValue(fact.Key, out var found) && found != fact.Value)
            .Select(fact => new SaidFact(fact.Key.Scope, fact.Key.Name, fact.Value)).ToArray();
        return said.Length == 0 && Shape(model) == Shape(Groups) ? null : said;
    }

    /// <summary>In what the facts differ from the plan's, as a phrase; null if they do not.</summary>
    public string? Facts(SourceModel model)
    {
        if (Shape(model) is var now && Shape(Groups) is var then && now != then)
        {
            return $"the cells are {now}, and {then} in the plan";
        }

        var (found, planned) = (FactsOf(ModelText.Groups(model)), FactsOf([.. Groups.Select(group => group.DeepClone())]));
        foreach (var (key, value) in planned)
        {
            if (!found.TryGetValue(key, out var other) || other != value)
            {
                return $"{(key.Scope.Length == 0 ? "(top)" : key.Scope)}: {key.Name} is {other ?? "not a fact of it"}, and {value} in the plan";
            }
        }

        return found
            .Keys.Where(key => !planned.ContainsKey(key))
            .Select(key => $"{key.Scope}: {key.Name} is {found[key]}, and the plan does not have it")
            .FirstOrDefault()
            ?? Places([.. ModelText.Groups(model).OfType<JsonObject>()]);
    }

    /// <summary>
    /// In what the sizes, directions, levels and variables of the cells differ from the plan's, as a phrase; null if they do not. A fact
    /// may be said
    /// again as the plan has it, and with it another model comes out than the one that was looked at: here it shows.
    /// </summary>
    private string? Places(List<JsonObject> now)
    {
        foreach (var (then, cell) in Groups.SelectMany(group => Items(group, "cells")).Zip(now.SelectMany(group => Items(group, "cells"))))
        {
            foreach (var key in CellKeys.Where(key => !JsonNode.DeepEquals(then[key], cell[key])))
            {
                return $"the {key} of {ModelText.Shown(Text(cell, "scope"))} is {cell[key]?.ToJsonString() ?? "none"}, and {then[key]?.ToJsonString() ?? "none"} in the plan";
            }
        }

        return null;
    }

    /// <summary>In what the layers, their weights or recipes differ from the plan's, as a phrase; null if they do not.</summary>
    public string? Layers(JsonArray now)
    {
        var planned = Items(entry, "layers");
        foreach (var (then, layer) in planned.Zip(now.OfType<JsonObject>()))
        {
            var (name, weights) = (Text(layer, "name"), Items(layer, "weights"));
            if (Text(then, "name") != name || Text(then, "class_name") != Text(layer, "class_name"))
            {
                return $"the layer {Text(layer, "class_name")} {name} is {Text(then, "class_name")} {Text(then, "name")} in the plan";
            }

            foreach (var (old, weight) in Items(then, "weights").Zip(weights))
            {
                foreach (var key in WeightKeys.Where(key => !JsonNode.DeepEquals(old[key], weight[key])))
                {
                    return $"the {key} of {Text(weight, "path")} is {weight[key]?.ToJsonString()}, and {old[key]?.ToJsonString() ?? "nothing"} in the plan";
                }
            }

            if (Items(then, "weights").Count != weights.Count)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} has {weights.Count} weights, and {Items(then, "weights").Count} in the plan");
            }
        }

        return planned.Count == now.Count
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"there are {now.Count} layers, and {planned.Count} in the plan");
    }

    /// <summary>Refuses a conversion that is not the planned one.</summary>
    /// <param name="difference">In what it differs; null if it does not.</param>
    /// <exception cref="UndecidedException">It differs.</exception>
    public static void Refuse(string? difference)
    {
        if (difference is not null)
        {
            throw new UndecidedException($"The conversion is not the planned one: {difference}. Plan it again, and look at the new plan.");
        }
    }

    /// <summary>Refuses a source that is not the one that was planned.</summary>
    /// <param name="paths">The source, and the graph that options name.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    /// <exception cref="UndecidedException">A file is another one, is gone, or is new.</exception>
    public void RefuseChanged(IEnumerable<string> paths, CancellationToken cancel)
    {
        var planned = Items(entry, "files").ToDictionary(file => Text(file, "path"), file => Text(file, "sha256"), StringComparer.Ordinal);
        if (planned.Keys.FirstOrDefault(path => !File.Exists(path)) is { } gone)
        {
            throw new UnreadableInputException($"{gone} was there when the plan was made, and is not now. Bring it back, or plan again.");
        }

        var now = SourceContent.Of(paths, cancel);
        if (now.FirstOrDefault(file => !planned.TryGetValue(file.Path, out var hash) || hash != file.Sha256) is { } changed)
        {
            throw new UndecidedException(
                planned.TryGetValue(changed.Path, out var was)
                    ? $"{changed.Path} is not what it was when the plan was made: its SHA-256 is {changed.Sha256[..12]}…, and {was[..Math.Min(12, was.Length)]}… in the plan. Plan it again."
                    : $"{changed.Path} belongs to the source and was not there when the plan was made. Plan it again.");
        }

        if (planned.Keys.Except(now.Select(file => file.Path)).FirstOrDefault() is { } unused)
        {
            throw new UndecidedException($"{unused} stands in the plan and is no file of the source any more. Plan it again.");
        }
    }

    /// <summary>Each fact of each cell, and the wiring of each group, as words.</summary>
    private static Dictionary<(string Scope, string Name), string> FactsOf(JsonArray groups)
    {
        var facts = new Dictionary<(string, string), string>();
        foreach (var cell in groups.OfType<JsonObject>().SelectMany(group => Items(group, "cells")))
        {
            foreach (var (name, fact) in cell["facts"] as JsonObject ?? [])
            {
                facts[(Text(cell, "scope"), name)] = (fact as JsonObject)?["value"] switch
                {
                    null => "none",
                    JsonValue value when value.TryGetValue(out bool truth) => truth ? "yes" : "no",
                    JsonValue value when value.TryGetValue(out string? text) => text,
                    var number => number.ToJsonString(),
                };
            }
        }

        return facts;
    }

    /// <summary>Which cells there are and how they are wired, as one line.</summary>
    private static string Shape(SourceModel model) => Shape([.. ModelText.Groups(model).OfType<JsonObject>()]);

    private static string Shape(List<JsonObject> groups) =>
        string.Join(
            "; ",
            groups.Select(group =>
                $"{string.Join(", ", Items(group, "cells").Select(cell => $"{Text(cell, "cell")} {Text(cell, "scope")}"))}{(Items(group, "cells").Count > 1 ? $" as a {Text(group, "wiring")}" : "")}"
            ));

    private static List<JsonObject> Items(JsonObject of, string key) => [.. (of[key] as JsonArray ?? []).OfType<JsonObject>()];

    private static string Text(JsonObject of, string key) => (of[key] as JsonValue)?.TryGetValue(out string? text) == true ? text! : "";
}
