using LstmConvert.Formats.Hdf5;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary><c>.h5</c> with weights alone.</summary>
internal sealed record LegacyWeightsTarget() : KerasTarget("keras-weights", ".h5")
{
    /// <inheritdoc/>
    public override bool IsWholeModel => false;

    /// <inheritdoc/>
    public override string? Misnamed(string path) =>
        path.EndsWith(".weights.h5", StringComparison.OrdinalIgnoreCase)
            ? $"{path}: Keras 2.12 and later take a file called .weights.h5 for the V3 format, and this is a legacy weights file. Call it {path[..^".weights.h5".Length]}.h5."
        : path.EndsWith(".keras", StringComparison.OrdinalIgnoreCase) ? base.Misnamed(path)
        : null;

    /// <inheritdoc/>
    internal override void Write(string path, WrittenModel model, WeightStream stream) =>
        LegacyWeightsWriter.Write(path, model, stream, isWhole: false);
}

/// <summary><c>.h5</c> with a whole model.</summary>
internal sealed record LegacyModelTarget() : KerasTarget("keras-model", ".h5")
{
    /// <inheritdoc/>
    public override bool IsWholeModel => true;

    /// <inheritdoc/>
    public override string? Misnamed(string path) =>
        path.EndsWith(".weights.h5", StringComparison.OrdinalIgnoreCase)
            ? $"{path}: Keras 2.12 and later take a file called .weights.h5 for weights alone. Call it {path[..^".weights.h5".Length]}.h5."
            : base.Misnamed(path);

    /// <inheritdoc/>
    internal override void Write(string path, WrittenModel model, WeightStream stream) =>
        LegacyWeightsWriter.Write(path, model, stream, isWhole: true);
}

/// <summary>Writes a legacy file (<see cref="LegacyWeightsFile"/> shows its layout) in blocks of rows.</summary>
internal static class LegacyWeightsWriter
{
    /// <summary>What <c>keras_version</c> says of weights: a version whose loader takes them as they are.</summary>
    public const string KerasVersion = "2.15.0";

    /// <summary>What it says of a whole model: the oldest version whose form it has.</summary>
    public const string ModelVersion = "2.2.4";

    /// <summary>What it says of a whole model that only Keras 3 reads.</summary>
    public const string Keras3Version = "3.15.1";

    /// <summary>Writes the file; nothing may lie there.</summary>
    /// <param name="path">The target.</param>
    /// <param name="model">The model.</param>
    /// <param name="stream">Passes the weights on.</param>
    /// <param name="isWhole">True for a model that <c>load_model</c> loads; false for weights and the configuration that the printed code
    /// is printed from.</param>
    public static void Write(string path, WrittenModel model, WeightStream stream, bool isWhole)
    {
        var version = VersionOf(model.Model, isWhole);
        var (root, datasets) = (new Hdf5Group(), new List<(Tensor Weight, Hdf5Dataset Dataset)>());
        var weights = isWhole ? root.Path(["model_weights"]) : root;
        var names = new List<string>();
        foreach (var layer in KerasOrder.Of(model.Model))
        {
            if (Weights(layer, isWhole) is { Count: > 0 } own)
            {
                names.Add(layer.Name);
                Add(weights.Path([layer.Name]), own, model.Of(layer.Name), datasets);
            }
        }

        foreach (var group in isWhole ? [weights, root] : new[] { weights })
        {
            group.Attributes.AddRange(group == weights ? Hdf5Attribute.List("layer_names", names) : []);
            group.Attributes.Add(Hdf5Attribute.Scalar("backend", "tensorflow"));
            group.Attributes.Add(Hdf5Attribute.Scalar("keras_version", version));
        }

        root.Attributes.AddRange(model.Provenance.Select(Attribute));
        root.Attributes.AddRange(
            isWhole
                ? [Hdf5Attribute.Scalar("model_config", ModelConfigurationWriter.Write(model.Model, KerasSpelling.Legacy))]
                : Hdf5Attribute.Parts(LegacyWeightsFile.ModelAttribute, ModelConfigurationWriter.Write(model.Model)));

        using var writer = new Hdf5Writer(path, root);
        foreach (var (weight, dataset) in datasets)
        {
            stream.Copy(weight, block => writer.Append(dataset, block.Span));
        }

        writer.Finish();
    }

    /// <summary>The version of which the file is: up to 2.3 a Bidirectional repeats outputs where a mask has no step, and up to 2 no mask
    /// changes what layers of several inputs put together.</summary>
    private static string VersionOf(Model model, bool isWhole)
    {
        var layers = StoredWeights.Leaves(model).Select(leaf => leaf.Use).ToArray();
        var hasMasks = layers.Any(use => use.Layer.MakesMask(use));
        return !isWhole ? KerasVersion
            : ModelConfigurationWriter.NeedsKeras3(model) || (hasMasks && layers.Any(Merging.CombinesByMasks)) ? Keras3Version
            : hasMasks && layers.Any(use => Bidirectional.Is(use) && use.ReturnsSequences) ? KerasVersion
            : ModelVersion;
    }

    /// <summary>The paths of a layer's weights below its group, in order.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="use">The layer.</param>
    public static IReadOnlyList<string> Paths(string name, KerasUse use) =>
        [.. use.WeightDefinitions.Select(weight => $"{name}/{weight.Name}:0")];

    /// <summary>A group's weights: those of a nested model are one list, what training changes first.</summary>
    private static List<(string Path, Tensor Weight)> Weights(CalledLayer layer, bool isWhole) =>
        layer.Callee switch
        {
            KerasUse { UnknownConfiguration: not null } use => isWhole
                ? throw new UnsupportedModelException(
                    $"{layer.Name} is a {use.ClassName}, a layer of which nothing is known: it cannot be written.")
                : [],
            KerasUse use =>
            [
                .. StoredWeights.LegacyOrder(use).Where(k => k < use.Stored.Count).Select(k => (Paths(layer.Name, use)[k], use.Stored[k])),
            ],
            NestedModel nested =>
            [
                .. StoredWeights
                    .Flat(nested.Model)
                    .Select(one =>
                        (
                            $"{layer.Name}/{string.Join('/', one.Path)}/{one.Use.WeightDefinitions[one.Index].Name}:0",
                            one.Use.Stored[one.Index])),
            ],
            _ => [],
        };

    private static void Add(
        Hdf5Group group,
        List<(string Path, Tensor Weight)> weights,
        IReadOnlyList<(string Name, string Value)> provenance,
        List<(Tensor Weight, Hdf5Dataset Dataset)> datasets)
    {
        group.Attributes.AddRange(Hdf5Attribute.List("weight_names", [.. weights.Select(weight => weight.Path)]));
        group.Attributes.AddRange(provenance.Select(Attribute));
        foreach (var (path, weight) in weights)
        {
            var steps = path.Split('/');
            var dataset = new Hdf5Dataset(weight.DType.Written(), weight.Shape);
            group.Path(steps.AsSpan(..^1)).Datasets[steps[^1]] = dataset;
            datasets.Add((weight, dataset));
        }
    }

    private static Hdf5Attribute Attribute((string Name, string Value) pair) =>
        Hdf5Attribute.Scalar(KerasWeightsFile.ProvenancePrefix + pair.Name, pair.Value);
}
