using System.Globalization;
using LstmConvert.Equations;
using LstmConvert.Formats.Hdf5;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary>
/// Where Keras 3 keeps the weights of a model (keras 3.15.1 src/saving/saving_lib.py:937): by the names of classes, counted in each
/// container, never by
/// the names of layers.
/// <code>
/// vars                                              the model's own; always there, mostly empty
/// layers/lstm/cell/vars/0, 1, 2                     kernel, recurrent_kernel, bias of the first LSTM
/// layers/lstm_1/cell/vars/…                         of the second one, in the order of model.layers
/// layers/bidirectional/forward_layer/cell/vars/…
/// layers/rnn/cell/cells/lstm_cell_1/vars/…          of the second LSTMCell of a stack
/// layers/functional/layers/…                        of a model in the model
/// </code>
/// </summary>
internal static class Keras3Tree
{
    /// <summary>The container of a model's layers.</summary>
    public const string Layers = "layers";

    /// <summary>The same in TensorFlow 2.12 to 2.14.</summary>
    public const string OlderLayers = "_layer_checkpoint_dependencies";

    /// <summary>The container of an object's own variables.</summary>
    public const string Variables = "vars";

    /// <summary>The group of the state of a layer's random numbers.</summary>
    private const string RandomNumbers = "/seed_generator";

    /// <summary>The attribute of <see cref="Variables"/> with the name of the layer; it says nothing to a loader.</summary>
    public const string NameAttribute = "name";

    /// <summary>The layers of a model with the names of their groups, in the order in which Keras has them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="step">How far a number goes on from one layer of a class to the next: 1, and 2 in TensorFlow 2.12 and 2.13 for layers
    /// with weights.</param>
    public static IEnumerable<(CalledLayer Layer, string Group)> Groups(Model model, int step = 1)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var layer in KerasOrder.Of(model))
        {
            var name = SnakeName(layer.Callee);
            var count = counts.GetValueOrDefault(name);
            counts[name] = count + (StoredWeights.Count(layer.Callee) > 0 ? step : 1);
            yield return (layer, Numbered(name, count));
        }
    }

    /// <summary>The group of an object inside a layer, with <c>/</c> between steps, below the layer's.</summary>
    /// <param name="part">The object.</param>
    /// <param name="siblings">All objects of the layer, among which elements of lists are counted.</param>
    public static string PathOf(LayerPart part, IReadOnlyList<LayerPart> siblings)
    {
        var steps = new List<string>();
        for (var depth = 0; depth < part.Path.Count; depth++)
        {
            var step = part.Path[depth];
            steps.Add(step.Attribute);
            if (step.Index is { } index)
            {
                var before = siblings.Where(other =>
                    other.Path.Count > depth
                    && other.Path.Take(depth).SequenceEqual(part.Path.Take(depth))
                    && other.Path[depth].Attribute == step.Attribute
                    && other.Path[depth].SnakeName == step.SnakeName
                    && other.Path[depth].Index < index);
                steps.Add(Numbered(step.SnakeName!, before.Select(other => other.Path[depth].Index).Distinct().Count()));
            }
        }

        return string.Join('/', steps);
    }

    /// <summary>A model with the weights of a file.</summary>
    /// <param name="model">The model, without weights.</param>
    /// <param name="root">The group of the model.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="taken">Gets the paths of the datasets that are weights of the model; null where nobody asks.</param>
    /// <exception cref="UnreadableInputException">A layer has no weights in the file, or others than its arguments say.</exception>
    public static Model Attach(Model model, Hdf5Node root, string path, ICollection<string>? taken = null)
    {
        var container = root.Has(Layers) ? root.Group(Layers) : root.Has(OlderLayers) ? root.Group(OlderLayers) : null;
        var entries = Groups(container).GroupBy(BaseName, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.OrderBy(NumberOf).ToArray(), StringComparer.Ordinal);
        var found = new Dictionary<ICallable, Hdf5Node>(ReferenceEqualityComparer.Instance);
        foreach (var sameClass in KerasOrder.Of(model).GroupBy(layer => SnakeName(layer.Callee), StringComparer.Ordinal))
        {
            // A class whose own name ends in a number is its own base.
            string[] groups = entries.GetValueOrDefault(sameClass.Key)
                ?? Groups(container)
                    .Where(child => child == sameClass.Key || child.StartsWith(sameClass.Key + "_", StringComparison.Ordinal))
                    .OrderBy(NumberOf)
                    .ToArray();
            var layers = sameClass.ToArray();
            var weighted = layers.Where(layer => HasWeights(layer.Callee)).ToArray();
            foreach (var (layer, group) in (groups.Length == weighted.Length ? weighted : layers).Zip(groups))
            {
                found[layer.Callee] = container!.Group(group);
            }
        }

        return model.With(layer => !HasWeights(layer.Callee) ? layer.Callee
            : !found.TryGetValue(layer.Callee, out var node)
                ? layer.Callee is KerasUse { UnknownConfiguration: not null } ? layer.Callee : throw Missing(path, layer)
            : layer.Callee is NestedModel nested ? nested with
            {
                Model = Attach(
                    nested.Model,
                    !nested.IsOnEachStep ? node
                        : node.Has(TimeDistributed.Layer) ? node.Group(TimeDistributed.Layer)
                        : throw Missing(path, layer),
                    path,
                    taken),
            }
            : layer.Callee is KerasUse use ? StoredWeights.Attach(use, layer.Name, Weights(use, node, layer, path, taken ?? []), path)
            : layer.Callee);
    }

    /// <summary>All weights below a group, in the order of <c>get_weights()</c> as far as names tell it.</summary>
    /// <param name="node">The group.</param>
    /// <param name="name">What their names begin with.</param>
    /// <param name="depth">How many objects may still lie in each other.</param>
    public static IEnumerable<Tensor> All(Hdf5Node node, string name, int depth = 32)
    {
        if (node.Has(Variables))
        {
            foreach (var weight in Numbers(node.Group(Variables)))
            {
                yield return new RenamedTensor(node.Group(Variables).Dataset(weight), $"{name}/{Variables}/{weight}");
            }
        }

        // The forward layer of two comes first.
        foreach (
            var child in (depth == 0 ? [] : Groups(node))
                .Where(child => child != Variables)
                .OrderBy(child => child.StartsWith("backward", StringComparison.Ordinal))
                .ThenBy(BaseName, StringComparer.Ordinal)
                .ThenBy(NumberOf))
        {
            foreach (var weight in All(node.Group(child), $"{name}/{child}", depth - 1))
            {
                yield return weight;
            }
        }
    }

    /// <summary>The names of the groups below one; none below none.</summary>
    /// <param name="node">The group, or null.</param>
    public static IEnumerable<string> Groups(Hdf5Node? node) =>
        node is null ? [] : node.Children.Where(child => child.Kind == Hdf5Kind.Group).Select(child => child.Name);

    /// <summary>The name of a layer that its group notes, or null.</summary>
    /// <param name="node">The group.</param>
    public static string? NameOf(Hdf5Node node) =>
        node.Has(Variables)
        && node.Group(Variables) is var variables
        && variables.HasAttribute(NameAttribute)
        && variables.Texts(NameAttribute) is [{ Length: > 0 } name]
            ? name
            : null;

    /// <summary>The name of a class as Keras makes names of it.</summary>
    /// <param name="callee">What is called.</param>
    public static string SnakeName(ICallable callee) => callee switch
    {
        KerasUse use => use.Layer.SnakeName,
        NestedModel { IsOnEachStep: true } => TimeDistributed.Definition.SnakeName,
        NestedModel { Model.IsSequential: true } => new KerasLayer(ModelClasses.Sequential).SnakeName,
        _ => new KerasLayer(ModelClasses.Functional).SnakeName,
    };

    /// <summary>The datasets below a root that are no weights of its model, by their paths; the state of random numbers is none.</summary>
    /// <param name="root">The group of the model.</param>
    /// <param name="taken">The paths of those that are.</param>
    public static IReadOnlyList<string> LeftOver(Hdf5Node root, IEnumerable<string> taken)
    {
        var known = taken.ToHashSet(StringComparer.Ordinal);
        return
        [
            .. new[] { root.Has(Layers) ? Layers : OlderLayers, Variables }
                .Where(root.Has)
                .SelectMany(container => root.Group(container).Datasets())
                .Where(path => !known.Contains(path) && !path.Contains(RandomNumbers, StringComparison.Ordinal)),
        ];
    }

    /// <summary>True if a dataset stands where a layer keeps its weights, whatever layer that is.</summary>
    /// <param name="path">Its path.</param>
    public static bool IsWeight(string path) =>
        path.Split('/') is [Layers or OlderLayers, .., Variables, var number] && number.All(char.IsAsciiDigit);

    private static List<Tensor> Weights(KerasUse use, Hdf5Node node, CalledLayer layer, string path, ICollection<string> taken)
    {
        if (use.UnknownConfiguration is not null)
        {
            foreach (var below in node.Datasets())
            {
                taken.Add(below);
            }

            return [.. All(node, layer.Name)];
        }

        var (weights, parts) = (new List<Tensor>(), use.Layer.Parts(use));
        foreach (var part in parts)
        {
            var (at, below) = (node, PathOf(part, parts));
            foreach (var step in below.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                at = at.Has(step) ? at.Group(step) : throw Missing(path, layer);
            }

            var variables = at.Has(Variables) ? at.Group(Variables) : throw Missing(path, layer);
            var numbers = Numbers(variables);
            var found = variables.Children.Count;
            if (found != part.Variables.Count || numbers.Count < found)
            {
                throw new UnreadableInputException(
                    $"{path}: {layer.Name} ({layer.Callee.ClassName}) has {part.Variables.Count} weights in {(below.Length == 0 ? "itself" : below)} ({string.Join(", ", part.Variables)}), and the file has {found} ({string.Join(", ", variables.Children.Select(child => child.Name))}). No Keras loads that: the configuration and the weights are of different models, or something was added; save it again."
                );
            }

            foreach (var number in numbers)
            {
                taken.Add($"{variables.Name}/{number}");
            }

            weights.AddRange(
                numbers.Select(
                    (number, k) =>
                        new RenamedTensor(
                            variables.Dataset(number),
                            $"{layer.Name}/{(below.Length == 0 ? "" : below + "/")}{part.Variables[k]}")));
        }

        return weights;
    }

    private static bool HasWeights(ICallable callee) =>
        StoredWeights.Count(callee) > 0 || callee is KerasUse { UnknownConfiguration: not null };

    private static UnreadableInputException Missing(string path, CalledLayer layer) =>
        new(
            $"{path}: the model has a layer {layer.Name} ({layer.Callee.ClassName}) with weights, and the file has none for it. It is incomplete; save it again."
        );

    private static List<string> Numbers(Hdf5Node variables) =>
        [
            .. variables
                .Children.Select(child => child.Name)
                .Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                .OrderBy(name => int.Parse(name, CultureInfo.InvariantCulture)),
        ];

    private static string Numbered(string name, int count) =>
        count == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}_{count}");

    private static string BaseName(string group) => NumberOf(group) == 0 ? group : group[..group.LastIndexOf('_')];

    private static int NumberOf(string group) =>
        group.LastIndexOf('_') is > 0 and var at
        && int.TryParse(group.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number > 0
            ? number
            : 0;
}
