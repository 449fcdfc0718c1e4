using LstmConvert.Models;

namespace LstmConvert.KerasFiles;

/// <summary>
/// A Keras legacy file: weights alone (<c>save_weights("x.h5")</c>), or a whole model with <c>model_config</c>.
/// <code>
/// /                      layer_names, backend, keras_version; a whole model: model_config, and these below /model_weights
/// /&lt;layer&gt;               weight_names; a file of ours: lstmconvert_scope, lstmconvert_cell …
/// /&lt;layer&gt;/&lt;weight&gt;      the dataset; weight names hold '/'
/// lstmconvert_model      the configuration that the printed code is printed from, in parts of 64 KB as lstmconvert_model0 …
/// </code>
/// </summary>
internal sealed class LegacyWeightsFile : KerasFile
{
    /// <summary>The attribute with the configuration of a file of ours.</summary>
    public const string ModelAttribute = KerasWeightsFile.ProvenancePrefix + "model";

    private const string ModelConfig = "model_config";
    private const string KerasVersionAttribute = "keras_version";

    private readonly KerasWeightsFile file;
    private readonly List<string> turned = [];

    private LegacyWeightsFile(string path, KerasWeightsFile file)
        : base(path) => this.file = file;

    /// <inheritdoc/>
    public override string Format => file.FileText(ModelConfig) is null ? "legacy Keras weights file" : "legacy Keras whole model";

    /// <inheritdoc/>
    public override IReadOnlyList<KerasFileLayer> Layers => file.Layers;

    /// <inheritdoc/>
    public override string? KerasVersion => file.FileText(KerasVersionAttribute) ?? file.KerasVersion;

    /// <inheritdoc/>
    public override bool HasModel => file.FileText(ModelAttribute) is not null || file.FileText(ModelConfig) is not null;

    /// <summary>True if the configuration is the one that lstmconvert wrote.</summary>
    public bool IsOurs => file.FileText(ModelAttribute) is not null;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Changes => turned;

    /// <inheritdoc/>
    public override IReadOnlyList<string> LeftOver => file.LeftOver;

    /// <inheritdoc/>
    public override string? Provenance(string name) => file.FileText(KerasWeightsFile.ProvenancePrefix + name);

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="UnreadableInputException">It is no HDF5 file, is broken, or holds no Keras weights.</exception>
    public static new LegacyWeightsFile Open(string path) => new(path, KerasWeightsFile.Open(path));

    /// <summary>The model that the file describes, its weights attached; null for weights alone.</summary>
    /// <exception cref="UnreadableInputException">The configuration is broken, or does not fit the weights.</exception>
    /// <exception cref="UnsupportedModelException">The configuration is of no model that can be read.</exception>
    public override Model? ReadModel()
    {
        var ours = file.FileText(ModelAttribute);
        return (ours ?? file.FileText(ModelConfig)) is not { } json ? null
            : WithWeights(Configured(json, ours is not null ? KerasGeneration.Ours : KerasGeneration.Of(KerasVersion)));
    }

    /// <summary>A model with the weights of the file's layers of the same names.</summary>
    /// <param name="model">The model, without weights.</param>
    /// <exception cref="UnreadableInputException">A layer has no weights in the file, or others than its arguments say.</exception>
    public Model WithWeights(Model model)
    {
        turned.Clear();
        var byName = file.Layers.ToLookup(layer => layer.Name, StringComparer.Ordinal);
        var attached = model.With(layer => StoredWeights.Count(layer.Callee) == 0 && !byName.Contains(layer.Name) ? layer.Callee
            : byName[layer.Name].FirstOrDefault() is { } found ? StoredWeights.Attach(
                layer.Callee, layer.Name, StoredWeights.OfLegacyOrder(layer.Callee, found.Weights), Path)
            : throw new UnreadableInputException(
                $"{Path}: the model has a layer {layer.Name} ({layer.Callee.ClassName}) with weights, and the file has none under that name. It is incomplete; save it again."
            ));
        return file.IsOfTheano ? TheanoKernels.Turned(attached, Path, turned) : attached;
    }

    /// <inheritdoc/>
    public override void Dispose() => file.Dispose();
}
