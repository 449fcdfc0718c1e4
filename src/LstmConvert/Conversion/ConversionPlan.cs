using LstmConvert.Cells;
using LstmConvert.Layouts;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>How the result is to look.</summary>
public sealed record ConversionOptions
{
    /// <summary>Names of layers by scope (<c>--layer</c>).</summary>
    public IReadOnlyList<Scoped<string>> LayerNames { get; init; } = [];

    /// <summary>True writes both directions as one Keras Bidirectional where the sizes are equal, false as two layers.</summary>
    public bool MergeBidirectional { get; init; } = true;
}

/// <summary>One weight of the result.</summary>
/// <param name="Path">Its path below the layer's group: <c>rnn_fw/kernel:0</c>.</param>
/// <param name="Recipe">How it is made.</param>
/// <param name="Arrangement">The same, worked out for the shapes.</param>
/// <param name="DType">The type it is written with.</param>
/// <param name="Cell">The cell it comes from.</param>
public sealed record PlannedWeight(string Path, WeightRecipe Recipe, Arrangement Arrangement, DType DType, RecognizedCell Cell);

/// <summary>One Keras layer of the result.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ClassName"><c>LSTM</c>, <c>GRU</c>, <c>SimpleRNN</c>, <c>Dense</c> or <c>Bidirectional</c>.</param>
/// <param name="Cells">The cell, or the forward and the backward one.</param>
/// <param name="Weights">The weights, in the order of <c>get_weights()</c>.</param>
public sealed record PlannedLayer(string Name, string ClassName, IReadOnlyList<RecognizedCell> Cells, IReadOnlyList<PlannedWeight> Weights);

/// <summary>A conversion: every name, shape and dtype of the result, before a byte of a weight is read.</summary>
/// <param name="Model">What was recognised.</param>
/// <param name="Layers">The layers of the result.</param>
public sealed record ConversionPlan(RecognizedModel Model, IReadOnlyList<PlannedLayer> Layers)
{
    /// <summary>Activations that both frameworks have, and that can be verified.</summary>
    private static readonly string[] Activations = ["tanh", "relu", "sigmoid", "linear", "identity", "softsign", "softplus", "elu", "relu6", "selu"];

    /// <summary>The size of all weights of the result, in bytes.</summary>
    public long ByteCount => Layers.Sum(layer => layer.Weights.Sum(weight => weight.Arrangement.Shape.ElementCount * weight.DType.ItemSize()));

    /// <summary>Plans the conversion of recognised cells.</summary>
    /// <param name="model">The cells.</param>
    /// <param name="options">How the result is to look.</param>
    /// <exception cref="UnsupportedModelException">Keras cannot express a cell.</exception>
    /// <exception cref="UsageException">Two layers would have one name, or a name is none.</exception>
    public static ConversionPlan Make(RecognizedModel model, ConversionOptions options)
    {
        foreach (var cell in model.Cells)
        {
            Refuse(cell);
        }

        foreach (var named in options.LayerNames)
        {
            if (named.Scope is not { } scope || (!model.Cells.Any(cell => cell.Scope == scope || LayerName.Of(cell.Scope) == scope) && !model.Groups.Any(group => group.Scope == scope)))
            {
                throw new UsageException($"--layer names the scope {named.Scope}, and no cell has it. The cells are {string.Join(", ", model.Cells.Select(cell => cell.Scope))}.");
            }

            if (named.Value.Length == 0 || named.Value.Contains('/', StringComparison.Ordinal))
            {
                throw new UsageException($"--layer {scope}={named.Value}: a layer's name is not empty and has no '/'.");
            }
        }

        var layers = model.Groups.SelectMany(group => LayersOf(group, options)).ToArray();
        return layers.CountBy(layer => layer.Name, StringComparer.Ordinal).FirstOrDefault(pair => pair.Value > 1) is { Key: { } twice }
            ? throw new UsageException($"Two layers would be called {twice}. Name one of them with --layer SCOPE=NAME.")
            : new ConversionPlan(model, layers);
    }

    private static void Refuse(RecognizedCell cell)
    {
        var definition = CellCatalog.Find(cell.CellName);
        var infos = cell.Variables.ToDictionary(role => role.Key, role => role.Value.Info, StringComparer.Ordinal);
        var obstacle = definition.Obstacle(infos)
            ?? (cell.CellClip is { } cellClip ? $"cell_clip {cellClip.ToText()} ({cellClip.Detail}): no Keras layer clips its cell state" : null)
            ?? (cell.ProjectionClip is { } projectionClip ? $"proj_clip {projectionClip.ToText()} ({projectionClip.Detail}): no Keras layer clips its output" : null);
        if (cell.Activation.Evidence == EvidenceKind.Option && !Activations.Contains(cell.Activation.Value))
        {
            throw new UsageException($"--activation {cell.Activation.Value}: no such activation is known. Known are {string.Join(", ", Activations)}.");
        }

        obstacle ??= Activations.Contains(cell.Activation.Value) ? null
            : $"the activation {cell.Activation}, which is not known to be one that every Keras has under that name (known are {string.Join(", ", Activations)})";
        if (obstacle is not null)
        {
            throw new UnsupportedModelException($"{cell.Scope} is {cell.CellName} with {obstacle}. Leave it out with --exclude '{cell.Scope}/*'.");
        }
    }

    private static IEnumerable<PlannedLayer> LayersOf(RecognizedGroup group, ConversionOptions options)
    {
        if (group.Wiring == Wiring.Chain)
        {
            return group.Cells.SelectMany(cell => Single(cell, options));
        }

        // Two stacks that meet only at their end are two chains of Keras layers; pairs at every level may be merged.
        var levels = group.Cells.GroupBy(cell => cell.Level).ToArray();
        var canMerge = options.MergeBidirectional && (group.Wiring == Wiring.StackBidirectional || levels.Length == 1);
        return levels.SelectMany(level => level.ToArray() is [var forward, var backward] && canMerge && IsAlike(forward, backward)
            ? [Merged(group, level.Key, levels.Length, forward, backward, options)]
            : level.SelectMany(cell => Single(cell, options)));
    }

    private static bool IsAlike(RecognizedCell forward, RecognizedCell backward) =>
        forward.CellName == backward.CellName && forward.Units == backward.Units && forward.Projection is null && backward.Projection is null
        && forward.Activation.Value == backward.Activation.Value && forward.Variables.Values.First().DType == backward.Variables.Values.First().DType;

    private static PlannedLayer Merged(RecognizedGroup group, int level, int levels, RecognizedCell forward, RecognizedCell backward, ConversionOptions options)
    {
        var scope = levels == 1 && group.Scope.Length > 0 ? group.Scope : CommonScope(forward.Scope, backward.Scope);
        if (scope.Length == 0 || (levels > 1 && scope == group.Scope))
        {
            scope = levels > 1 ? $"bidirectional_{level}" : "bidirectional";
        }

        var name = options.LayerNames.LastOrDefault(option => option.Scope == scope || option.Scope == group.Scope)?.Value ?? LayerName.Of(scope);
        var inner = CellCatalog.Find(forward.CellName).Recipes(Sizes(forward))[0].ClassName.ToLowerInvariant();
        return new PlannedLayer(name, "Bidirectional", [forward, backward],
            [.. Weights(forward, 0, $"{name}/forward_{inner}/"), .. Weights(backward, 0, $"{name}/backward_{inner}/")]);
    }

    private static string CommonScope(string a, string b)
    {
        var (left, right) = (a.Split('/'), b.Split('/'));
        return string.Join('/', left.Zip(right).TakeWhile(pair => pair.First == pair.Second).Select(pair => pair.First));
    }

    private static IEnumerable<PlannedLayer> Single(RecognizedCell cell, ConversionOptions options)
    {
        var name = options.LayerNames.LastOrDefault(option => option.Scope == cell.Scope || option.Scope == LayerName.Of(cell.Scope))?.Value ?? LayerName.Of(cell.Scope);
        return CellCatalog.Find(cell.CellName).Recipes(Sizes(cell)).Select((recipe, k) =>
            new PlannedLayer(name + recipe.NameSuffix, recipe.ClassName, [cell], [.. Weights(cell, k, $"{name}{recipe.NameSuffix}/")]));
    }

    private static IEnumerable<PlannedWeight> Weights(RecognizedCell cell, int recipe, string prefix)
    {
        var binding = Bind(cell);
        return CellCatalog.Find(cell.CellName).Recipes(Sizes(cell))[recipe].Weights.Select(weight =>
            new PlannedWeight($"{prefix}{weight.Name}:0", weight, weight.Derivation.Resolve(binding), cell.Variables.Values.First().DType.Written(), cell));
    }

    private static CellSizes Sizes(RecognizedCell cell) => new(cell.Units, cell.InputSize, cell.Projection);

    private static Binding Bind(RecognizedCell cell)
    {
        // The kernel that meets input and recurrent input is the one with rows for both.
        var rows = (long)cell.InputSize + cell.OutputSize;
        return new Binding(
            cell.Variables.ToDictionary(
                role => role.Key,
                role => new BoundVariable(role.Value.Info, role.Value.Shape is { Rank: 2 } shape && shape[0] == rows ? SymbolicShape.Parse($"(x+h, {shape[1]})") : null),
                StringComparer.Ordinal),
            new Dictionary<char, long> { ['x'] = cell.InputSize, ['h'] = cell.OutputSize },
            cell.ForgetBias is { } forgetBias ? new Dictionary<string, double> { ["forget_bias"] = forgetBias.Value } : new Dictionary<string, double>());
    }
}
