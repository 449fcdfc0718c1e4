using LstmConvert.Formats.Hdf5;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary><c>.weights.h5</c>: Keras 3's weights.</summary>
internal sealed record Keras3WeightsTarget() : KerasTarget("keras3-weights", ".weights.h5")
{
    /// <inheritdoc/>
    public override bool IsWholeModel => false;

    /// <inheritdoc/>
    internal override void Write(string path, WrittenModel model, WeightStream stream) => WriteTree(path, model, stream, withModel: true);

    /// <inheritdoc/>
    internal override string KerasCode(Model model, string path, LayerModule? module) =>
        Models.KerasCode.Write(model, name => Models.KerasCode.ByOrder(name, path), module);

    /// <summary>
    /// Writes the tree of <see cref="Keras3Tree"/>, and the same layers once more under the names of TensorFlow 2.12 and 2.13: links, no
    /// second copy.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The model.</param>
    /// <param name="stream">Passes the weights on.</param>
    /// <param name="withModel">True to add the configuration of a file of ours.</param>
    internal static void WriteTree(string path, WrittenModel model, WeightStream stream, bool withModel)
    {
        var (root, datasets) = (new Hdf5Group(), new List<(Tensor Weight, Hdf5Dataset Dataset)>());
        Add(root, model.Model, model, datasets);
        root.Attributes.AddRange(model.Provenance.Select(Attribute));
        root.Attributes.AddRange(
            withModel ? Hdf5Attribute.Parts(LegacyWeightsFile.ModelAttribute, ModelConfigurationWriter.Write(model.Model)) : []);
        using var writer = new Hdf5Writer(path, root);
        foreach (var (weight, dataset) in datasets)
        {
            stream.Copy(weight, block => writer.Append(dataset, block.Span));
        }

        writer.Finish();
    }

    private static void Add(Hdf5Group at, Model model, WrittenModel written, List<(Tensor Weight, Hdf5Dataset Dataset)> datasets)
    {
        Named(at, model.Name);
        var (layers, older) = (at.Path([Keras3Tree.Layers]), at.Path([Keras3Tree.OlderLayers]));
        foreach (var ((layer, group), (_, numbered)) in Keras3Tree.Groups(model).Zip(Keras3Tree.Groups(model, step: 2)))
        {
            var own = layers.Path([group]);
            if (layer.Callee is NestedModel nested)
            {
                if (nested.IsOnEachStep)
                {
                    Named(own, layer.Name);
                }

                Add(
                    nested.IsOnEachStep ? own.Path([TimeDistributed.Layer]) : own,
                    nested.IsOnEachStep ? nested.Model : nested.Model with { Name = layer.Name },
                    written,
                    datasets);
            }
            else if (layer.Callee is KerasUse use)
            {
                Named(own, layer.Name);
                own.Attributes.AddRange(written.Of(layer.Name).Select(Attribute));
                AddWeights(own, layer.Name, use, datasets);
            }

            older.Groups[numbered] = own;
        }
    }

    private static void AddWeights(Hdf5Group group, string name, KerasUse use, List<(Tensor Weight, Hdf5Dataset Dataset)> datasets)
    {
        if (use.UnknownConfiguration is not null)
        {
            throw new UnsupportedModelException($"{name} is a {use.ClassName}, a layer of which nothing is known: it cannot be written.");
        }

        var (parts, at) = (use.Layer.Parts(use), 0);
        foreach (var part in parts)
        {
            // An object without a container of its own is looked for among the older names, where another one may have it.
            var below = group;
            foreach (var step in part.Path.Index())
            {
                below = group.Path(Keras3Tree.PathOf(part with { Path = [.. part.Path.Take(step.Index + 1)] }, parts).Split('/'));
                below.Path([Keras3Tree.Variables]);
            }

            below = below.Path([Keras3Tree.Variables]);
            for (var k = 0; k < part.Variables.Count; k++)
            {
                var weight = use.Stored[at++];
                var dataset = new Hdf5Dataset(weight.DType.Written(), weight.Shape);
                below.Datasets[k.ToString(System.Globalization.CultureInfo.InvariantCulture)] = dataset;
                datasets.Add((weight, dataset));
            }
        }
    }

    private static void Named(Hdf5Group group, string name) =>
        group.Path([Keras3Tree.Variables]).Attributes.Add(Hdf5Attribute.Scalar(Keras3Tree.NameAttribute, name));

    private static Hdf5Attribute Attribute((string Name, string Value) pair) =>
        Hdf5Attribute.Scalar(KerasWeightsFile.ProvenancePrefix + pair.Name, pair.Value);
}
