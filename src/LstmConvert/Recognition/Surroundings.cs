using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>Says what stands around a layer: what computes its input, where its outputs go, what its states start from, which variables lie
/// beside it.</summary>
/// <param name="source">The variables, with the names that they have in the program.</param>
internal sealed class Surroundings(TensorSet source)
{
    /// <summary>The most elements of a state that is read to see whether it is zero.</summary>
    private const long MaximumState = 1 << 22;

    /// <summary>Names that one sentence gives; the rest is counted.</summary>
    private const int MaximumNames = 4;

    /// <summary>The variables that a sentence names already.</summary>
    private readonly HashSet<string> said = new(StringComparer.Ordinal);

    /// <summary>Adds to each layer what is known.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="leftAlone">The weights that no layer took, by the names that they have in the program.</param>
    public void Say(IReadOnlyList<RecurrentLayer> layers, IReadOnlyList<string> leftAlone)
    {
        var owners = layers
            .Where(layer => layer.Found is not null)
            .DistinctBy(layer => layer.Found)
            .ToDictionary(layer => layer.Found!, layer => layer.Scope);
        foreach (var layer in layers.Where(layer => layer.Found is not null))
        {
            layer.SurroundingList.AddRange(Inputs(layer.Found!, owners));
            var starts = Starts(layer, owners).ToArray();
            string[] resets =
            [
                .. layer.Found!.Resets.GroupBy(reset => reset.Given, reset => reset.State).Select(reset =>
                    $"before each step its state {List(reset)} is multiplied by 1 less what is given as {reset.Key}:"
                    + " a sequence starts anew where that is 1"),
            ];
            string[] carried =
            [
                .. layer.Found!.CarriedStates.Select(state =>
                    $"its last state {state.State} is kept in {NameOf(state.Variable)} ({state.Node}), from which the next call starts:"
                    + " in Keras that is stateful=True"),
            ];
            layer.TrainedStarts = resets.Length == 0 && carried.Length == 0 ? TrainedStarts(layer) : null;
            layer.OwnStarts = [.. starts.Where(start => !start.IsGiven).Select(start => start.Sentence), .. resets, .. carried];
            layer.StateSurroundings =
            [
                .. starts.Select(start => start.Sentence),
                .. resets,
                .. carried,
                .. layer.Found!.KeptStates.Select(kept =>
                    $"its state {kept.State} {(kept.IsBefore ? "before" : "after")} each step, which is not its output, goes into {kept.Node}"),
                .. layer.Found!.KeptValues.Select(kept =>
                    $"what {kept.Value} computes within it, which is not its output, goes into {kept.Node}"),
            ];
            layer.SurroundingList.AddRange(layer.StateSurroundings);
            layer.SurroundingList.AddRange(Readers(layer.Found!));
            if (layer.HasLengths && layer.Cell.ImageLengths.Count > 0)
            {
                layer.SurroundingList.Add(
                    "rows end early, and no layer before it can say so of images: call it with mask=, true for each valid step (batch, time)"
                );
            }
        }

        foreach (
            var (layer, place, names) in Beside(layers, [.. leftAlone.Where(name => !said.Contains(name))]).DistinctBy(one => one.Place))
        {
            layer.SurroundingList.Add($"beside it in {place}: {List(names.Select(name => name[(place.Length + 1)..]))}");
        }
    }

    private IEnumerable<string> Inputs(GraphCell cell, Dictionary<GraphCell, string> owners)
    {
        foreach (var (given, feed) in cell.Givens.Zip(cell.GivenFeeds))
        {
            var from = feed switch
            {
                GraphFeed.FromProgram { Table: null, Variable: null } program => $"what is given as {program.Node}",
                GraphFeed.Computed computed => $"what {computed.Node} computes",
                _ => "a value of each step",
            };
            yield return $"the program gives it {from} beside its input as {given}: here a feature before those of the input";
        }

        var flat = cell.Feed?.Flat.ToArray() ?? [];
        foreach (var looked in flat.OfType<GraphFeed.FromProgram>().Where(given => given.Table is not null))
        {
            yield return $"reads rows of {NameOf(looked.Table!)} ({looked.Node})";
        }

        foreach (var added in Sums(cell.Feed).DistinctBy(sum => sum.Node).Take(MaximumNames))
        {
            yield return $"reads what {added.Node} adds up";
        }

        foreach (var computed in flat.OfType<GraphFeed.Computed>().Take(MaximumNames))
        {
            var from = computed
                .From.SelectMany(feed => feed.Cells)
                .Distinct()
                .Select(source =>
                    source == cell ? "its own output"
                    : owners.GetValueOrDefault(source) is { } scope ? $"the output of {scope}"
                    : source.Node)
                .Concat(
                    computed
                        .From.SelectMany(feed => feed.Flat)
                        .OfType<GraphFeed.FromProgram>()
                        .Select(given => given.Table)
                        .OfType<string>()
                        .Select(table => $"rows of {NameOf(table)}"))
                .ToArray();
            yield return $"reads what {computed.Node} computes{(computed.Variables.Count > 0 ? $" with {List(computed.Variables.Select(NameOf))}" : "")}{(from.Length > 0 ? $" from {List(from)}" : "")}";
        }
    }

    /// <summary>Sums of what the program is given alone: a layer's input is the sum, not one of them.</summary>
    private static IEnumerable<GraphFeed.Added> Sums(GraphFeed? feed) => feed switch
    {
        GraphFeed.Added added when !added.Cells.Any() => [added],
        GraphFeed.Added added => added.Terms.SelectMany(Sums),
        GraphFeed.Joined joined => joined.Parts.SelectMany(Sums),
        GraphFeed.Reversed reversed => Sums(reversed.Feed),
        GraphFeed.Alternatives several => several.Feeds.SelectMany(Sums),
        _ => [],
    };

    /// <summary>What a layer's states start from that is neither zero nor a final state which the model hands on; what the program is given
    /// is an input of it, everything else is a part of it.</summary>
    private IEnumerable<(string Sentence, bool IsGiven)> Starts(RecurrentLayer layer, Dictionary<GraphCell, string> owners)
    {
        foreach (
            var (state, feed) in layer
                .Found!.InitialStates.SelectMany(start =>
                    (start.Value is GraphFeed.Alternatives several ? several.Feeds : [start.Value]).Select(one => (start.Key, one)))
                .Where(start => !start.one.Cells.Contains(layer.Found) && (layer.InitialStates is null || !start.one.Cells.Any())))
        {
            var from = feed switch
            {
                GraphFeed.FromProgram { Variable: { } variable } => NameOf(variable) + (IsZero(variable) ? ", which holds zeros" : ""),
                GraphFeed.FromProgram { Table: { } table } => $"rows of {NameOf(table)}",
                GraphFeed.FromProgram constant when DataEdges.IsConstant(constant.Operation) => $"the numbers of {constant.Node}",
                GraphFeed.FromProgram => null,
                GraphFeed.FromCell other => $"a state of {owners.GetValueOrDefault(other.Cell) ?? other.Cell.Node}",
                GraphFeed.Computed computed =>
                    $"what {computed.Node} computes{(computed.Variables.Count > 0 ? $" with {List(computed.Variables.Select(NameOf))}" : "")}",
                GraphFeed.Joined joined => $"what {joined.Node} puts together",
                GraphFeed.Added added => $"what {added.Node} adds up",
                _ => "something that is computed",
            };
            yield return from is null
                ? ($"its state {state} starts from what is given as {((GraphFeed.FromProgram)feed).Node}", true)
                : feed is GraphFeed.FromProgram { Variable: { } stored } && IsZero(stored)
                ? ($"its state {state} starts from {from}", true)
                : ($"its state {state} starts from {from}, not from zeros", false);
        }
    }

    /// <summary>The variables that all states of a layer start from; null where one of them does not.</summary>
    private Tensor[]? TrainedStarts(RecurrentLayer layer)
    {
        var starts = layer
            .Cell.States.Select(state =>
                layer.Found!.StartVariables.TryGetValue(state.Name, out var stored)
                && source.Tensors.FirstOrDefault(tensor => tensor.Name == stored) is { } tensor
                && tensor.DType == layer.Cell.DType
                && tensor.Shape.ElementCount == layer.Cell.Sizes.GetValueOrDefault(state.Width)
                && (tensor.Shape.Rank == 1 || (tensor.Shape.Rank == 2 && tensor.Shape[0] == 1))
                    ? tensor
                    : null)
            .ToArray();
        return starts.Length > 0 && layer.Cell.ImageLengths.Count == 0 && Array.TrueForAll(starts, start => start is not null)
            ? [.. starts.Select(start => start!)]
            : null;
    }

    private IEnumerable<string> Readers(GraphCell cell)
    {
        foreach (var dense in cell.Readers.Where(reader => reader.Variables.Count > 0).DistinctBy(reader => reader.Variables[0]))
        {
            yield return $"its outputs go into {List(dense.Variables.Select(NameOf))} ({dense.Node})";
        }

        var others = cell.Readers.Where(reader => reader.Variables.Count == 0).Select(reader => reader.Node).ToArray();
        if (others.Length > 0)
        {
            yield return $"its outputs go into {List(others)}";
        }
    }

    /// <summary>The variables that lie in the innermost scope around a layer that has any; not those at the top, which may belong to
    /// anything.</summary>
    private static IEnumerable<(RecurrentLayer Layer, string Place, string[] Names)> Beside(
        IReadOnlyList<RecurrentLayer> layers,
        IReadOnlyList<string> names)
    {
        foreach (var layer in layers)
        {
            for (var slash = layer.Scope.LastIndexOf('/'); slash > 0; slash = layer.Scope.LastIndexOf('/', slash - 1))
            {
                var place = layer.Scope[..slash];
                if (names.Where(name => name.StartsWith(place + "/", StringComparison.Ordinal)).ToArray() is { Length: > 0 } beside)
                {
                    yield return (layer, place, beside);
                    break;
                }
            }
        }
    }

    /// <summary>True if a variable of floating-point numbers holds zeros alone.</summary>
    private bool IsZero(string stored) =>
        source.Tensors.FirstOrDefault(tensor => tensor.Name == stored) is { } tensor
        && tensor.DType.IsWeight()
        && tensor.Shape.ElementCount <= MaximumState
        && Array.TrueForAll(tensor.ToDoubles(), value => value == 0);

    private string NameOf(string stored)
    {
        var name = source.ProgramNames.GetValueOrDefault(stored) is { Length: > 0 } known ? known : stored;
        said.Add(name);
        return name;
    }

    private static string List(IEnumerable<string> names)
    {
        var all = names.Distinct(StringComparer.Ordinal).ToArray();
        return string.Join(", ", all.Take(MaximumNames))
            + (all.Length > MaximumNames ? FormattableString.Invariant($" and {all.Length - MaximumNames} more") : "");
    }
}
