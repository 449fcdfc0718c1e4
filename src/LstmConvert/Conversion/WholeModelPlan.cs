using LstmConvert.Files;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>A whole Keras model that is written again so that the Keras of today loads it: every layer, with its settings and
/// connections.</summary>
public sealed class WholeModelPlan : IDisposable
{
    private readonly IDisposable? owned;
    private readonly string path;

    private readonly KerasTarget format;

    private WholeModelPlan(
        string path,
        string source,
        Model original,
        IDisposable? owned,
        KerasTarget? target,
        IReadOnlyList<string>? asRead = null)
    {
        (this.path, this.owned, Format, Original, format) = (path, owned, source, original, target ?? KerasTarget.Find("keras3-model"));
        Refuse(TodaysKeras.Obstacles(original));
        var (today, changes) = TodaysKeras.Of(original, path, format);
        Changes = [.. asRead ?? [], .. changes];
        Refuse(format.Obstacles(today));
        Written = new WrittenModel(today, Provenance(path, source));
    }

    /// <summary>What the model is read from, as a noun.</summary>
    public string Format { get; }

    /// <summary>What loads the result, by name.</summary>
    public string Loader => format.Loader;

    /// <summary>What is computed another way in the result, or spelled with other weights, a sentence each; empty if all weights are moved
    /// as they are.</summary>
    public IReadOnlyList<string> Changes { get; }

    /// <summary>The layers of the result, in order.</summary>
    public IReadOnlyList<LayerSummary> Layers =>
        [.. KerasOrder.Of(Model).Select(layer => new LayerSummary(layer.Name, layer.Callee.ClassName, [.. Weights(layer)]))];

    /// <summary>The inputs of the model, as people read them: <c>ids (rows, 20)</c>.</summary>
    public IReadOnlyList<string> Inputs => [.. Model.Inputs.Select(Models.KerasCode.Shape)];

    /// <summary>True if only Keras 3 has a form for the result.</summary>
    public bool NeedsKeras3 => Loader == KerasTarget.Default.Loader && ModelConfigurationWriter.NeedsKeras3(Model);

    /// <summary>The model as it was, its weights attached.</summary>
    internal Model Original { get; }

    /// <summary>The model that is written.</summary>
    internal Model Model => Written.Model;

    private WrittenModel Written { get; }

    /// <summary>Plans to write the Keras model in a SavedModel; null where the source holds none.</summary>
    /// <param name="source">The source.</param>
    /// <param name="target">What is written; null for a model for Keras.</param>
    /// <exception cref="UnsupportedModelException">A layer is not known, or Keras 3 has none that computes the same; all are
    /// named.</exception>
    /// <exception cref="UnreadableInputException">The configuration is broken, or a variable is missing.</exception>
    public static WholeModelPlan? Of(RecurrentSource source, KerasTarget? target = null) =>
        SavedKerasModel.Read(source.Variables) is { } model
            ? new WholeModelPlan(source.Variables.Path, source.Variables.Format, model, null, target)
            : null;

    /// <summary>Plans to write again what a Keras of any age wrote.</summary>
    /// <param name="path">A whole model: <c>.h5</c>, <c>.keras</c>, a SavedModel or a TensorFlow.js model.</param>
    /// <param name="target">What is written; null for a model for Keras.</param>
    /// <exception cref="UnsupportedModelException">It holds weights alone, or a layer is not known, or Keras 3 has none that computes the
    /// same.</exception>
    /// <exception cref="UnreadableInputException">It is of no kind that is known, or is broken.</exception>
    public static WholeModelPlan Open(string path, KerasTarget? target = null)
    {
        if (!KerasFile.Matches(path))
        {
            var set = SourceCatalog.Open(path, new SourceOptions());
            return Owning(set, () =>
                SavedKerasModel.Read(set) is { } saved
                    ? new WholeModelPlan(path, set.Format, saved, set, target)
                    : throw new UnsupportedModelException(
                        $"{path} ({set.Format}) holds no Keras model with its configuration. Convert its recurrent layers with tf2keras."));
        }

        var file = KerasFile.Open(path);
        return Owning(file, () =>
            file.ReadModel() is { } model
                ? new WholeModelPlan(path, file.Format, model, file, target, file.Changes)
                {
                    Warnings = file.LeftOverText is { } left ? [left] : [],
                }
                : throw new UnsupportedModelException(
                    $"{path} ({file.Format}) holds weights alone: the layers' settings stand in no file. Save the whole model, or load the weights into the layers that the program builds."
                ));
    }

    /// <summary>What the source holds that is not written, as sentences.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>The code that loads the result.</summary>
    /// <param name="target">The file.</param>
    public string KerasCode(string target) => KerasCode(target, null);

    /// <summary>The code that loads the result.</summary>
    /// <param name="target">The file.</param>
    /// <param name="layersPath">The module with the layers of ours; null for the one beside the file.</param>
    public string KerasCode(string target, string? layersPath) => format.KerasCode(Model, target, LayerModule(target, layersPath));

    /// <summary>The Python module with the layers of ours that the code imports; null where stock layers are enough.</summary>
    /// <param name="target">The file.</param>
    /// <param name="layersPath">The module's file; null for the one beside the file.</param>
    public LayerModule? LayerModule(string target, string? layersPath) =>
        Models.KerasCode.Module(
            Model, layersPath ?? KerasLayers.LayerModule.PathBeside(target, Path.GetExtension(target)), isPrinted: false);

    /// <summary>Writes the file, reads it back and holds every number against the source.</summary>
    /// <param name="target">The file.</param>
    /// <param name="options">How to write it; its format is that of a whole model.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    /// <exception cref="OutputException">The target exists, cannot be written, or did not pass the check.</exception>
    /// <exception cref="UnreadableInputException">A weight cannot be read.</exception>
    public ConversionResult Write(string target, WriteOptions options, CancellationToken cancel)
    {
        var format = options.Target ?? KerasTarget.ByName(target);
        if (format.HardSigmoid != this.format.HardSigmoid)
        {
            throw new UsageException(
                $"{target} was planned as {this.format.Name}, and is to be written as {format.Name}. Plan it for what is written.");
        }

        if (format.Misnamed(target) is { } problem)
        {
            throw new UsageException(problem);
        }

        var module = LayerModule(target, options.LayersPath);
        var (length, check) = ModuleFile.WriteWith(module, options.Overwrite, writeModule =>
            format.Place(target, options.Overwrite, temporary =>
            {
                format.Write(temporary, Written, new WeightStream(options.Progress, cancel));
                var (length, check) = (format.Length(temporary), options.Check ? Check(temporary, format, cancel) : null);
                writeModule();
                return (length, check);
            }));
        return new ConversionResult(target, length, [], check) { Layers = module };
    }

    /// <summary>True if a file is what this plan writes: every weight byte by byte, and its model is the plan's.</summary>
    /// <param name="target">The file.</param>
    /// <param name="options">How it would be written.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    /// <exception cref="UnreadableInputException">A weight of the source cannot be read.</exception>
    public bool IsIn(string target, WriteOptions options, CancellationToken cancel) =>
        WrittenBefore.Holds(options.Target ?? KerasTarget.ByName(target), target, Model, format => Check(target, format, cancel));

    /// <inheritdoc/>
    public void Dispose() => owned?.Dispose();

    private void Refuse(IReadOnlyList<string> obstacles)
    {
        if (obstacles.Count > 0)
        {
            throw new UnsupportedModelException(
                $"{path} cannot be written as a whole model{format.ForWhom}: {string.Join("; ", obstacles)}. Its recurrent layers convert as weights.",
                [new OnlyRecurrentRemedy(IsOfKeras: KerasFile.Matches(path))]);
        }
    }

    private static WholeModelPlan Owning(IDisposable owned, Func<WholeModelPlan> make)
    {
        try
        {
            return make();
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    private static (string Name, string Value)[] Provenance(string path, string format) =>
        [("version", ToolVersion.Current), ("source", Path.GetFileName(path.TrimEnd('/', '\\'))), ("source_format", format)];

    private static IEnumerable<WeightSummary> Weights(CalledLayer layer) =>
        layer.Callee switch
        {
            KerasUse use => use.WeightDefinitions.Zip(use.Stored, (definition, weight) =>
                new WeightSummary($"{layer.Name}/{definition.Name}:0", weight.DType.Written(), weight.Shape, weight.Name)),
            NestedModel nested => nested
                .Model.Layers.SelectMany(Weights)
                .Select(weight => weight with { Path = $"{layer.Name}/{weight.Path}" }),
            _ => [],
        };

    /// <summary>Reads the file as any Keras file is read, and compares every weight byte by byte with what was to be written.</summary>
    private ReadBackResult Check(string temporary, KerasTarget format, CancellationToken cancel)
    {
        using var file = format.Open(temporary);
        if (!format.IsWholeModel)
        {
            return new ReadBackResult(
                Compare(
                    temporary,
                    StoredWeights.Leaves(Model).SelectMany(leaf => leaf.Use.Stored),
                    file.Layers.OrderBy(layer => Place(layer.Name)).SelectMany(layer => layer.Weights),
                    cancel),
                0,
                0,
                0);
        }

        var back = file.ReadModel() ?? throw LayoutCheck.Failed(temporary, "the file describes no model");
        var (ours, theirs) = (
            StoredWeights.Leaves(Model).ToDictionary(leaf => string.Join('/', leaf.Path), leaf => leaf.Use, StringComparer.Ordinal),
            StoredWeights.Leaves(back).ToArray());
        var missing = ours.Keys.Except(theirs.Select(leaf => string.Join('/', leaf.Path))).FirstOrDefault();
        if (missing is not null || theirs.Length != ours.Count)
        {
            throw LayoutCheck.Failed(
                temporary,
                $"the model has {ours.Count} layers and the file {theirs.Length}{(missing is null ? "" : $"; {missing} is missing")}");
        }

        return new ReadBackResult(
            theirs.Sum(leaf => Compare(temporary, ours[string.Join('/', leaf.Path)].Stored, leaf.Use.Stored, cancel)),
            0,
            0,
            0);
    }

    private int Place(string layer) => KerasOrder.Of(Model).Index().FirstOrDefault(one => one.Item.Name == layer).Index;

    private static long Compare(string temporary, IEnumerable<Tensor> ours, IEnumerable<Tensor> theirs, CancellationToken cancel)
    {
        var (expected, found) = (ours.ToArray(), theirs.ToArray());
        if (expected.Length != found.Length)
        {
            throw LayoutCheck.Failed(temporary, $"{expected.Length} weights are in the model and {found.Length} in the file");
        }

        long count = 0;
        foreach (var (one, other) in expected.Zip(found))
        {
            cancel.ThrowIfCancellationRequested();
            if (
                !one.Shape.Equals(other.Shape)
                || one.DType.Written() != other.DType
                || !one.ToDoubles().AsSpan().SequenceEqual(other.ToDoubles()))
            {
                throw LayoutCheck.Failed(temporary, $"{one} is in the model, and {other} in the file is not the same");
            }

            count += one.Shape.ElementCount;
        }

        return count;
    }
}
