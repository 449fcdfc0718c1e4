using System.Globalization;
using LstmConvert.Cells;
using LstmConvert.Dialects;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using LstmConvert.Models;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>One weight of the result.</summary>
/// <param name="Definition">What it is in its layer.</param>
/// <param name="Recipe">How it is made.</param>
/// <param name="Arrangement">The same, worked out for the shapes.</param>
/// <param name="DType">The type it is written with.</param>
/// <param name="Cell">The cell it comes from.</param>
internal sealed record PlannedWeight(
    WeightDefinition Definition,
    WeightRecipe Recipe,
    Arrangement Arrangement,
    DType DType,
    BoundCell Cell);

/// <summary>One Keras layer of the result that has weights.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Use">The layer.</param>
/// <param name="Cells">The cell, or the forward and the backward one.</param>
/// <param name="Weights">The weights, in the order of <c>get_weights()</c>.</param>
internal sealed record PlannedLayer(string Name, KerasUse Use, IReadOnlyList<BoundCell> Cells, IReadOnlyList<PlannedWeight> Weights)
{
    /// <summary>True for a layer that stands around recurrent ones.</summary>
    public bool IsAround { get; init; }

    /// <summary>A layer that stands around recurrent ones.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="use">The layer.</param>
    /// <param name="cell">The variables that its weights are made of.</param>
    /// <param name="derivations">How, in the order of the weights.</param>
    public static PlannedLayer Around(string name, KerasUse use, BoundCell cell, IReadOnlyList<Derivation> derivations)
    {
        var binding = KerasModelBuilder.Bind(cell);
        return new PlannedLayer(
            name,
            use,
            [cell],
            [
                .. use.WeightDefinitions.Zip(derivations, (definition, derivation) =>
                    new PlannedWeight(
                        definition,
                        new WeightRecipe(definition.Name, derivation),
                        derivation.Resolve(binding),
                        cell.DType.Written(),
                        cell)),
            ])
        {
            IsAround = true,
        };
    }
}

/// <summary>Makes the Keras model that computes what the source's model computes: cells become layers, pairs of directions become one where
/// they can.</summary>
internal sealed class KerasModelBuilder
{
    private readonly SourceModel source;
    private readonly ConversionOptions options;
    private readonly List<Call> calls = [];
    private readonly List<PlannedLayer> planned = [];
    private readonly Dictionary<Port, Port> ports = [];
    private readonly Dictionary<string, Port> turned = new(StringComparer.Ordinal);
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly Dictionary<BoundCell, BoundCell> cells = new(ReferenceEqualityComparer.Instance);

    private readonly ProgramAround around;
    private readonly StartBuilder starts;

    private KerasModelBuilder(SourceModel source, ConversionOptions options, ProgramAround around)
    {
        (this.source, this.options, this.around) = (source, options, around);
        starts = new StartBuilder((name, use, inputs) => Structural(name, use, inputs));
    }

    /// <summary>Builds the model and its layers with weights; what stands around them where that is asked for, as much of it as Keras has
    /// layers for.</summary>
    public static (Model Model, IReadOnlyList<PlannedLayer> Layers, IReadOnlyList<string> Notes) Build(
        SourceModel source,
        ConversionOptions options)
    {
        var whole = options.IsWhole ? source.Around.Value : ProgramAround.None;
        foreach (
            var around in new[]
            {
                whole,
                whole with
                {
                    Outputs = [],
                    Notes = ["what is computed of the outputs is not in the model: Keras has no layer for the values it is computed from"],
                },
            })
        {
            var builder = new KerasModelBuilder(source, options, around);
            var model = builder.Model();
            if (around.Outputs.Count == 0 || TodaysKeras.Obstacles(model).Count == 0)
            {
                return (model, builder.planned, around.Notes);
            }
        }

        throw new InvalidOperationException("A model without what stands behind its layers is always built.");
    }

    private Model Model()
    {
        var inputs = new List<ModelInput>();
        var surroundings = new AroundBuilder(source.Model.Inputs.Any(input => input.HasLengths), name => Unique(name, isStructural: true));
        foreach (var (input, place) in source.Model.Inputs.Select((input, place) => (input, place)))
        {
            var port = new Port(input.Name);
            if (around.Before.TryGetValue(input.Name, out var before))
            {
                surroundings.Masks = input.HasLengths;
                ports[port] = Around(surroundings, before);
                continue;
            }

            var own = input with
            {
                Name = options.IsWhole ? Unique(ShortName(input.Name), isStructural: true) : PlainName(source.Model.Inputs, place),
            };
            inputs.Add(own);
            ports[port] = new Port(own.Name);
            if (input.HasLengths)
            {
                ports[port] = Structural($"{own.Name}_masking", Masking.Layer(), ports[port]);
            }
        }

        var merged = options.MergeBidirectional ? Pairs() : [];
        foreach (var call in source.Model.Calls)
        {
            if (call.Callee is CellCall)
            {
                if (!merged.Values.Any(pair => pair.Contains(call)))
                {
                    Single(call);
                }
            }
            else if (merged.TryGetValue(call.Name, out var pair))
            {
                Merged(call, pair[0], pair[1]);
            }
            else if (call.Callee is KerasUse use)
            {
                ports[new Port(call.Name)] = ReverseTime.Is(use) && Turned(call.Inputs[0]) is { } before
                    ? before
                    : Structural(ScopeName.ToLayerName(call.Name), use, [.. call.Inputs.Select(port => ports[port])]);
            }
        }

        Port[] outputs = [.. around.Outputs.Select(value => Around(surroundings, value)), .. OwnOutputs().Select(port => ports[port])];
        planned.AddRange(surroundings.Planned);
        planned.AddRange(starts.Planned);
        var places = calls.Index().ToDictionary(one => one.Item.Name, one => one.Index, StringComparer.Ordinal);
        planned.Sort((left, right) => places[left.Name].CompareTo(places[right.Name]));

        // Outputs that were put into the input's order and are read as they lay: nothing reads the reversal.
        var read = calls.SelectMany(call => call.Reads).Concat(outputs).Select(port => port.From).ToHashSet(StringComparer.Ordinal);
        calls.RemoveAll(call => call.Callee is KerasUse use && ReverseTime.Is(use) && !read.Contains(call.Name));
        return new Model([.. surroundings.Inputs, .. inputs], calls, outputs);
    }

    /// <summary>The end of the name of what an input is in the program, as Keras takes names.</summary>
    private static string ShortName(string input)
    {
        var line = input.Split('\n')[0];
        var end = string.Concat(line[(line.LastIndexOfAny([' ', '/']) + 1)..].Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'))
            .Trim('_');
        return end.Length > 0 ? end : "x";
    }

    private Port Around(AroundBuilder surroundings, AroundValue value) =>
        surroundings.PortOf(value, port => ports[port], (name, use, from) => Structural(name, use, from));

    /// <summary>The outputs of the source's model that nothing around the layers goes on from.</summary>
    private IEnumerable<Port> OwnOutputs()
    {
        var read = new HashSet<string>(StringComparer.Ordinal);
        var todo = new Queue<string>(
            around.Outputs.SelectMany(value => value.All).OfType<AroundValue.OfSource>().Select(value => value.Port.From));
        while (todo.TryDequeue(out var name))
        {
            foreach (var port in read.Add(name) ? source.Model.Find(name)?.Reads ?? [] : [])
            {
                todo.Enqueue(port.From);
            }
        }

        return source.Model.Outputs.Where(port => !read.Contains(port.From));
    }

    /// <summary>The name of an input as Keras and its code can have it: a place in a graph has other characters too.</summary>
    private static string PlainName(IReadOnlyList<ModelInput> inputs, int place)
    {
        static string Plain(ModelInput input) =>
            string.Concat(input.Name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.' or '-' ? letter : '_'));
        var plain = Plain(inputs[place]);
        return inputs.Index().Any(other => other.Index != place && Plain(other.Item) == plain)
            ? string.Create(CultureInfo.InvariantCulture, $"{plain}_{place}")
            : plain;
    }

    /// <summary>What a backward layer's outputs were before they were put in the input's order: to reverse them again undoes
    /// that.</summary>
    private Port? Turned(Port port) => turned.TryGetValue(ports[port].From, out var before) ? before : null;

    /// <summary>The layers of one cell, one feeding the next.</summary>
    private void Single(Call call)
    {
        var cell = OfTarget(call);
        var layer = source.Layers.First(one => one.CallName == call.Name);
        var name = NameOf(layer);
        var (read, outputs) = (ports[call.Inputs[0]], new List<Port>());
        var recipes = cell.Recipes!;
        var first = recipes.Index().First(one => one.Item.Use.IsRecurrent).Index;
        for (var k = 0; k < recipes.Count; k++)
        {
            var recipe = recipes[k];
            var own = Unique(name + recipe.Suffix);
            var use = recipe.Use.IsRecurrent ? recipe.Use.ReturningSequences().ReturningStates() : recipe.Use;
            use = k == first && cell.IsBackward ? use.Backward() : use;
            var at = recipe.InputsAt(k).Select(place => place == LayerRecipe.CellInput ? read : outputs[place]).ToArray();
            var initial = InitialStates(call, cell, recipe) ?? Trained(own, layer, recipe, read);
            calls.Add(new Call(own, use, at) { InitialStates = initial });
            if (recipe.Weights.Count > 0)
            {
                planned.Add(new PlannedLayer(own, use, [cell], Weights(cell, recipe, use)));
            }

            foreach (var (state, index) in recipe.CellStates.Index().Select(one => (one.Item, one.Index)))
            {
                ports[new Port(call.Name, cell.States.Index().First(one => one.Item.Name == state).Index)] = new Port(own, index);
            }

            outputs.Add(new Port(own));
        }

        var output = outputs[^1];
        if (cell.IsBackward)
        {
            var before = output;
            output = Structural($"{name}_reversed", ReverseTime.Layer(), output);
            turned[output.From] = before;
        }

        ports[new Port(call.Name)] = output;
    }

    /// <summary>A call's cell, whose layers are for what is written; the same cell gives the same each time.</summary>
    private BoundCell OfTarget(Call call)
    {
        var cell = ((CellCall)call.Callee).Cell;
        return cell.HardSigmoid == options.HardSigmoid ? cell
            : cells.TryGetValue(cell, out var known) ? known
            : cells[cell] = cell with { HardSigmoid = options.HardSigmoid };
    }

    private void Merged(Call join, Call forward, Call backward)
    {
        var (first, second) = (OfTarget(forward), OfTarget(backward));
        var group = source.Groups.First(one => one.Layers.Any(layer => layer.CallName == forward.Name));
        var common = ScopeName.Common([first.Scope, second.Scope]);
        var levels = group.Layers.Select(layer => layer.Level).Distinct().Count();
        var scope = levels == 1 && group.Scope.Length > 0 ? group.Scope : common;
        var level = group.Layers.First(layer => layer.CallName == forward.Name).Level;
        if (scope.Length == 0 || (levels > 1 && scope == group.Scope))
        {
            scope = levels > 1 ? string.Create(CultureInfo.InvariantCulture, $"bidirectional_{level}") : "bidirectional";
        }

        var named = group.Layers.First(layer => layer.CallName == forward.Name).Name;
        var name = Unique(
            options.LayerNames.LastOrDefault(said => said.Scope == scope || said.Scope == group.Scope)?.Value
                ?? named
                ?? ScopeName.ToLayerName(scope));
        var (left, right) = (first.Recipes![0], second.Recipes![0]);
        var use = Bidirectional.Merge(left.Use, right.Use, MergeModeOf((KerasUse)join.Callee)).ReturningSequences();
        calls.Add(new Call(name, use, [ports[forward.Inputs[0]]]));
        planned.Add(
            new PlannedLayer(name, use, [first, second], [.. Weights(first, left, use), .. Weights(second, right, use, left.Weights.Count)])
        );
        ports[new Port(join.Name)] = new Port(name);
    }

    /// <summary>Joins of a forward and a backward layer that can be one Keras layer, by the join's name.</summary>
    private Dictionary<string, Call[]> Pairs()
    {
        var model = source.Model;
        var pairs = new Dictionary<string, Call[]>(StringComparer.Ordinal);
        foreach (
            var join in model.Calls.Where(call => call.Callee is KerasUse use && MergeModeOf(use) is not null && call.Inputs.Count == 2))
        {
            var halves = join.Inputs.Select(port => port.State is null ? model.Find(port.From) : null).ToArray();
            if (halves is [{ Callee: CellCall forward } left, { Callee: CellCall backward } right]
                && !forward.Cell.IsBackward && backward.Cell.IsBackward
                && left.Inputs.SequenceEqual(right.Inputs)
                && left.InitialStates is null
                && !(options.IsWhole && source.Layers.Any(layer =>
                    layer.TrainedStarts is not null && (layer.CallName == left.Name || layer.CallName == right.Name)))
                && right is { InitialStates: null }
                && Readers(left.Name) == 1 && Readers(right.Name) == 1
                && IsAlike(forward.Cell, backward.Cell))
            {
                pairs[join.Name] = [left, right];
            }
        }

        return pairs;

        int Readers(string name) =>
            around.Outputs.SelectMany(value => value.All).OfType<AroundValue.OfSource>().Distinct().Count(value => value.Port.From == name)
            + model.Calls.Sum(call => call.Reads.Count(port => port.From == name))
            + model.Outputs.Count(port => port.From == name);
    }

    private static string? MergeModeOf(KerasUse use) => Bidirectional.ModeOf(use);

    private static bool IsAlike(BoundCell forward, BoundCell backward) =>
        forward.Recipes is [var left] && backward.Recipes is [var right]
        && left.Use.IsRecurrent && forward.DType == backward.DType && Bidirectional.CanMerge(left.Use, right.Use);

    private Port[]? InitialStates(Call call, BoundCell cell, LayerRecipe recipe) =>
        call.InitialStates is not { } fed || recipe.CellStates.Count == 0
            ? null
            :
            [
                .. recipe
                    .CellStates.Select(state => fed[cell.States.Index().First(one => one.Item.Name == state).Index])
                    .Select(port =>
                        ports.TryGetValue(port, out var known)
                            ? known
                            : throw new UnsupportedModelException(
                                $"{call.Name} starts from a state of {port.From} that no Keras layer hands on.")),
            ];

    /// <summary>The ports of first states that are trained, in a whole model; null where there are none.</summary>
    private IReadOnlyList<Port>? Trained(string name, RecurrentLayer layer, LayerRecipe recipe, Port read) =>
        options.IsWhole && layer is { TrainedStarts: not null, InitialStates: null } && recipe.CellStates.Count > 0
            ? starts.Of(name, layer, recipe.CellStates, read)
            : null;

    private Port Structural(string name, KerasUse use, params IReadOnlyList<Port> inputs)
    {
        var unique = Unique(name, isStructural: true);
        calls.Add(new Call(unique, use, inputs));
        return new Port(unique);
    }

    private string NameOf(RecurrentLayer layer) =>
        options.LayerNames.LastOrDefault(said => said.Scope == layer.Scope || said.Scope == ScopeName.ToLayerName(layer.Scope))?.Value
        ?? layer.Name ?? ScopeName.ToLayerName(layer.Scope);

    private string Unique(string name, bool isStructural = false)
    {
        var isOfCell = isStructural && source.Layers.Any(layer => NameOf(layer) == name);
        if (!isOfCell && names.Add(name))
        {
            return name;
        }

        if (!isStructural)
        {
            throw new UsageException($"Two layers would be called {name}. Give one of them another name.");
        }

        var k = 1;
        while (!names.Add(string.Create(CultureInfo.InvariantCulture, $"{name}_{k}")))
        {
            k++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{name}_{k}");
    }

    private static PlannedWeight[] Weights(BoundCell cell, LayerRecipe recipe, KerasUse use, int first = 0)
    {
        var binding = Bind(cell);
        return [.. recipe.Weights.Select((weight, k) =>
            new PlannedWeight(use.WeightDefinitions[first + k], weight, weight.Derivation.Resolve(binding), cell.DType.Written(), cell))];
    }

    /// <summary>What the recipes of a cell are applied to.</summary>
    /// <param name="cell">The cell.</param>
    internal static Binding Bind(BoundCell cell) =>
        new(
            cell.Variables.ToDictionary(
                variable => variable.Key,
                variable =>
                    cell.Definition.Variables.First(role => role.Name == variable.Key) is var role
                        ? new BoundVariable(
                            variable.Value.Info,
                            role.Shape.Length == 0 ? null : SymbolicShape.Parse(role.Shape),
                            role.Gates ?? cell.Definition.Gates)
                        : null!,
                StringComparer.Ordinal),
            cell.Sizes,
            cell.Definition.Facts.Where(fact => cell[fact].Number is not null)
                .ToDictionary(fact => fact.Name, fact => cell[fact].Number!.Value, StringComparer.Ordinal));
}
