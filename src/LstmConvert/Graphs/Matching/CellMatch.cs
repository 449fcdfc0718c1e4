using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>A place where a graph computes a step (or, fused, all steps) of a pattern's cell.</summary>
internal sealed class CellMatch
{
    private CellMatch(CompiledPattern pattern, Output output, Bindings found)
    {
        Pattern = pattern;
        Output = output;
        Obstacles = [.. found.Obstacles.Distinct(StringComparer.Ordinal)];
        foreach (var (key, value) in found.All)
        {
            switch (value)
            {
                case GraphNode node when key == "anchor":
                    Anchors.Add(node);
                    Anchor = Anchor is null || node.Number < Anchor.Number ? node : Anchor;
                    break;
                case IReadOnlyList<string> names:
                    Variables.TryAdd(key["variable ".Length..], names);
                    break;
                case FoundNumber number:
                    Numbers.TryAdd(key["fact ".Length..], number);
                    break;
                case FoundWord word:
                    Words.TryAdd(key["fact ".Length..], word);
                    break;
            }
        }

        X = (found["x"] as FoundValue)?.Edge;
        Givens = [.. pattern.Givens.Select(given => (found[given] as FoundValue)?.Edge)];
        foreach (var (state, key) in pattern.States)
        {
            States[state] = ((found[state] as FoundValue)?.Edge, (found[key] as FoundValue)?.Edge);
        }
    }

    public CompiledPattern Pattern { get; }

    /// <summary>The output of the step.</summary>
    public Output Output { get; }

    /// <summary>The first product with a kernel, or the fused operation.</summary>
    public GraphNode? Anchor { get; }

    /// <summary>All its products.</summary>
    public HashSet<GraphNode> Anchors { get; } = new(ReferenceEqualityComparer.Instance);

    public Output? X { get; }

    /// <summary>What it reads beside x, in the pattern's order.</summary>
    public IReadOnlyList<Output?> Givens { get; }

    /// <summary>The states by name: the edge on which one enters, and the output where it leaves.</summary>
    public Dictionary<string, (Output? Enters, Output? Leaves)> States { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, IReadOnlyList<string>> Variables { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FoundNumber> Numbers { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FoundWord> Words { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Obstacles { get; private set; }

    /// <summary>The state that the output is, or null.</summary>
    public string? OutputState => States.FirstOrDefault(state => state.Value.Leaves == Output).Key;

    /// <summary>The state by which a step is told to come after another: the one that the output is, else the first that is handed on;
    /// null for none.</summary>
    public string? Carried =>
        OutputState
        ?? (
            Pattern.Pattern.IsSequence
                ? null
                : States.FirstOrDefault(state => state.Value is { Enters: not null, Leaves: not null }).Key);

    /// <summary>Where that state leaves the step: the output itself, where the output is one.</summary>
    public Output Left => Carried is { } state && States[state].Leaves is { } leaves ? leaves : Output;

    /// <summary>The matrices that the cell cannot be without, sorted: places with the same ones are one cell.</summary>
    public string Kernels { get; private set; } = "";

    /// <summary>What is the same in all copies of a cell: the variables in their roles, the order of the gates, the activations.</summary>
    public string Signature =>
        string.Join(
            '\n',
            Variables
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => $"{pair.Key} {string.Join(' ', pair.Value)}")
                .Concat(Words.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} = {pair.Value.Value}"))
                .Concat(Numbers.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value.Value is null}"))
        );

    public static CellMatch? Of(CompiledPattern pattern, Output output, Bindings found)
    {
        var match = new CellMatch(pattern, output, found);
        var kernels = pattern
            .Kernels.Where(match.Variables.ContainsKey)
            .SelectMany(role => match.Variables[role])
            .Order(StringComparer.Ordinal)
            .ToArray();
        if (match.Anchor is null || kernels.Length == 0)
        {
            return null;
        }

        match.Kernels = string.Join('\n', kernels);
        foreach (var (fact, value) in pattern.Constants)
        {
            if (double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var number))
            {
                match.Numbers.TryAdd(fact, new FoundNumber(number, match.Anchor.Name));
            }
            else
            {
                match.Words.TryAdd(fact, new FoundWord(value, match.Anchor.Name));
            }
        }

        foreach (var (fact, number) in pattern.Beside.SelectMany(beside => BesideReader.Read(beside, match.Anchor)))
        {
            match.Numbers.TryAdd(fact, number);
        }

        if (pattern.Gates is { } gates)
        {
            // Of a cell in groups the first group's gates are called i0, j0 …
            var order = gates.IsFree
                ? gates.Names.OrderBy(name => found[$"block {gates.Split} {name}"] as int? ?? int.MaxValue).ToArray()
                : gates.Names;
            match.Words["gate_order"] = new FoundWord(string.Concat(order.Select(name => name.TrimEnd('0'))), match.Anchor.Name);
            if (!order.SequenceEqual(gates.Names))
            {
                match.Obstacles =
                [
                    .. match.Obstacles,
                    $"its gates stand in the order {string.Concat(order)}, not {string.Concat(gates.Names)} ({match.Anchor.Name})",
                ];
            }
        }

        return match;
    }
}
