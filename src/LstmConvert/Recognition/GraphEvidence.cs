using System.Globalization;
using System.Runtime.CompilerServices;
using LstmConvert.Cells;
using LstmConvert.Dialects;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;

namespace LstmConvert.Recognition;

/// <summary>What the graph beside the variables says of the cells: found by structure, matched to the source by the variables that are
/// read.</summary>
internal sealed class GraphEvidence
{
    /// <summary>What patterns may state beside the facts of their cell.</summary>
    private static readonly string[] OfGraphs = [GateOrder, KnownFacts.Activation.Name, KnownFacts.RecurrentActivation.Name];

    private static readonly IReadOnlyList<GraphPattern> Patterns =
        [.. CellCatalog.All.SelectMany(cell => cell.Graph.Select(graph => PatternOf(cell, graph)))];

    private static readonly IReadOnlyList<GraphActivation> Named =
    [
        .. Activations
            .All.Where(activation => activation != Activations.Linear && (activation.Operation ?? activation.Spelled) is not null)
            .Select(activation => new GraphActivation(activation.Name, activation.Operation ?? activation.Spelled!)),
    ];

    private const string GateOrder = "gate_order";

    /// <summary>Cells of other names that are looked for; a program has one or two.</summary>
    private const int MaximumUnnamed = 16;

    private readonly Graph graph;
    private readonly CellVariables variables;
    private IReadOnlyList<GraphCell> cells;
    private readonly Lazy<VariableReaders> readers;

    public GraphEvidence(Graph graph, CellVariables variables)
    {
        (this.graph, this.variables) = (graph, variables);
        readers = new Lazy<VariableReaders>(() => new VariableReaders(graph));
        cells = CellsOf(graph);
    }

    /// <summary>What was found in a graph; it is asked for again where it is told of, and by each source that has the same graph.</summary>
    private static readonly ConditionalWeakTable<IReadOnlyList<GraphNode>, IReadOnlyList<GraphCell>> Known = [];

    /// <summary>The cells that a graph computes.</summary>
    public static IReadOnlyList<GraphCell> CellsOf(Graph graph) =>
        Known.GetValue(graph.Nodes, _ => CellFinder.Find(graph, Patterns, Named));

    /// <summary>The cells that the graph computes with variables of the source.</summary>
    public IEnumerable<Claim> Claims(RecognitionOptions options)
    {
        var names = variables
            .Scopes.Select(scope => CellChoice.Of(scope, variables, options))
            .OfType<Claim>()
            .OrderByDescending(claim => claim.Definition.IsFoundByName ? claim.Parts.Count : 0)
            .ToArray();
        var unnamed = Unnamed(names);
        if (names.Concat(unnamed).Select(SpelledOut).OfType<GraphPattern>().ToArray() is { Length: > 0 } spelledOut)
        {
            cells = CellFinder.Find(graph, [.. Patterns, .. spelledOut], Named);
            var seen = unnamed.Where(claim => IsSeen(claim, isPlain: true)).ToArray();
            names = [.. seen, .. names.Where(claim => !seen.SelectMany(one => one.Tensors).Intersect(claim.Tensors).Any())];
        }

        foreach (var named in FoundByName(names))
        {
            yield return named;
        }

        var scopes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var cell in cells)
        {
            var found = cell
                .Matches.Select(match => (Match: match, Parts: Parts(match)))
                .Where(one => one.Parts is not null && Definition(one.Match) is not null)
                .ToArray();
            if (found.Length == 0)
            {
                continue;
            }

            // The variables' names choose among patterns that fit alike, and give the scope.
            var tensors = found[0]
                .Parts!.Values.SelectMany(parts => parts)
                .Select(part => part.Tensor.Name)
                .ToHashSet(StringComparer.Ordinal);
            var read = names.Where(claim => claim.Tensors.Any(tensors.Contains)).ToArray();
            var named =
                read is [{ Definition.IsFoundByName: true } whole, ..] ? whole
                : Array.Find(read, claim => Array.Exists(found, one => Definition(one.Match) == claim.Definition)) ?? read.FirstOrDefault();
            var (match, parts) = found.FirstOrDefault(one => named is not null && Definition(one.Match)!.Name == named.Definition.Name)
                is { Parts: not null } same
                ? same
                : Array.Find(found, one => CellChoice.Fits("", Definition(one.Match)!, one.Parts!)) is { Parts: not null } fitting
                ? fitting
                : found[0];
            if (named is { Definition.IsFoundByName: true } && Definition(match) != named.Definition)
            {
                continue;
            }

            if (named is not null && !named.Definition.MustBeNamed && Definition(match) != named.Definition && match.Obstacles.Count > 0)
            {
                // The set of its variables says what it is; the graph spells it in a way that no pattern has.
                continue;
            }

            var definition = Definition(match)!;
            var scope = named?.Scope ?? Scope(parts!, scopes);
            scope = scopes.Add(scope) ? scope : AnotherRun(scope, cell, scopes);
            if (
                named is not null
                && options.Cells.Count > 0
                && named.Definition != definition
                && names.Contains(named)
                && IsSaid(named, options))
            {
                yield return named with { Found = cell, Shown = Shown(cell, match, named.Definition) };
                continue;
            }

            // What the names have beside what the graph reads belongs to the cell too: a bias that nothing reads is said by the cell's own
            // obstacle.
            yield return new Claim(
                scope,
                definition,
                parts!,
                named is not null && definition.Names.Contains(named.ClassName) ? named.ClassName : definition.Name)
            {
                Found = cell,
                Shown = Shown(cell, match, definition),
            };
        }
    }

    /// <summary>A name for another run of a cell: of a pair the one that TensorFlow gives the other direction.</summary>
    private string AnotherRun(string scope, GraphCell cell, HashSet<string> scopes)
    {
        var parts = scope.Split('/');
        var other =
            cell.IsBackward?.Value == true && Array.LastIndexOf(parts, "fw") is >= 0 and var at
                ? string.Join('/', [.. parts[..at], "bw", .. parts[(at + 1)..]])
                : FormattableString.Invariant($"{scope}_run_2");
        for (var k = 3; variables.Has(other) || !scopes.Add(other); k++)
        {
            other = FormattableString.Invariant($"{scope}_run_{k}");
        }

        return other;
    }

    private static GraphPattern PatternOf(Cell cell, CellGraph graph) =>
        new(cell.Name, graph.Text, [.. cell.Facts.Select(fact => fact.Name).Concat(OfGraphs).Distinct()])
        {
            IsOnlyInLoops = cell.IsPlainInGraphs,
            IsSequence = graph.IsSequence,
        };

    /// <summary>The pattern of a cell whose text depends on its sizes, where the graph tells these; null for any other.</summary>
    private GraphPattern? SpelledOut(Claim claim)
    {
        if (claim.Definition.GraphOf is not { } text || claim.Parts.Values.Any(parts => parts.Count != 1))
        {
            return null;
        }

        var tensors = claim.Parts.ToDictionary(part => part.Key, part => part.Value[0].Tensor, StringComparer.Ordinal);
        Fact[] facts = [.. Read(claim)];
        return CellSizes.Solve(
            claim.Definition,
            tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.Info, StringComparer.Ordinal),
            facts)
            is { Sizes: { } sizes }
            ? PatternOf(claim.Definition, text(new BoundCell(claim.Definition, claim.Scope, tensors, sizes, facts)))
            : null;
    }

    /// <summary>Cells whose scope has another name than they are known by, where the graph shows all that their equations depend on.</summary>
    private Claim[] Unnamed(Claim[] names)
    {
        var known = names.Where(claim => claim.Definition.IsFoundByName).SelectMany(claim => claim.Tensors).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. variables
                .Scopes.SelectMany(scope => CellChoice.SpelledByGraphs(scope, variables))
                .Where(claim => !claim.Tensors.Any(known.Contains) && SpelledOut(claim) is not null)
                .Take(MaximumUnnamed),
        ];
    }

    /// <summary>True if a pattern found a whole cell with cells inside; a plain one has nothing beside its equations.</summary>
    private bool IsSeen(Claim claim, bool isPlain = false)
    {
        var own = claim.Tensors.ToHashSet(StringComparer.Ordinal);
        return cells.Any(cell =>
            cell.Matches.Any(match =>
                match.Cell == claim.Definition.Name
                && !(isPlain && match.Obstacles.Count > 0)
                && Parts(match) is { } parts
                && parts.Values.SelectMany(part => part).All(part => own.Contains(part.Tensor.Name))));
    }

    /// <summary>The facts that a cell itself reads of the graph.</summary>
    private IEnumerable<Fact> Read(Claim claim)
    {
        var stored = claim.Parts.ToDictionary(
            part => part.Key,
            part => variables.StoredNames.GetValueOrDefault(part.Value[0].Tensor.Name, part.Value[0].Tensor.Name),
            StringComparer.Ordinal);
        return (claim.Definition.ReadGraph?.Invoke(graph, stored) ?? [])
            .Where(one => claim.Definition.Facts.Any(fact => fact.Name == one.Fact))
            .Select(one => new Fact(
                claim.Definition.Facts.First(fact => fact.Name == one.Fact),
                one.Value is { } value ? FactValue.Of(value) : FactValue.None,
                new Evidence(EvidenceKind.Graph, one.Node)));
    }

    /// <summary>The claims of cells that no pattern can say, the larger before those inside, with the facts that the cell itself reads of
    /// the graph.</summary>
    private IEnumerable<Claim> FoundByName(IEnumerable<Claim> names)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var claim in names.Where(claim => claim.Definition.IsFoundByName && !claim.Tensors.Any(taken.Contains)))
        {
            taken.UnionWith(claim.Tensors);
            if (claim.Definition.Graph.Count > 0 || IsSeen(claim))
            {
                continue;
            }

            Fact[] read = [.. Read(claim)];
            yield return claim with
            {
                IsUnlike = SpelledOut(claim) is not null,
                Shown = Inside(claim).Values
                    .Where(fact => read.All(one => one.Name != fact.Name))
                    .Concat(read)
                    .ToDictionary(fact => fact.Name, StringComparer.Ordinal),
            };
        }
    }

    /// <summary>The facts that patterns found of the cells inside, where they are the cell's too and all agree; whether rows have lengths,
    /// and the direction.</summary>
    private Dictionary<string, Fact> Inside(Claim claim)
    {
        var own = claim.Tensors.ToHashSet(StringComparer.Ordinal);
        var found = cells
            .Select(cell => (Cell: cell, Match: cell.Matches[0]))
            .Where(one =>
                Parts(one.Match) is { } parts && parts.Values.SelectMany(part => part).All(part => own.Contains(part.Tensor.Name)))
            .Select(one => Shown(one.Cell, one.Match, claim.Definition))
            .ToArray();
        var names = claim
            .Definition.Facts.Select(fact => fact.Name)
            .Append(KnownFacts.SequenceLengths.Name)
            .Append(KnownFacts.Direction.Name);
        return names
            .Where(name =>
                found.Length > 0
                && Array.TrueForAll(found, shown => shown.TryGetValue(name, out var fact) && fact.Value == found[0][name].Value))
            .ToDictionary(name => name, name => found[0][name], StringComparer.Ordinal);
    }

    /// <summary>True if the graph shows that variables, whose own names do not speak for the cell, are none: nothing recurrent in it reads
    /// them.</summary>
    public static bool Outweighs(Claim claim) =>
        claim.Definition.MustBeNamed && !claim.Definition.Scopes.Contains(ScopeName.Component(claim.Scope));

    /// <summary>The cells that the graph computes and that none of the layers is, unless their variables are left out by what is
    /// said.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="claimed">True for a variable that belongs to a layer.</param>
    public IEnumerable<GraphCell> Unclaimed(IReadOnlyCollection<RecurrentLayer> layers, Func<string, bool> claimed) =>
        cells.Where(cell => !layers.Any(layer => layer.Found == cell)
            && !cell.Kernels.Any(name => variables.IsLeftOut(name) || variables.Find(name).Any(part => claimed(part.Tensor.Name))));

    /// <summary>The node that computes with variables which no cell of the graph reads, or null if none does.</summary>
    public string? ReaderOf(Claim claim)
    {
        var tensors = claim.Tensors.ToHashSet(StringComparer.Ordinal);
        return readers.Value.First(name => variables.Find(name).Any(part => tensors.Contains(part.Tensor.Name)));
    }

    /// <summary>The cell that computes with a layer's variables, or null.</summary>
    public GraphCell? CellOf(RecurrentLayer layer)
    {
        var names = layer.Cell.Variables.Values.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        return cells.FirstOrDefault(cell => cell.Kernels.SelectMany(variables.Find).Any(part => names.Contains(part.Tensor.Name)));
    }

    /// <summary>Adds what the graph shows a layer to compute beyond its equations.</summary>
    public static void AddObstacles(RecurrentLayer layer, GraphCell found, RecognitionOptions options)
    {
        layer.ObstacleList.AddRange(found.Obstacles);
        if (found.Loops > 1 && found.Loop.Value != GraphLoop.SingleStep && (found.IsBackward is null || found.Sources.Contains(found)))
        {
            layer.ObstacleList.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{found.Loops} loops of the graph run this one cell, {(found.IsBackward is null ? "in both directions" : "one on the outputs of the other")}; a Keras layer stands for one loop (without the graph its weights convert once, as one layer)"
                ));
        }

        if (found.IsRepeatedInStep)
        {
            layer.ObstacleList.Add(
                $"one step of the loop runs this one cell more than once, on its own output ({found.Node}); a Keras layer stands for one run (without the graph its weights convert once, as one layer)"
            );
        }

        layer.ObstacleList.AddRange(found.Disagreements
            .Where(one => !options.Facts.Any(said => one.StartsWith(said.Name, StringComparison.Ordinal)))
            .Select(one => $"the graph does not agree with itself: {one}"));
        if (!found.Matches.Any(match => Definition(match) == layer.Cell.Definition))
        {
            layer.ObstacleList.Add(
                $"the graph computes {string.Join(" or ", found.Matches.Select(match => match.Cell).Distinct())} with it ({found.Node})");
        }
    }

    /// <summary>The catalog's cell of a match: with gates in another order than the pattern's cell has, the cell of that order; null if
    /// there is none.</summary>
    private static Cell? Definition(GraphMatch match)
    {
        var cell = CellCatalog.Find(match.Cell);
        return
            cell.Gates.Length > 0
            && match.Words.TryGetValue(GateOrder, out var order)
            && InLettersOf(cell, order.Value) is var gates
            && gates != cell.Gates
            ? CellCatalog.All.FirstOrDefault(other => other.Gates == gates && other.Variables.All(role => cell.Variables.Contains(role)))
            : cell;
    }

    /// <summary>An order of gates in the letters of a cell: where a state has the letter of its candidate, the pattern has another one for
    /// it.</summary>
    private static string InLettersOf(Cell cell, string order) =>
        cell.Gates is { } gates && order.Except(gates).ToArray() is [var strange] && gates.Except(order).ToArray() is [var candidate]
            ? order.Replace(strange, candidate)
            : order;

    /// <summary>The source's variables by role; null if one is not there.</summary>
    private Dictionary<string, List<NamedPart>>? Parts(GraphMatch match)
    {
        var parts = new Dictionary<string, List<NamedPart>>(StringComparer.Ordinal);
        foreach (var (role, names) in match.Variables)
        {
            if (names.Count == 0)
            {
                continue;
            }

            var found = names.SelectMany(variables.Find).ToList();
            if (found.Count == 0)
            {
                return null;
            }

            parts[role] = found.Count == 1 ? found : [.. found.Select((part, k) => part with { Part = part.Part ?? k })];
        }

        return parts.Count == 0 ? null : parts;
    }

    private static bool IsSaid(Claim claim, RecognitionOptions options) =>
        options.Cells.Any(said => said.Scope is null || RecognitionOptions.Means(said.Scope, claim.Scope));

    private static Dictionary<string, Fact> Shown(GraphCell cell, GraphMatch match, Cell definition)
    {
        var shown = new Dictionary<string, Fact>(StringComparer.Ordinal);
        foreach (var (name, number) in match.Numbers)
        {
            if (definition.Facts.FirstOrDefault(fact => fact.Name == name) is { } fact)
            {
                shown[name] = new Fact(
                    fact,
                    number.Value is { } value ? FactValue.Of(value) : fact.Neutral,
                    new Evidence(EvidenceKind.Graph, number.Node));
            }
        }

        foreach (var (name, word) in match.Words)
        {
            if (definition.Facts.FirstOrDefault(fact => fact.Name == name) is { } fact)
            {
                shown[name] = new Fact(fact, FactValue.Of(word.Value), new Evidence(EvidenceKind.Graph, word.Node));
            }
        }

        foreach (var (fact, length, node) in ImageLengths(cell, definition))
        {
            shown[fact.Name] = new Fact(fact, FactValue.Of(length), new Evidence(EvidenceKind.Graph, node));
        }

        // What the graph could show and does not is none: no clip, no residual addition.
        foreach (var fact in definition.Facts.Where(fact => fact is LimitFact && !shown.ContainsKey(fact.Name)))
        {
            shown[fact.Name] = new Fact(fact, FactValue.None, new Evidence(EvidenceKind.Graph, cell.Node));
        }

        shown[KnownFacts.Residual.Name] = new Fact(
            KnownFacts.Residual,
            FactValue.Of(cell.Residual is { Value: true }),
            new Evidence(EvidenceKind.Graph, cell.Residual?.Node ?? cell.Node));
        if (cell.IsBackward is { } backward)
        {
            shown[KnownFacts.Direction.Name] = new Fact(
                KnownFacts.Direction,
                FactValue.Of(backward.Value ? "backward" : "forward"),
                new Evidence(cell.IsDirectionFromNames ? EvidenceKind.Names : EvidenceKind.Graph, backward.Node));
        }

        if (cell.SequenceLengths is { Value: true } lengths)
        {
            shown[KnownFacts.SequenceLengths.Name] = new Fact(
                KnownFacts.SequenceLengths,
                FactValue.Of(true),
                new Evidence(EvidenceKind.Graph, lengths.Node));
        }

        return shown;
    }

    /// <summary>The lengths of the axes between time and features, as the tensor states them that the cell's sequence is read
    /// from.</summary>
    private static IEnumerable<(FactDefinition Fact, int Length, string Node)> ImageLengths(GraphCell cell, Cell definition)
    {
        var axes = definition.ImageLengths.Count;
        return
            axes > 0
            && cell.Taps.Value.Entries.FirstOrDefault(entry => entry.Value.Shape?.Count == axes + 3)
                is { Value.Shape: { } shape, Key: var node }
            ? definition
                .ImageLengths.Zip(shape.Skip(2))
                .Where(pair => pair.Second is > 0)
                .Select(pair => (pair.First, pair.Second!.Value, node))
            : [];
    }

    /// <summary>The scope of a cell whose variables' names say nothing: what stands before the last component of its first
    /// variable.</summary>
    private static string Scope(Dictionary<string, List<NamedPart>> parts, HashSet<string> taken)
    {
        var kernel = parts.Values.First()[0].Tensor.Name;
        var slash = kernel.LastIndexOf('/');
        var scope = slash < 0 ? "" : kernel[..slash];
        return scope.Length == 0 || taken.Contains(scope) ? kernel : scope;
    }

    /// <summary>The graph's file, for messages.</summary>
    public string Path => graph.Path;
}
