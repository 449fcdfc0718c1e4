using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

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
internal sealed class LegacyWeightsFile : IDisposable
{
    /// <summary>The attribute with the configuration of a file of ours.</summary>
    public const string ModelAttribute = KerasWeightsFile.ProvenancePrefix + "model";

    private const string ModelConfig = "model_config";
    private const string KerasVersionAttribute = "keras_version";

    private readonly string path;
    private readonly KerasWeightsFile file;

    private LegacyWeightsFile(string path, KerasWeightsFile file) => (this.path, this.file) = (path, file);

    /// <summary>The layers with weights and provenance, in the file's order.</summary>
    public IReadOnlyList<KerasFileLayer> Layers => file.Layers;

    /// <summary>The version of Keras that the file names, or null: Keras 1 names none.</summary>
    public string? KerasVersion => file.FileText(KerasVersionAttribute) ?? file.KerasVersion;

    /// <summary>True if the file holds a configuration: its own model can be run.</summary>
    public bool HasModel => file.FileText(ModelAttribute) is not null || file.FileText(ModelConfig) is not null;

    /// <summary>True if the configuration is the one that lstmconvert wrote.</summary>
    public bool IsOurs => file.FileText(ModelAttribute) is not null;

    /// <summary>A text that the file itself carries under the prefix of lstmconvert: <c>source</c>; null if it has none.</summary>
    /// <param name="name">The name without the prefix.</param>
    public string? Provenance(string name) => file.FileText(KerasWeightsFile.ProvenancePrefix + name);

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="UnreadableInputException">It is no HDF5 file, is broken, or holds no Keras weights.</exception>
    public static LegacyWeightsFile Open(string path) => new(path, KerasWeightsFile.Open(path));

    /// <summary>The model that the file describes, with its weights in float64; null for weights alone.</summary>
    /// <exception cref="UnreadableInputException">The configuration is broken, or does not fit the weights.</exception>
    /// <exception cref="UnsupportedModelException">The configuration is of no model that can be read.</exception>
    public Model? ReadModel()
    {
        var ours = file.FileText(ModelAttribute);
        return (ours ?? file.FileText(ModelConfig)) is not { } json ? null
            : WithWeights(ModelConfiguration.Read(json, ours is not null ? KerasGeneration.Ours : KerasGeneration.Of(KerasVersion)));
    }

    /// <summary>A model with the weights of the file's layers of the same names.</summary>
    /// <param name="model">The model, without weights.</param>
    /// <exception cref="UnreadableInputException">A layer has no weights in the file, or others than its arguments say.</exception>
    public Model WithWeights(Model model)
    {
        var byName = file.Layers.ToLookup(layer => layer.Name, StringComparer.Ordinal);
        return model.With(layer => Count(layer.Callee, isKeras1: false) == 0 && !byName.Contains(layer.Name) ? layer.Callee
            : byName[layer.Name].FirstOrDefault() is { } found ? Attached(layer.Callee, layer.Name, [.. found.Weights.Select(Read)])
            : throw new UnreadableInputException(
                $"{path}: the model has a layer {layer.Name} ({layer.Callee.ClassName}) with weights, and the file has none under that name. It is incomplete; save it again."));
    }

    /// <summary>A layer with weights as the file holds them.</summary>
    /// <param name="use">The layer, without weights.</param>
    /// <param name="layer">The file's layer.</param>
    /// <exception cref="UnreadableInputException">They are others than the layer's arguments say.</exception>
    public KerasUse WithWeights(KerasUse use, KerasFileLayer layer) => Attached(use, layer.Name, [.. layer.Weights.Select(Read)]);

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private NumericArray Read(Tensor tensor) => !tensor.DType.IsWeight()
        ? throw new UnsupportedModelException(
            $"{path}: {tensor.Name} holds {tensor.DType.Name()}, and weights are read as float16, float32 or float64.")
        : NumericArray.From(
            tensor.ToDoubles(), Precision.Double, [.. tensor.Shape.Dimensions.ToArray().Select(length => checked((int)length))]);

    /// <summary>The number of arrays that a layer has in a file; Keras 1 has a matrix for each gate.</summary>
    private static int Count(ICallable callee, bool isKeras1) => callee switch
    {
        KerasUse use => use.WeightDefinitions.Sum(weight => isKeras1 ? weight.Gates?.Length ?? 1 : 1),
        NestedModel nested => nested.Model.Layers.Sum(layer => Count(layer.Callee, isKeras1)),
        _ => 0,
    };

    private ICallable Attached(ICallable callee, string name, IReadOnlyList<NumericArray> weights) => callee switch
    {
        KerasUse use => Attached(use, name, weights),
        NestedModel nested => Attached(nested, name, weights),
        _ => callee,
    };

    private KerasUse Attached(KerasUse use, string name, IReadOnlyList<NumericArray> weights)
    {
        if (use.UnknownConfiguration is not null)
        {
            return use with { Weights = weights };
        }

        var (loaded, definitions) = (use.Layer.Loaded(use, weights), use.WeightDefinitions);
        return loaded.Count == definitions.Count && definitions.Zip(loaded).All(pair => pair.First.Accepts(pair.Second.Dimensions))
            ? use with { Weights = loaded }
            : throw new UnreadableInputException(
                $"{path}: the weights of {name} are {Text(weights.Select(weight => $"({string.Join(", ", weight.Dimensions)})"))}; {Say(use)} has {Text(definitions.Select(weight => $"{weight.Name} {weight.Shape}"))}. The configuration and the weights are of different models.");
    }

    /// <summary>A nested model's weights are one list: those of its layers, one after the other.</summary>
    private NestedModel Attached(NestedModel nested, string name, IReadOnlyList<NumericArray> weights)
    {
        var isKeras1 = Count(nested, isKeras1: false) != weights.Count;
        if (Count(nested, isKeras1) != weights.Count)
        {
            throw new UnreadableInputException(
                $"{path}: the nested model {name} has {weights.Count} weights, and its layers have {Count(nested, isKeras1: false)}. The configuration and the weights are of different models.");
        }

        var start = 0;
        return nested with
        {
            Model = nested.Model.With(layer =>
            {
                var count = Count(layer.Callee, isKeras1);
                start += count;
                return count == 0 ? layer.Callee
                    : Attached(layer.Callee, $"{name}/{layer.Name}", [.. weights.Skip(start - count).Take(count)]);
            }),
        };
    }

    private static string Say(KerasUse use) => use.Units > 0 ? $"{use.ClassName} of {use.Units} units" : use.ClassName;

    private static string Text(IEnumerable<string> parts) => string.Join(", ", parts) is { Length: > 0 } text ? text : "none";
}
