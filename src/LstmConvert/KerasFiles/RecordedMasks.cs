using System.Text.Json;
using LstmConvert.Equations;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.KerasFiles;

/// <summary>A layer of a configuration with the entries of its calls.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Callee">The layer.</param>
/// <param name="Nodes">The entries.</param>
internal sealed record ConfiguredLayer(string Name, ICallable Callee, IReadOnlyList<InboundNode> Nodes);

/// <summary>
/// The masks that Keras 3 writes into a configuration as operations of their own (keras 3.15.1 src/layers/layer.py <c>_set_mask_metadata</c>
/// and the layers' <c>compute_mask</c>), and that its own legacy <c>.h5</c> cannot read back:
/// <code>
/// embedding(ids) -> lstm(x, mask=not_equal(ids, 0))          masking(x) -> lstm(x, mask=any(not_equal(x, value)))
/// </code>
/// Where such a mask is the one that the layer's input has anyway, operations and argument are left out: a model that is built of the
/// layers makes them again. Any other mask is refused by name.
/// </summary>
internal sealed class RecordedMasks
{
    /// <summary>The argument of a call.</summary>
    public const string Mask = "mask";

    /// <summary>The comparison with the value that stands for no step.</summary>
    private const string Comparison = "not_equal";

    /// <summary>What Keras makes of such comparisons on the way to a layer, by the names that it gives their calls.</summary>
    private static readonly HashSet<string> Operations = new(StringComparer.Ordinal)
    {
        Comparison, "any", "all", "logical_or", "logical_and", "expand_dims", "zeros_like", "ones_like", "convert_to_tensor", "cast",
        "concatenate", "broadcast_to", "reshape", "squeeze",
    };

    private readonly Dictionary<string, ConfiguredLayer> layers;
    private readonly HashSet<string> operations;

    private RecordedMasks(IReadOnlyList<ConfiguredLayer> all, IEnumerable<TensorReference> outputs)
    {
        layers = all.GroupBy(layer => layer.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        operations = [.. all.Where(IsOperation).Select(layer => layer.Name).Except(outputs.Select(output => output.Layer))];
        var readers = all
            .SelectMany(layer => layer.Nodes.SelectMany(node => node.Reads.Select(read => (read.Layer, Reader: layer, Node: node, read))))
            .ToLookup(pair => pair.Layer, StringComparer.Ordinal);
        bool changed;
        do
        {
            changed = operations.RemoveWhere(name => !readers[name].All(reader =>
                operations.Contains(reader.Reader.Name)
                || reader.Node.Keywords.Any(keyword => keyword.Name == Mask && keyword.Tensor == reader.read))) > 0;
        }
        while (changed);
    }

    /// <summary>The layers without the masks that their inputs have anyway.</summary>
    /// <param name="all">The layers of a configuration.</param>
    /// <param name="outputs">The outputs of the model.</param>
    /// <exception cref="UnsupportedModelException">A layer is given a mask of its own.</exception>
    public static IReadOnlyList<ConfiguredLayer> LeftOut(IReadOnlyList<ConfiguredLayer> all, IReadOnlyList<TensorReference> outputs)
    {
        if (!all.Any(layer => layer.Nodes.Any(node => node.Keywords.Any(keyword => keyword.Name == Mask))))
        {
            return all;
        }

        var masks = new RecordedMasks(all, outputs);
        return
        [
            .. all.Where(layer => !masks.operations.Contains(layer.Name))
                .Select(layer => layer with { Nodes = [.. layer.Nodes.Select(node => masks.Without(layer, node))] }),
        ];
    }

    private static bool IsOperation(ConfiguredLayer layer) =>
        layer.Nodes.Count == 1
        && layer.Callee is KerasUse { Stored.Count: 0 } use
        && Operations.Contains(use.Layer.SnakeName);

    private InboundNode Without(ConfiguredLayer layer, InboundNode node)
    {
        foreach (var (_, tensor) in node.Keywords.Where(keyword => keyword.Name == Mask))
        {
            var (given, own) = (new HashSet<(TensorReference, double)>(), new HashSet<(TensorReference, double)>());
            var isKnown = operations.Contains(tensor.Layer) && Given(tensor.Layer, given, 0);
            foreach (var input in node.Inputs)
            {
                Own(input, own, 0);
            }

            if (!isKnown || given.Count == 0 || !given.SetEquals(own))
            {
                throw new UnsupportedModelException(
                    $"{layer.Name} ({layer.Callee.ClassName}) is called with a mask of its own, {tensor.Layer}, which is not the one that its input has. The weights convert; the code around them must be written again.",
                    [new OnlyRecurrentRemedy()]);
            }
        }

        return node with { Keywords = [.. node.Keywords.Where(keyword => keyword.Name != Mask)] };
    }

    /// <summary>What an operation compares, with what; false where a comparison is of another kind.</summary>
    private bool Given(string name, HashSet<(TensorReference Tensor, double Value)> found, int depth)
    {
        if (depth > ModelConfiguration.MaximumDepth || !layers.TryGetValue(name, out var layer))
        {
            return false;
        }

        var node = layer.Nodes[0];
        if (((KerasUse)layer.Callee).Layer.SnakeName != Comparison)
        {
            return node.Reads.Where(read => operations.Contains(read.Layer)).All(read => Given(read.Layer, found, depth + 1));
        }

        return node is { Inputs: [var tensor], Literals: [{ Value: { ValueKind: JsonValueKind.Number } value }] }
            && (found.Add((tensor, value.GetDouble())) || true);
    }

    /// <summary>What the layers on the way to a tensor compare, with what.</summary>
    private void Own(TensorReference tensor, HashSet<(TensorReference Tensor, double Value)> found, int depth)
    {
        if (depth > ModelConfiguration.MaximumLayers
            || !layers.TryGetValue(tensor.Layer, out var layer)
            || layer.Callee is not KerasUse use
            || layer.Nodes.ElementAtOrDefault(tensor.Node) is not { } node)
        {
            return;
        }

        if (use.Layer.MakesMask(use))
        {
            found.Add((node.Inputs[0], use.Layer.MaskedValue(use)));
            return;
        }

        if (use.Layer.KeepsMask || use.Layer.PassesThrough || use.IsRecurrent)
        {
            foreach (var input in node.Inputs)
            {
                Own(input, found, depth + 1);
            }
        }
    }
}
