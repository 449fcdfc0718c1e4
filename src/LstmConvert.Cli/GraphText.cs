using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;

namespace LstmConvert.Cli;

/// <summary>The recurrent cells of a graph and what feeds them, as text and as JSON.</summary>
internal static class GraphText
{
    public static IEnumerable<string> Lines(Graph graph, IReadOnlyList<GraphCell> cells)
    {
        yield return graph.ToString();
        if (cells.Count == 0)
        {
            yield return "  no recurrent cell is computed in it";
            yield break;
        }

        var numbers = cells.Index().ToDictionary(pair => pair.Item, pair => pair.Index + 1);
        foreach (var cell in cells)
        {
            var feeds = cells
                .Where(other => other.Sources.Contains(cell) && other != cell)
                .Select(other => $"[{numbers[other]}]")
                .ToArray();
            yield return $"  {string.Join(" + ", Sources(cell, numbers))}";
            yield return $"    {(cell.IsBackward is { Value: true } backward ? $"| reversed by {backward.Node}" : "|")}";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"   [{numbers[cell]}] {string.Join(" or ", cell.Matches.Select(match => match.Cell).Distinct())} of {string.Join(", ", cell.Kernels)}"
            );
            foreach (var fact in Facts(cell))
            {
                yield return $"         {fact}";
            }

            yield return feeds.Length == 0 ? "    v" : $"    v  {string.Join(", ", feeds)}";
        }
    }

    public static JsonObject Document(Graph graph, IReadOnlyList<GraphCell> cells) => new()
    {
        ["path"] = graph.Path,
        ["kind"] = graph.Kind,
        ["tensorflow_version"] = graph.TensorFlowVersion,
        ["producer"] = graph.Producer,
        ["nodes"] = graph.NodeCount,
        ["cells"] = Json.Array(cells, cell => new JsonObject
        {
            ["cells"] = Json.Array(cell.Matches.Select(match => match.Cell).Distinct().ToArray(), name => JsonValue.Create(name)),
            ["operation"] = cell.Operation,
            ["node"] = cell.Node,
            ["kernels"] = Json.Array(cell.Kernels, name => JsonValue.Create(name)),
            ["loop"] = cell.Loop.Value.ToString().ToLowerInvariant(),
            ["loops"] = cell.Loops,
            ["uses"] = cell.Uses,
            ["facts"] = Facts(cell.Matches[0]),
            ["backward"] = Fact(cell.IsBackward, value => JsonValue.Create(value)),
            ["sequence_length"] = Fact(cell.SequenceLengths, value => JsonValue.Create(value)),
            ["residual"] = Fact(cell.Residual, value => JsonValue.Create(value)),
            ["sources"] = Json.Array(cell.Sources, source => JsonValue.Create(source.Kernels[0])),
            ["external_sources"] = Json.Array(cell.ExternalSources, name => JsonValue.Create(name)),
            ["obstacles"] = Json.Array(cell.Obstacles.Concat(cell.Disagreements).ToArray(), text => JsonValue.Create(text)),
        }),
    };

    private static IEnumerable<string> Sources(GraphCell cell, Dictionary<GraphCell, int> numbers) =>
        cell
            .Sources.Select(source => source == cell ? "itself" : $"[{numbers[source]}]")
            .Concat(cell.ExternalSources)
            .DefaultIfEmpty("(nothing that was found)");

    private static IEnumerable<string> Facts(GraphCell cell)
    {
        static string Line<T>(string what, GraphFact<T> fact, string value) => $"{what} = {value}  ({fact.Node})";
        static string Number(double value) => ((float)value).ToString(CultureInfo.InvariantCulture);
        var loop = cell.Loop.Value switch
        {
            GraphLoop.While => "a while loop",
            GraphLoop.Functional => "a functional loop",
            GraphLoop.Unrolled => string.Create(CultureInfo.InvariantCulture, $"{cell.Uses} copies of the step"),
            GraphLoop.Fused => $"one operation ({cell.Operation})",
            _ => "one step; the loop is outside the graph",
        };
        yield return $"{loop}{(cell.Loops > 1 ? string.Create(CultureInfo.InvariantCulture, $", {cell.Loops} times") : "")}  ({cell.Loop.Node})";
        foreach (var (name, fact) in cell.Matches[0].Numbers.Where(fact => fact.Value.Value is not null))
        {
            yield return Line(name, fact, Number(fact.Value ?? 0));
        }

        foreach (var (name, fact) in cell.Matches[0].Words)
        {
            yield return Line(name, fact, fact.Value);
        }

        foreach (
            var (role, names) in cell.Variables.Where(variable =>
                variable.Key.EndsWith("_diag", StringComparison.Ordinal) || variable.Key == "projection/kernel"))
        {
            yield return $"{role} = {string.Join(", ", names)}";
        }

        if (cell.SequenceLengths is { } lengths)
        {
            yield return Line("sequence_length", lengths, "given");
        }

        if (cell.Residual is { } residual)
        {
            yield return Line("residual", residual, "input added to output");
        }

        foreach (var problem in cell.Obstacles.Concat(cell.Disagreements))
        {
            yield return $"! {problem}";
        }
    }

    private static JsonObject Facts(GraphMatch match)
    {
        var facts = new JsonObject();
        foreach (var (name, fact) in match.Numbers)
        {
            facts[name] = Fact(fact, value => value is null ? null : Json.Number(value.Value));
        }

        foreach (var (name, fact) in match.Words)
        {
            facts[name] = Fact(fact, value => JsonValue.Create(value));
        }

        return facts;
    }

    private static JsonObject? Fact<T>(GraphFact<T>? fact, Func<T, JsonNode?> node) =>
        fact is null ? null : new JsonObject { ["value"] = node(fact.Value), ["node"] = fact.Node };
}
