using LstmConvert.Dialects;
using LstmConvert.Equations;
using LstmConvert.Graphs.Matching;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>Says what stands around the layers in the words of Keras, from the trees that the graph shows; where a tree does not fit, it
/// ends there.</summary>
/// <param name="variables">The variables of the source.</param>
/// <param name="model">The source's model.</param>
/// <param name="layers">The layers.</param>
internal sealed class AroundReader(CellVariables variables, Model model, IReadOnlyList<RecurrentLayer> layers)
{
    /// <summary>How the leaf of a dense layer's kernel is called where its scope is the layer's name.</summary>
    private static readonly string[] KernelLeaves = ["kernel", "weights", "weight", "w", "W", "Matrix"];

    private readonly Dictionary<string, AroundValue?> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AddedLayer> added = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> inputs = new(StringComparer.Ordinal);
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly List<string> notes = [];

    /// <summary>Reads it.</summary>
    public ProgramAround Read()
    {
        if (layers.Count == 0 || layers.Any(layer => layer.Found?.Around is null))
        {
            return ProgramAround.None;
        }

        var finder = layers[0].Found!.Around!.Value;
        var before = new Dictionary<string, AroundValue>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            var port = model.Find(layer.CallName!)!.Inputs[0];
            if (
                model.Inputs.Any(input => input.Name == port.From)
                && !before.ContainsKey(port.From)
                && finder.Before(layer.Found!.Feed!) is { } fed
                && !fed.Cells.Any()
                && Value(fed) is { HasTime: true } value
                && value.Width == layer.InputSize)
            {
                before[port.From] = value;
            }
        }

        var (outputs, nodes) = (new List<AroundValue>(), new Dictionary<AroundValue, string>());
        // Where a layer reads more than can be said, what is computed of the outputs goes back into it: that is no model's end.
        foreach (var end in layers.Any(layer => layer.FedByMore is not null || layer.StartsWithMore is not null) ? [] : finder.Ends())
        {
            if (LastKnown(end) is var (value, node) && nodes.TryAdd(value, node))
            {
                outputs.Add(value);
            }
        }

        var inner = outputs.SelectMany(output => output.All.SkipLast(1)).ToHashSet();
        AroundValue[] last = [.. outputs.Where(output => !inner.Contains(output) && output is not AroundValue.OfSource { HasTime: true })];
        return new ProgramAround(before, last, notes) { OutputNodes = [.. last.Select(output => nodes[output])] };
    }

    /// <summary>The last value on the way to an end that Keras's layers compute; null if that is a layer's own output.</summary>
    private (AroundValue Value, string Node)? LastKnown(GraphEnd end)
    {
        for (var at = end.Value; ; at = at.From[0])
        {
            if (Value(at) is { } value)
            {
                var unknown =
                    at == end.Value
                        ? end.Unknown
                        :
                        [
                            (
                                end.Value.All.First(one => one.From.Contains(at)).Node,
                                end.Value.All.First(one => one.From.Contains(at)).Operation),
                        ];
                if (unknown.Count > 0)
                {
                    notes.Add(
                        $"the model ends at {at.Node}: what {string.Join(", ", unknown.Select(one => $"{one.Node} ({one.Operation})"))} computes from it is not in it"
                    );
                }

                return (value, at.Node);
            }

            if (at.From.Count != 1)
            {
                if (end.Value.All.Any(one => one is GraphAround.Dense or GraphAround.Activated or GraphAround.Looked))
                {
                    notes.Add(
                        $"what {end.Value.Node} ({end.Value.Operation}) computes of {at.Node} is not in the model: it is not known how to say it in Keras"
                    );
                }

                return null;
            }
        }
    }

    private AroundValue? Value(GraphAround around)
    {
        if (around is GraphAround.Formed formed)
        {
            return Value(formed.Value) is { } same && same.Width == formed.Length ? same : null;
        }

        if (!known.TryGetValue(around.Key, out var value))
        {
            known[around.Key] = value = around switch
            {
                GraphAround.OfCell one => OfCell(one),
                GraphAround.Given given => new AroundValue.Given(InputName(given.Node), null, given.Node),
                GraphAround.Looked looked => Looked(looked),
                GraphAround.Activated { Value: GraphAround.Dense or GraphAround.Formed } activated
                    when Straight(activated.Value) is GraphAround.Dense dense => Dense(dense, activated.Function),
                GraphAround.Activated activated => Activated(activated),
                GraphAround.Dense dense => Dense(dense, null),
                GraphAround.Several several => Several(several),
                _ => null,
            };
        }

        return value;
    }

    private static GraphAround Straight(GraphAround around) => around is GraphAround.Formed formed ? Straight(formed.Value) : around;

    /// <summary>A value of a cell as the source's model has it.</summary>
    private AroundValue.OfSource? OfCell(GraphAround.OfCell one)
    {
        if (layers.FirstOrDefault(layer => layer.Found == one.Cell) is not { } layer || model.Find(layer.CallName!) is not { } call)
        {
            return null;
        }

        if (one.Moment == CellMoment.Sequence)
        {
            // What lies backward is turned once before it is read in the order of time.
            return
                (one.State is null || one.State == one.Cell.OutputState)
                && one.IsTurned == one.Cell.LiesBackward
                && one.HasInputAdded | !layer.Cell.IsResidual
                ? new AroundValue.OfSource(layer.Output!, layer.OutputSize, hasTime: true)
                : null;
        }

        var state = one.State ?? one.Cell.OutputState;
        var place = layer.Cell.States.Index().FirstOrDefault(known => known.Item.Name == state, (-1, null!)).Index;
        var isFinal = one.Moment switch
        {
            CellMoment.Final => true,
            CellMoment.LastPlace => !layer.HasLengths && !layer.IsBackward && !one.IsTurned && state == one.Cell.OutputState,
            CellMoment.EndOfRow => layer.HasLengths && !layer.IsBackward && !one.IsTurned && state == one.Cell.OutputState,
            _ => false,
        };
        return place >= 0 && isFinal && !(one.HasInputAdded | (one.Moment != CellMoment.Final && layer.Cell.IsResidual))
            ? new AroundValue.OfSource(new Port(layer.CallName!, place), call.Callee.StateWidths[place], hasTime: false) : null;
    }

    private AroundValue.Applied? Looked(GraphAround.Looked looked)
    {
        if (Variable(looked.Table) is not { Shape.Rank: 2 } table || Value(looked.Ids) is not AroundValue.Given ids)
        {
            return null;
        }

        var (rows, columns) = ((int)table.Shape.Dimensions[0], (int)table.Shape.Dimensions[1]);
        return new AroundValue.Applied(Layer(looked.Table, looked.Table, () => Embedding.Layer(rows, columns), [table]), [ids], columns);
    }

    private AroundValue.Applied? Dense(GraphAround.Dense dense, string? function)
    {
        var activation = function is null ? Activations.Linear : Activations.Get(function);
        var bias = dense.Bias is { } named ? Variable(named) : null;
        if (
            activation.Keras3 is null
            || Variable(dense.Kernel) is not { Shape.Rank: 2 } kernel
            || Value(dense.Value) is not { } value
            || (dense.Bias is not null && bias is not { Shape.Rank: 1 }))
        {
            return null;
        }

        var shape = kernel.Shape.Dimensions;
        var (rows, columns) = dense.IsTransposed ? ((int)shape[1], (int)shape[0]) : ((int)shape[0], (int)shape[1]);
        if ((value.Width is { } width && width != rows) || (bias is not null && bias.Shape.ElementCount != columns))
        {
            return null;
        }

        if (value is AroundValue.Given { Width: null } given)
        {
            value = new AroundValue.Given(given.Name, rows, given.Tensor);
        }

        var layer = Layer(
            $"{dense.Kernel} {dense.IsTransposed} {dense.Bias} {activation.Name}",
            NameOf(dense.Kernel),
            () => KerasLayers.Dense.Layer(columns, activation.Name, bias is not null),
            bias is null ? [kernel] : [kernel, bias],
            dense.IsTransposed);
        return new AroundValue.Applied(layer, [value], columns);
    }

    private AroundValue.Applied? Activated(GraphAround.Activated activated) =>
        Activations.Get(activated.Function).Keras3 is not null && Value(activated.Value) is { Width: { } width } value
            ? new AroundValue.Applied(
                Layer(activated.Key, activated.Function, () => ActivationLayer.Layer(activated.Function), []),
                [value],
                width)
            : null;

    private AroundValue? Several(GraphAround.Several several)
    {
        var parts = several.Parts.Select(Value).ToArray();
        if (
            !Array.TrueForAll(parts, part => part is { Width: not null } && part.HasTime == parts[0]!.HasTime)
            || (several.IsSum && Array.Exists(parts, part => part!.Width != parts[0]!.Width)))
        {
            return null;
        }

        var use = several.IsSum ? KerasLayers.AddLayer.Layer() : Concatenate.Layer();
        var width = several.IsSum ? parts[0]!.Width!.Value : parts.Sum(part => part!.Width!.Value);

        // What the model itself puts together is there already: both directions of one layer.
        var ports = parts.Select(part => (part as AroundValue.OfSource)?.Port).ToArray();
        if (
            model.Calls.FirstOrDefault(call =>
                call.Callee is KerasUse own && own.ClassName == use.ClassName && call.Inputs.SequenceEqual(ports)) is
            { } joined)
        {
            return new AroundValue.OfSource(new Port(joined.Name), width, parts[0]!.HasTime);
        }

        return new AroundValue.Applied(Layer(several.Key, use.Layer.SnakeName, () => use, []), [.. parts.Select(part => part!)], width);
    }

    /// <summary>A layer: one object for the same variables.</summary>
    private AddedLayer Layer(string key, string name, Func<KerasUse> use, IReadOnlyList<Tensor> weights, bool isTransposed = false)
    {
        if (!added.TryGetValue(key, out var layer))
        {
            added[key] = layer = new AddedLayer(Unique(ScopeName.ToLayerName(name)), use(), weights) { IsTransposed = isTransposed };
        }

        return layer;
    }

    /// <summary>The name of a dense layer: the scope of its kernel where the kernel's leaf says no more than that it is one.</summary>
    private static string NameOf(string kernel)
    {
        var path = kernel.EndsWith(CellVariables.ValueAttribute, StringComparison.Ordinal)
            ? kernel[..^CellVariables.ValueAttribute.Length]
            : kernel;
        return path.LastIndexOf('/') is > 0 and var slash && KernelLeaves.Contains(path[(slash + 1)..], StringComparer.Ordinal)
            ? path[..slash]
            : path;
    }

    private string InputName(string node)
    {
        if (!inputs.TryGetValue(node, out var name))
        {
            inputs[node] = name = Unique(node[(node.LastIndexOf('/') + 1)..].Replace(':', '_'));
        }

        return name;
    }

    private string Unique(string name)
    {
        var unique = name;
        for (var k = 1; !names.Add(unique); k++)
        {
            unique = FormattableString.Invariant($"{name}_{k}");
        }

        return unique;
    }

    /// <summary>The variable of a stored name, in one piece and of a type of weights; null if there is none.</summary>
    private Tensor? Variable(string name)
    {
        var parts = variables.Find(name).ToArray();
        return parts is [var only] && only.Tensor.DType.IsWeight() ? only.Tensor : null;
    }
}
