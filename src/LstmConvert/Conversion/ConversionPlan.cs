using LstmConvert.Cells;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.Files;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>A conversion: every name, shape and dtype of the result, before a byte of a weight is read.</summary>
public sealed class ConversionPlan
{
    private ConversionPlan(RecurrentSource source, Model keras, IReadOnlyList<PlannedLayer> layers) =>
        (Source, Keras, Planned) = (source, keras, layers);

    /// <summary>What is converted.</summary>
    public RecurrentSource Source { get; }

    /// <summary>The layers of the result that have weights.</summary>
    public IReadOnlyList<LayerSummary> Layers =>
        [
            .. Planned.Select(layer => new LayerSummary(
                layer.Name,
                layer.Use.ClassName,
                [
                    .. layer.Weights.Select(weight => new WeightSummary(
                        $"{layer.Name}/{weight.Definition.Name}:0",
                        weight.DType,
                        weight.Arrangement.Shape,
                        weight.Recipe.Derivation.ToString())
                    {
                        Words = weight.Recipe.Derivation.Words(KerasModelBuilder.Bind(weight.Cell)),
                    }),
                ])),
        ];

    /// <summary>The size of all weights of the result, in bytes.</summary>
    public long ByteCount =>
        Planned.Sum(layer => layer.Weights.Sum(weight => weight.Arrangement.Shape.ElementCount * weight.DType.ItemSize()));

    /// <summary>What the program computes and the result does not, as sentences; empty where weights alone are converted.</summary>
    public IReadOnlyList<string> Notes { get; private init; } = [];

    /// <summary>True if layers stand in the result around the recurrent ones.</summary>
    public bool HasLayersAround => Planned.Any(layer => layer.IsAround);

    /// <summary>The variables of the layers around the recurrent ones.</summary>
    public IReadOnlyCollection<string> VariablesAround =>
        [
            .. Planned
                .Where(layer => layer.IsAround)
                .SelectMany(layer => layer.Cells)
                .SelectMany(cell => cell.Variables.Values)
                .Select(variable => variable.Name)
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>The Keras model that is written.</summary>
    internal Model Keras { get; }

    /// <summary>What the weights in front of gates were made for, where that is another function under one name; null where it is
    /// not.</summary>
    internal Activation? HardSigmoid { get; private init; }

    /// <summary>The layers with weights, with their recipes.</summary>
    internal IReadOnlyList<PlannedLayer> Planned { get; }

    /// <summary>The Keras code that builds the model and loads the file.</summary>
    /// <param name="path">The file to load.</param>
    public string KerasCode(string path) => KerasCode(path, KerasTarget.Default);

    /// <summary>The Keras code that makes the model of a file.</summary>
    /// <param name="path">The file to load.</param>
    /// <param name="target">Its format.</param>
    public string KerasCode(string path, KerasTarget target) => KerasCode(path, target, null);

    /// <summary>The Keras code that makes the model of a file.</summary>
    /// <param name="path">The file to load.</param>
    /// <param name="target">Its format.</param>
    /// <param name="layersPath">The module with the layers of ours; null for the one beside the file.</param>
    public string KerasCode(string path, KerasTarget target, string? layersPath) =>
        target.KerasCode(Keras, path, LayerModule(path, target, layersPath));

    /// <summary>The Python module with the layers of ours that the code imports; null where stock layers are enough.</summary>
    /// <param name="path">The file of the weights.</param>
    /// <param name="target">Its format.</param>
    /// <param name="layersPath">The module's file; null for the one beside the file.</param>
    public LayerModule? LayerModule(string path, KerasTarget target, string? layersPath) =>
        Models.KerasCode.Module(
            Keras, layersPath ?? KerasLayers.LayerModule.PathBeside(path, target.Extension), isPrinted: !target.IsWholeModel);

    /// <summary>Refuses what a format cannot hold.</summary>
    /// <param name="target">The format.</param>
    /// <exception cref="UnsupportedModelException">No layer of Keras is what a layer of the model is; all are named.</exception>
    public void RefuseFor(KerasTarget target)
    {
        if (target.Obstacles(Converter.Written(this, []).Model) is { Count: > 0 } obstacles)
        {
            throw new UnsupportedModelException(
                $"This cannot be written as a whole model{target.ForWhom}: {string.Join("; ", obstacles)}. Convert it as weights; the code that is printed builds the rest."
            );
        }
    }

    /// <summary>Writes the file, reads it back and holds every number against the source.</summary>
    /// <param name="path">The target.</param>
    /// <exception cref="OutputException">The target exists, cannot be written, or did not pass the check.</exception>
    /// <exception cref="UnreadableInputException">A weight cannot be read.</exception>
    public ConversionResult Write(string path) => Write(path, new WriteOptions(), CancellationToken.None);

    /// <summary>Writes the file.</summary>
    /// <param name="path">The target.</param>
    /// <param name="options">How to write it.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    /// <exception cref="OutputException">The target exists, cannot be written, or did not pass the check.</exception>
    /// <exception cref="UnreadableInputException">A weight cannot be read.</exception>
    public ConversionResult Write(string path, WriteOptions options, CancellationToken cancel) =>
        Converter.Convert(this, path, options, cancel);

    /// <summary>True if a file is what this plan writes: its numbers are the source's by the inverse of every recipe, and its model is the
    /// plan's.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How it would be written.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    /// <exception cref="UnreadableInputException">A weight of the source cannot be read.</exception>
    public bool IsIn(string path, WriteOptions options, CancellationToken cancel) =>
        WrittenBefore.Holds(options.Target ?? KerasTarget.Default, path, Keras, target => ReadBack.Check(this, path, target, cancel));

    /// <summary>Plans a conversion.</summary>
    /// <exception cref="UnsupportedModelException">Keras cannot express a layer; every obstacle is in the message.</exception>
    /// <exception cref="UndecidedException">Something is not decided.</exception>
    /// <exception cref="UsageException">Two layers would have one name, or a name is none.</exception>
    internal static ConversionPlan Make(RecurrentSource source, ConversionOptions options)
    {
        RefuseObstacles(source);
        source.RefuseUndecided();
        if (source.Model.Problem is { } problem)
        {
            throw new UnsupportedModelException(problem);
        }

        if (source.Options.IsStrict && !options.IsOnlyRecurrent)
        {
            RefuseParts(source, options);
        }

        RefuseNames(source.Model, options);
        var (model, layers, notes) = KerasModelBuilder.Build(source.Model, options);
        var rescaled = source.Model.Layers.Where(layer => RescaledGates.Holds(layer.Cell)).ToArray();
        return new ConversionPlan(source, model, layers)
        {
            Notes = [.. notes, .. SharedWeights(source.Model), .. rescaled.Select(layer => NoteOfGates(layer, options)).OfType<string>()],
            HardSigmoid = rescaled.Length > 0 ? options.HardSigmoid : null,
        };
    }

    /// <summary>A layer whose program feeds it what it computes of the layer's own outputs, or starts it from something of its own, does not
    /// compute alone what the program does.</summary>
    private static void RefuseParts(RecurrentSource source, ConversionOptions options)
    {
        string[] parts =
        [
            .. source.Model.Layers
                .Where(layer => layer.Found?.Feedback is not null)
                .Select(layer => $"{layer.Scope} reads what {layer.Found!.Feedback} computes from its own output"),
            .. source.Model.Layers
                .Where(layer => layer.OwnStarts.Count > 0 && !(options.IsWhole && layer.TrainedStarts is not null))
                .Select(layer => $"{layer.Scope}: {string.Join(", ", layer.OwnStarts)}"),
        ];
        if (parts.Length > 0)
        {
            throw new UndecidedException(
                $"{string.Join("; ", parts)}: its Keras layer alone is not the program, and a strict conversion does not take a part for the whole.",
                [new OnlyRecurrentRemedy(MustBeSaid: true)]);
        }
    }

    /// <summary>Layers that are one cell of the program, run several times: trained further they would differ. And one that is run on
    /// several inputs, of which the model has one.</summary>
    private static IEnumerable<string> SharedWeights(SourceModel source) =>
        source
            .Layers.Where(layer => layer.Found is { Loops: > 1 })
            .Select(layer => (layer.Scope, layer.Found!.Loops, Inputs: layer.Found.ReadByLoops))
            .Where(shared => shared.Inputs.Count > 1)
            .Select(shared => FormattableString.Invariant(
                $"{shared.Scope} is run by {shared.Loops} loops of the graph, which read {string.Join(", ", shared.Inputs)}: its layer is written once, and can be called on each"))
            .Concat(SharedRuns(source));

    private static IEnumerable<string> SharedRuns(SourceModel source) =>
        source
            .Layers.Where(layer => layer.Found is not null && layer.Cell.Variables.Count > 0)
            .GroupBy(layer => string.Join('\n', layer.Cell.Variables.Values.Select(tensor => tensor.Name)), StringComparer.Ordinal)
            .Select(runs => runs.Select(layer => layer.Scope).ToArray())
            .Where(runs => runs.Length > 1)
            .Select(runs => FormattableString.Invariant(
                $"{runs[0]} is run {runs.Length} times with the same weights: written as {runs.Length} layers ({string.Join(", ", runs)}), which compute the same and share nothing when they are trained further"));

    /// <summary>What is written for a layer whose gates have another function under one name elsewhere; null where every reader has
    /// it.</summary>
    private static string? NoteOfGates(RecurrentLayer layer, ConversionOptions options)
    {
        var isOld = layer.Cell.Find(KnownFacts.RecurrentActivation.Name)!.Value.Text == Activations.HardSigmoid.Name;
        return (isOld, options.HardSigmoid == Activations.HardSigmoid) switch
        {
            (true, true) => null,
            (false, true) =>
                $"{layer.Scope}: its gates are by x/6 + 0.5, and hard_sigmoid is 0.2x + 0.5 in {options.Target!.Loader}; the weights in front of them are multiplied by 1/1.2",
            (true, false) =>
                $"{layer.Scope}: its gates are by 0.2x + 0.5, and hard_sigmoid is x/6 + 0.5 in Keras 3; the weights in front of them are multiplied by 1.2, and are for Keras 3 alone",
            (false, false) => $"{layer.Scope}: its gates are by x/6 + 0.5, which is hard_sigmoid in Keras 3 alone: no older Keras computes the same",
        };
    }

    private static void RefuseObstacles(RecurrentSource source)
    {
        var refused = source.Model.Layers.Where(layer => layer.Obstacles.Count > 0).ToArray();
        if (refused.Length == 0)
        {
            return;
        }

        var sentences = refused.Select(layer =>
            $"{(layer.Scope.Length == 0 ? "The cell" : layer.Scope)} is {layer.CellName}: {string.Join("; ", layer.Obstacles)}.");
        throw new UnsupportedModelException(string.Join(" ", sentences), WaysOut(source, refused));
    }

    /// <summary>What a user can say where nothing else is in the way; else what leaves the layers out.</summary>
    private static IReadOnlyList<Remedy> WaysOut(RecurrentSource source, IReadOnlyList<RecurrentLayer> refused)
    {
        var ways = refused.Select(layer => layer.Obstacles.Count == 1 ? layer.Cell.Definition.WaysOut(layer.Cell) : []).ToArray();
        return ways.All(way => way.Count > 0) ? [.. ways.SelectMany(way => way)] : LeaveOut(source, refused) is { } remedy ? [remedy] : [];
    }

    /// <summary>Patterns under which the rest converts, tried; null if there are none.</summary>
    private static LeaveOutRemedy? LeaveOut(RecurrentSource source, IReadOnlyList<RecurrentLayer> refused)
    {
        var patterns = refused
            .SelectMany(layer =>
                layer.Scope.Length > 0
                && !source.Model.Layers.Any(other =>
                    !refused.Contains(other) && other.Scope.StartsWith(layer.Scope + "/", StringComparison.Ordinal))
                    ? [layer.Scope + "/*"]
                    : layer.Variables.Values.Select(variable => variable.Name))
            .Distinct(StringComparer.Ordinal)
            .ToArray();
        try
        {
            var rest = source.Without(patterns);
            return rest.Layers.Any() && rest.Questions.Count == 0 && rest.Layers.All(layer => layer.Obstacles.Count == 0)
                ? new LeaveOutRemedy(patterns)
                : null;
        }
        catch (LstmConvertException)
        {
            return null;
        }
    }

    private static void RefuseNames(SourceModel model, ConversionOptions options)
    {
        foreach (var named in options.LayerNames)
        {
            if (
                named.Scope is not { } scope
                || (
                    !model.Layers.Any(layer => layer.Scope == scope || Dialects.ScopeName.ToLayerName(layer.Scope) == scope)
                    && !model.Groups.Any(group => group.Scope == scope)
                    && !IsCommon(model, scope)))
            {
                throw new UsageException(
                    $"The scope {named.Scope} is given a layer's name, and no cell has it.{NearNames.SentenceOrAll(named.Scope ?? "", [.. model.Layers.Select(layer => layer.Scope)], "The cells are")}"
                );
            }

            if (named.Value is "" or "." or ".." || named.Value.Any(c => c == '/' || char.IsControl(c)))
            {
                throw new UsageException(
                    $"{scope} is to be called '{named.Value}': a layer's name is not empty, has no '/' and no control character, and is not '.' or '..'."
                );
            }
        }
    }

    private static bool IsCommon(SourceModel model, string scope) =>
        model.Layers.Count(layer => layer.Scope.StartsWith(scope + "/", StringComparison.Ordinal)) > 1;
}

/// <summary>One Keras layer of a result.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ClassName">Keras's class.</param>
/// <param name="Weights">Its weights in order.</param>
public sealed record LayerSummary(string Name, string ClassName, IReadOnlyList<WeightSummary> Weights);

/// <summary>One weight of a result.</summary>
/// <param name="Path">Its path in the file, below the layer's group.</param>
/// <param name="DType">The type it is written with.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Recipe">How it is made, in words.</param>
public sealed record WeightSummary(string Path, DType DType, Shape Shape, string Recipe)
{
    /// <summary>The recipe as a sentence says it: <c>the rows x of kernel, its blocks of gate columns reordered from i j f o to i f c
    /// o</c>.</summary>
    public string Words { get; init; } = Recipe;
}

/// <summary>Plans conversions of opened sources.</summary>
public static class Planning
{
    /// <summary>Plans the conversion of everything that was recognised.</summary>
    /// <param name="source">The source.</param>
    /// <exception cref="UnsupportedModelException">Keras cannot express a layer; every obstacle is in the message.</exception>
    /// <exception cref="UndecidedException">Something is not decided.</exception>
    public static ConversionPlan Plan(this RecurrentSource source) => ConversionPlan.Make(source, new ConversionOptions());

    /// <summary>Plans the conversion of everything that was recognised.</summary>
    /// <param name="source">The source.</param>
    /// <param name="options">How the result is to look.</param>
    /// <exception cref="UnsupportedModelException">Keras cannot express a layer; every obstacle is in the message.</exception>
    /// <exception cref="UndecidedException">Something is not decided.</exception>
    /// <exception cref="UsageException">Two layers would have one name, or a name is none.</exception>
    public static ConversionPlan Plan(this RecurrentSource source, ConversionOptions options) => ConversionPlan.Make(source, options);
}
