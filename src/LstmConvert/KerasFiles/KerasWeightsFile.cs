using LstmConvert.Formats.Hdf5;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary>A layer of a Keras file and its weights in order.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Weights">The weights, named by their path in the file, in the order of <c>get_weights()</c>.</param>
/// <param name="Provenance">lstmconvert's attributes of this layer by name; empty in files of other programs.</param>
public sealed record KerasFileLayer(string Name, IReadOnlyList<Tensor> Weights, IReadOnlyDictionary<string, string> Provenance)
{
    private static readonly string[] NoFacts = ["cell", "scope"];

    /// <summary>The scopes of the cells that it was made of: one, or those of the forward and of the backward one; empty in files of other
    /// programs.</summary>
    internal IReadOnlyList<string> Scopes => Provenance.TryGetValue("scope", out var scopes) ? scopes.Split(", ") : [];

    /// <summary>The facts of each of these cells: values by name.</summary>
    internal IReadOnlyList<IReadOnlyDictionary<string, string>> Facts =>
        [
            .. Scopes.Select(
                (_, k) =>
                    Provenance
                        .Where(one => !NoFacts.Contains(one.Key) && one.Value.Split(", ").Length == Scopes.Count)
                        .ToDictionary(
                            one => one.Key,
                            one =>
                                one.Value.Split(", ")[k] is var fact && fact.IndexOf(" (", StringComparison.Ordinal) is > 0 and var end
                                    ? fact[..end]
                                    : fact,
                            StringComparer.Ordinal)),
        ];
}

/// <summary>
/// Reads a Keras legacy weights file (or the weights of a legacy whole model): <c>layer_names</c> at the root or below
/// <c>model_weights</c>, <c>weight_names</c> in each layer's group, lists cut into <c>name0, name1 …</c> joined.
/// </summary>
public sealed class KerasWeightsFile : IDisposable
{
    /// <summary>The prefix of the attributes that say where weights come from.</summary>
    public const string ProvenancePrefix = "lstmconvert_";

    private const string LayerNames = "layer_names";
    private const string WeightNames = "weight_names";

    /// <summary>The group of the optimizer's numbers, which no model computes with.</summary>
    private const string Optimizer = "optimizer_weights/";

    private readonly Hdf5File file;

    private KerasWeightsFile(Hdf5File file)
    {
        this.file = file;
        Layers = ReadLayers();
    }

    /// <summary>The layers with weights, in the file's order.</summary>
    public IReadOnlyList<KerasFileLayer> Layers { get; }

    /// <summary>The version of Keras that the file names, or null.</summary>
    public string? KerasVersion =>
        Root is { } root && root.HasAttribute("keras_version") && root.Texts("keras_version") is [var version, ..] ? version : null;

    /// <summary>True if it was written on Theano. Keras 1 does not say so; there the names of weights tell, which are followed by the
    /// number of an output in TensorFlow alone: <c>conv_W</c>, <c>conv_W:0</c>.</summary>
    internal bool IsOfTheano => FileText(Root, "backend") is { } backend ? backend == "theano"
        : KerasVersion is null && Layers.Any(layer => layer.Weights.Any(weight => !weight.Name.Contains(':', StringComparison.Ordinal)));

    /// <summary>The datasets below the layers that no list of weights names, by their paths.</summary>
    internal IReadOnlyList<string> LeftOver
    {
        get
        {
            var root = Root;
            var named = List(root, LayerNames)
                .SelectMany(name => List(root.Group(name), WeightNames).Select(weight => Plain($"{root.Name}/{name}/{weight}")))
                .ToHashSet(StringComparer.Ordinal);
            return
            [
                .. root.Datasets().Where(path => !named.Contains(Plain(path)) && !Plain(path).StartsWith(Optimizer, StringComparison.Ordinal)),
            ];

            static string Plain(string path) => string.Join('/', path.Split('/').Where(step => step.Length > 0 && step != "."));
        }
    }

    private Hdf5Node Root =>
        !HasList(file.Root, LayerNames) && file.Root.Has("model_weights") ? file.Root.Group("model_weights") : file.Root;

    /// <summary>A text that the file itself carries, joined where it was cut into <c>name0, name1 …</c>; null if it has none.</summary>
    /// <param name="name">The attribute's name: <c>model_config</c>.</param>
    internal string? FileText(string name) => FileText(file.Root, name);

    /// <summary>A text that a group carries, joined where it was cut; null if it has none.</summary>
    /// <param name="node">The group.</param>
    /// <param name="name">The attribute's name.</param>
    internal static string? FileText(Hdf5Node node, string name) => List(node, name) is { Count: > 0 } parts ? string.Concat(parts) : null;

    /// <summary>lstmconvert's attributes of a layer's group, by name.</summary>
    /// <param name="group">The group.</param>
    internal static IReadOnlyDictionary<string, string> ProvenanceOf(Hdf5Node group) =>
        group
            .AttributeNames.Where(attribute => attribute.StartsWith(ProvenancePrefix, StringComparison.Ordinal))
            .ToDictionary(
                attribute => attribute[ProvenancePrefix.Length..],
                attribute => string.Join(", ", group.Texts(attribute)),
                StringComparer.Ordinal);

    /// <summary>True if the file begins like HDF5.</summary>
    /// <param name="path">The path.</param>
    public static bool Matches(string path) => Hdf5File.Matches(path);

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="UnreadableInputException">It is no HDF5 file, is broken, or holds no Keras weights.</exception>
    public static KerasWeightsFile Open(string path)
    {
        var file = Hdf5File.Open(path);
        try
        {
            return new KerasWeightsFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private KerasFileLayer[] ReadLayers()
    {
        var root = Root;
        if (!HasList(root, LayerNames))
        {
            throw new UnreadableInputException(
                $"{file.Path} is HDF5 without layer_names: no legacy Keras weights file. Save the model with save_weights('….h5').");
        }

        var names = List(root, LayerNames);
        if (names.CountBy(name => name).FirstOrDefault(pair => pair.Value > 1) is { Key: { } twice })
        {
            throw new UnreadableInputException(
                $"{file.Path} names the layer {twice} twice in layer_names, and layers have names of their own. Save the file again.");
        }

        return [.. names.Select(name => ReadLayer(root, name)).Where(layer => layer.Weights.Count > 0)];
    }

    private KerasFileLayer ReadLayer(Hdf5Node root, string name)
    {
        if (!root.Has(name))
        {
            throw new UnreadableInputException(
                $"{file.Path} names the layer {name} in layer_names and has no group of that name. The file is incomplete; save it again.");
        }

        // Keras 3 alone has bfloat16 here, as two bytes without a meaning; it cannot load such a file itself (keras 3.15.1).
        var isOfKeras3 = KerasGeneration.Of(KerasVersion).Major >= 3;

        // A tensor is named from the layer on, wherever the layers lie.
        var group = root.Group(name);
        var weights = List(group, WeightNames)
            .Select(weight => (Tensor)new RenamedTensor(group.Dataset(weight, isOfKeras3), $"{name}/{weight}"))
            .ToArray();
        return new KerasFileLayer(name, weights, ProvenanceOf(group));
    }

    private static bool HasList(Hdf5Node group, string attribute) => group.HasAttribute(attribute) || group.HasAttribute(attribute + "0");

    /// <summary>A list of texts; a long one is cut into <c>name0, name1 …</c>.</summary>
    private static IReadOnlyList<string> List(Hdf5Node group, string attribute)
    {
        if (group.HasAttribute(attribute))
        {
            return group.Texts(attribute);
        }

        var names = new List<string>();
        for (var k = 0; group.HasAttribute($"{attribute}{k}"); k++)
        {
            names.AddRange(group.Texts($"{attribute}{k}"));
        }

        return names;
    }
}
