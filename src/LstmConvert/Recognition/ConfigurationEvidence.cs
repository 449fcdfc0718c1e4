using LstmConvert.Cells;
using LstmConvert.Dialects;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>
/// What the Keras configuration in a SavedModel says of its recurrent layers: which variables are whose, the activations, the directions,
/// what
/// feeds what, and the layers' names.
/// </summary>
internal sealed class ConfigurationEvidence
{
    private readonly Model model;
    private readonly CellVariables variables;
    private readonly List<ConfiguredCell> cells = [];
    private readonly Dictionary<Port, Feed> feeds = [];
    private readonly Dictionary<ConfiguredCell, (Feed Feed, IReadOnlyList<Feed.FromState>? States)> found = [];
    private readonly Dictionary<RecurrentLayer, Feed> merged = [];
    private readonly HashSet<string> masked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> given = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RecurrentLayer> layers = new(StringComparer.Ordinal);

    private ConfigurationEvidence(Model model, CellVariables variables)
    {
        (this.model, this.variables) = (model, variables);
        Collect(model, "");

        // Where keys say nothing of layers (variables/0, variables/1 …), the layers' own names do.
        var twice = cells
            .Where(cell => cell.Scope is not null)
            .GroupBy(cell => cell.Scope, StringComparer.Ordinal)
            .Where(group => group.Count() > 1 || group.Key!.Length == 0)
            .SelectMany(group => group)
            .ToHashSet();
        for (var k = 0; k < cells.Count; k++)
        {
            if (twice.Contains(cells[k]))
            {
                cells[k] = cells[k] with { Scope = Place(cells[k]) };
            }
        }
    }

    /// <summary>The configuration of a source; null where it holds none, or none that says its layers.</summary>
    /// <param name="source">The source.</param>
    /// <param name="variables">Its variables.</param>
    /// <param name="warnings">Gets what keeps it from being used.</param>
    public static ConfigurationEvidence? Of(TensorSet source, CellVariables variables, List<string> warnings)
    {
        try
        {
            return SavedKerasModel.Read(source) is { } model ? new ConfigurationEvidence(model, variables) : null;
        }
        catch (UnsupportedModelException)
        {
            // A model that is a class of its own: its layers are found by their variables and in the graph.
            return null;
        }
        catch (LstmConvertException e)
        {
            warnings.Add($"the Keras configuration is not used: {e.Message}");
            return null;
        }
    }

    /// <summary>The cells that the configuration names and that have weights in the source.</summary>
    public IEnumerable<Claim> Claims() => cells.Select(Claim).OfType<Claim>();

    /// <summary>Groups layers as the configuration connects them; null where it does not name all of them.</summary>
    /// <param name="all">The layers.</param>
    public IReadOnlyList<LayerGroup>? Groups(IReadOnlyList<RecurrentLayer> all)
    {
        foreach (var layer in all)
        {
            layers[layer.Scope] = layer;
        }

        if (
            all.Count == 0
            || all.Any(layer => !cells.Exists(cell => cell.Scope == layer.Scope))
            || cells.Exists(cell => cell.Scope is null || !layers.ContainsKey(cell.Scope)))
        {
            return null;
        }

        foreach (var input in model.Inputs)
        {
            feeds[new Port(input.Name)] = new Feed.FromInput(input.Name, input.Width);
        }

        Walk(model, "", feeds);
        foreach (var (cell, (feed, states)) in found)
        {
            var layer = layers[cell.Scope!];
            (layer.Feed, layer.InitialStates, layer.Name) = (feed, states, NameOf(cell));
        }

        return LayerWiring.Ordered(all) is not { } ordered
            ? null
            :
            [
                .. LayerWiring
                    .Components(ordered, Pairs())
                    .Select(Group)
                    .OrderBy(group => all.Index().First(one => one.Item == group.Layers[0]).Index),
            ];
    }

    /// <summary>The Keras layer's own name; the backward half of one and the levels of a stack need names of their own where they become
    /// layers.</summary>
    private string NameOf(ConfiguredCell cell) =>
        cells.Where(other => other.Layer == cell.Layer).ToArray() is { Length: > 1 } all
            ? all.Any(other => other.IsBackward != cell.IsBackward)
                ? (cell.IsBackward ? $"{cell.Name}_backward" : cell.Name)
                : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{cell.Name}_{cell.Level}")
            : cell.Name;

    /// <summary>True if something reads the output of a layer, not its states alone.</summary>
    private bool IsRead(RecurrentLayer layer) =>
        cells.First(cell => cell.Scope == layer.Scope) is var cell
        && (
            cell.Layer.Contains('/', StringComparison.Ordinal)
            || model.Outputs.Concat(model.Calls.SelectMany(call => call.Inputs)).Any(port => port.From == cell.Layer && port.State is null)
        );

    private IEnumerable<(RecurrentLayer, RecurrentLayer)> Pairs() =>
        cells
            .GroupBy(cell => (cell.Layer, cell.Level))
            .Where(pair => pair.Count() == 2)
            .Select(pair => (layers[pair.First().Scope!], layers[pair.Last().Scope!]));

    private LayerGroup Group(List<RecurrentLayer> component)
    {
        var members = component.OrderBy(layer => layer.Level).ThenBy(layer => layer.IsBackward).ToList();
        var scope = members.Count == 1 ? members[0].Scope : ScopeName.Common([.. members.Select(layer => layer.Scope)]);

        // A layer whose last states are all that is read puts nothing out.
        var ends = members.Where(layer =>
            !members.Exists(other => other.Feed.Layers.Contains(layer) || (other.Before.Contains(layer) && !IsRead(layer))));
        Feed[] outputs = [.. ends.Select(layer => merged.GetValueOrDefault(layer) ?? new Feed.FromLayer(layer)).Distinct()];
        return new LayerGroup(scope, LayerWiring.WiringOf(members), new Evidence(EvidenceKind.Configuration), members)
        {
            Outputs = outputs,
        };
    }

    /// <summary>The recurrent cells of a model and of the models in it.</summary>
    private void Collect(Model at, string prefix)
    {
        foreach (
            var call in at.Calls.Where(call =>
                (call.Callee is KerasUse maker && maker.Layer.MakesMask(maker))
                || call.Inputs.Any(port => masked.Contains(prefix + port.From))))
        {
            masked.Add(prefix + call.Name);
        }

        foreach (var layer in at.Layers)
        {
            if (layer.Callee is NestedModel nested)
            {
                Collect(nested.Model, $"{prefix}{layer.Name}/");
            }
            else if (layer.Callee is KerasUse use)
            {
                cells.AddRange(CellsOf(use, prefix + layer.Name, use.IsBackward, [], 0));
            }
        }
    }

    /// <summary>The cells of a layer: one, one for each direction, or one for each level of stacked cells.</summary>
    private List<ConfiguredCell> CellsOf(KerasUse use, string name, bool isBackward, IReadOnlyList<Tensor> outer, int level)
    {
        var stored = use.Stored.Count > 0 ? use.Stored : outer;
        if (use.Inner.Count == 0)
        {
            return use.Layer.States(use).Count == 0 || CellCatalog.All.FirstOrDefault(cell => cell.IsOfKeras(use)) is not { } definition
                ? []
                : [new ConfiguredCell(name, use, definition, isBackward, level, ScopeOf(stored)) { Stored = stored }];
        }

        var (found, start) = (new List<ConfiguredCell>(), 0);
        foreach (var (inner, k) in use.Inner.Select((inner, k) => (inner, k)))
        {
            var own = stored.Skip(start).Take(inner.WeightDefinitions.Count).ToArray();
            start += inner.WeightDefinitions.Count;
            found.AddRange(CellsOf(inner, name, Bidirectional.Is(use) ? inner.IsBackward : isBackward, own, use.IsRecurrent ? level : k));
        }

        return use.IsRecurrent || use.Layer.Step is not null ? found : [];
    }

    private string Place(ConfiguredCell cell) =>
        cells.Count(other => other.Layer == cell.Layer) == 1 ? cell.Layer
        : cells.Exists(other => other.Layer == cell.Layer && other.IsBackward != cell.IsBackward)
            ? $"{cell.Layer}/{(cell.IsBackward ? "bw" : "fw")}"
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{cell.Layer}/cell_{cell.Level}");

    /// <summary>The scope that the variables' names have in common; null where a variable is left out.</summary>
    private string? ScopeOf(IReadOnlyList<Tensor> stored)
    {
        var names = stored.Select(tensor => variables.Find(tensor.Name).FirstOrDefault()?.Tensor.Name).ToArray();
        return names.Length == 0 || names.Any(name => name is null)
            ? null
            : ScopeName.Common([.. names.Select(name => name![..Math.Max(0, name!.LastIndexOf('/'))])]);
    }

    private Claim? Claim(ConfiguredCell cell)
    {
        if (cell.Scope is null)
        {
            return null;
        }

        var parts = cell
            .Use.WeightDefinitions.Zip(cell.Stored)
            .ToDictionary(pair => pair.First.Name, pair => variables.Find(pair.Second.Name).ToList(), StringComparer.Ordinal);
        var evidence = new Evidence(EvidenceKind.Configuration, cell.Layer);
        var shown = cell.Definition.Facts.Where(fact => cell.Use.Layer.Arguments.Any(argument => argument.Name == fact.Name))
            .ToDictionary(fact => fact.Name, fact => new Fact(fact, cell.Use[fact.Name], evidence), StringComparer.Ordinal);
        shown[KnownFacts.Direction.Name] = new Fact(KnownFacts.Direction, FactValue.Of(cell.IsBackward ? "backward" : "forward"), evidence);
        shown[KnownFacts.Residual.Name] = new Fact(KnownFacts.Residual, FactValue.Of(false), evidence);
        if (masked.Contains(cell.Layer))
        {
            shown[KnownFacts.SequenceLengths.Name] = new Fact(KnownFacts.SequenceLengths, FactValue.Of(true), evidence);
        }

        return new Claim(cell.Scope, cell.Definition, parts, cell.Definition.Name) { Shown = shown, IsConfigured = true };
    }

    /// <summary>What feeds what, in the order of the calls; a value that no recurrent layer gives is an input of its own.</summary>
    private void Walk(Model at, string prefix, Dictionary<Port, Feed> known)
    {
        foreach (var call in at.Calls)
        {
            var name = prefix + call.Name;
            var fed = call.Inputs.Select(port => known.GetValueOrDefault(port)).ToArray();
            if (call.Callee is NestedModel nested)
            {
                var inner = nested
                    .Model.Inputs.Zip(fed)
                    .ToDictionary(pair => new Port(pair.First.Name), pair => pair.Second ?? new Feed.FromInput(name));
                Walk(nested.Model, $"{name}/", inner);
                foreach (var (port, k) in nested.Model.Outputs.Select((port, k) => (port, k)))
                {
                    known[new Port(call.Name) { Output = k }] = inner.GetValueOrDefault(port) ?? new Feed.FromInput($"{name}/{port.From}");
                }
            }
            else if (
                call.Callee is KerasUse use
                && cells.Where(cell => cell.Layer == name).ToArray() is { Length: > 0 } own
                && fed is [{ } source, ..])
            {
                Recurrent(call, use, own, source, known);
            }
            else if (call.Callee is KerasUse other)
            {
                known[new Port(call.Name)] = Passed(other, fed) ?? new Feed.FromInput(name, Width(other));
                given[name] = other.ClassName;
                Say(call, other);
            }
        }
    }

    private void Recurrent(Call call, KerasUse use, ConfiguredCell[] own, Feed source, Dictionary<Port, Feed> known)
    {
        if (source is Feed.FromInput outside && given.TryGetValue(outside.Name, out var className))
        {
            layers[own[0].Scope!].SurroundingList.Add($"reads what {outside.Name} ({className}) gives");
        }

        if (use.Further.GetValueOrDefault("stateful") == "true")
        {
            layers[own[0].Scope!]
                .SurroundingList.Add("its states go on from one call to the next (stateful), and do not start from zeros each time");
        }

        var states = call.InitialStates?.Select(port => known.GetValueOrDefault(port) as Feed.FromState).ToArray();
        var of = own.Select(cell => layers[cell.Scope!]).ToArray();
        var (feed, at) = (source, 0);
        for (var k = 0; k < own.Length; k++)
        {
            var count = of[k].Cell.States.Count;
            var initial = states?.Skip(at).Take(count).ToArray();
            found.TryAdd(
                own[k],
                (
                    feed,
                    initial is not null && Array.TrueForAll(initial, state => state is not null)
                        ? [.. initial.OfType<Feed.FromState>()]
                        : null));
            for (var state = 0; state < count; state++)
            {
                known[new Port(call.Name, at + state)] = new Feed.FromState(of[k], of[k].Cell.States[state].Name);
            }

            at += count;
            feed = Bidirectional.Is(use) ? source : new Feed.FromLayer(of[k]);
        }

        Feed[] ends = [.. (Bidirectional.Is(use) ? of : of[^1..]).Select(layer => new Feed.FromLayer(layer))];
        var output = ends is [var only] ? (use.IsBackward ? new Feed.Reversed(only) : only)
            : Bidirectional.Merges(use) switch
            {
                "concat" => new Feed.Joined(ends),
                "sum" => new Feed.Summed(ends),
                _ => new Feed.FromInput(call.Name),
            };
        known[new Port(call.Name)] = output;
        if (Bidirectional.Is(use))
        {
            foreach (var layer in of)
            {
                merged[layer] = output is Feed.FromInput ? new Feed.Joined(ends) : output;
            }
        }
        else if (output is Feed.Reversed)
        {
            // What Keras' layer puts out lies last step first, for whatever reads it and as the model's output.
            merged[of[^1]] = output;
        }
    }

    /// <summary>What a layer gives that computes nothing new; null for one that does.</summary>
    private static Feed? Passed(KerasUse use, Feed?[] fed)
    {
        var parts = fed.OfType<Feed>().ToArray();
        return parts.Length < fed.Length || parts.Length == 0 ? null
            : use.Layer.PassesThrough ? parts[0]
            : parts.Length < 2 || parts.Any(part => part is Feed.FromInput { Width: null }) ? null
            : Bidirectional.ModeOf(use) switch
            {
                "concat" => new Feed.Joined(parts),
                "sum" => new Feed.Summed(parts),
                _ => null,
            };
    }

    private static int? Width(KerasUse use) => use.WidthFor([null]);

    private void Say(Call call, KerasUse use)
    {
        if (use.Layer.PassesThrough)
        {
            return;
        }

        foreach (var cell in cells.Where(cell => cell.Scope is not null && call.Inputs.Any(port => port.From == cell.Layer)))
        {
            layers[cell.Scope!].SurroundingList.Add($"its output goes into {call.Name} ({use.ClassName})");
        }
    }

    /// <summary>A cell that the configuration names.</summary>
    /// <param name="Layer">The Keras layer that holds it.</param>
    /// <param name="Use">Its class and settings.</param>
    /// <param name="Definition">The cell.</param>
    /// <param name="IsBackward">True if it walks from the end.</param>
    /// <param name="Level">Its place among stacked cells.</param>
    /// <param name="Scope">The scope of its variables; null where they are left out.</param>
    private sealed record ConfiguredCell(string Layer, KerasUse Use, Cell Definition, bool IsBackward, int Level, string? Scope)
    {
        public IReadOnlyList<Tensor> Stored { get; init; } = [];

        public string Name => Layer[(Layer.LastIndexOf('/') + 1)..];
    }
}
