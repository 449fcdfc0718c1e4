using LstmConvert.Files;
using LstmConvert.Formats.Hdf5;
using LstmConvert.Models;

namespace LstmConvert.KerasFiles;

/// <summary>
/// Keras 3's weights (<c>save_weights("x.weights.h5")</c>, TensorFlow 2.12 and later too): <see cref="Keras3Tree"/> shows the layout. No
/// layer's
/// arguments stand in it; a file of ours carries <c>lstmconvert_model</c> and, on each layer's group, where it comes from.
/// </summary>
internal sealed class Keras3WeightsFile : KerasFile
{
    private readonly Hdf5File file;
    private readonly List<string> taken = [];

    private Keras3WeightsFile(string path, Hdf5File file)
        : base(path)
    {
        this.file = file;
        Layers = ReadLayers(file.Root);
    }

    /// <inheritdoc/>
    public override string Format => "Keras 3 weights file";

    /// <inheritdoc/>
    public override IReadOnlyList<KerasFileLayer> Layers { get; }

    /// <inheritdoc/>
    public override string? KerasVersion => null;

    /// <inheritdoc/>
    public override IReadOnlyList<string> LeftOver =>
        Keras3Tree.LeftOver(file.Root, HasModel ? taken : file.Root.Datasets().Where(Keras3Tree.IsWeight));

    /// <inheritdoc/>
    public override bool HasModel => KerasWeightsFile.FileText(file.Root, LegacyWeightsFile.ModelAttribute) is not null;

    /// <summary>True if a file is HDF5 with the groups of Keras 3.</summary>
    /// <param name="path">The path.</param>
    public static new bool Matches(string path)
    {
        if (!KerasWeightsFile.Matches(path))
        {
            return false;
        }

        using var file = Hdf5File.Open(path);
        return IsTree(file.Root);
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="UnreadableInputException">It is no HDF5 file, or is broken.</exception>
    public static new Keras3WeightsFile Open(string path)
    {
        var file = Hdf5File.Open(path);
        try
        {
            return new Keras3WeightsFile(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The layers below a root, by the names that their groups note, else by the groups' own.</summary>
    /// <param name="root">The root.</param>
    internal static IReadOnlyList<KerasFileLayer> ReadLayers(Hdf5Node root)
    {
        var container = root.Has(Keras3Tree.Layers) ? Keras3Tree.Layers : root.Has(Keras3Tree.OlderLayers) ? Keras3Tree.OlderLayers : null;
        if (container is null)
        {
            return [];
        }

        var layers = new List<KerasFileLayer>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in Keras3Tree.Groups(root.Group(container)).Order(NaturalOrder.Comparer))
        {
            var node = root.Group(container).Group(group);
            var weights = Keras3Tree.All(node, group).ToArray();
            if (weights.Length > 0)
            {
                var name = Keras3Tree.NameOf(node) is { } noted && names.Add(noted) ? noted : group;
                layers.Add(new KerasFileLayer(name, weights, KerasWeightsFile.ProvenanceOf(node)));
            }
        }

        return layers;
    }

    /// <summary>True if a root holds the groups of Keras 3.</summary>
    /// <param name="root">The root.</param>
    internal static bool IsTree(Hdf5Node root) => root.Has(Keras3Tree.Layers) || root.Has(Keras3Tree.OlderLayers);

    /// <inheritdoc/>
    public override string? Provenance(string name) => KerasWeightsFile.FileText(file.Root, KerasWeightsFile.ProvenancePrefix + name);

    /// <inheritdoc/>
    public override Model? ReadModel() => KerasWeightsFile.FileText(file.Root, LegacyWeightsFile.ModelAttribute) is { } json
        ? Keras3Tree.Attach(ModelConfiguration.Read(json, KerasGeneration.Ours), file.Root, Path, taken) : null;

    /// <inheritdoc/>
    public override void Dispose() => file.Dispose();
}
