using System.IO.Compression;
using System.IO.Enumeration;
using System.Numerics;
using System.Runtime.InteropServices;
using LstmConvert.Arrays;
using LstmConvert.Cells;
using LstmConvert.Dialects;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.Files;
using LstmConvert.Formats.Checkpoints;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>How variables are made of a Keras file.</summary>
public sealed record ReverseOptions
{
    /// <summary>The kind of cell that gets the weights; null for what the file notes, else the usual cell for each layer.</summary>
    public string? Cell { get; init; }

    /// <summary>The scope of the variables; null for what the file notes, else the layer's name.</summary>
    public string? Scope { get; init; }

    /// <summary>Patterns of the names of layers, with * and ?; layers that match none are left out. Empty for all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of the names of layers that are left out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>What the cell adds to its forget gate as it runs; null for what the file notes, else the cell's default.</summary>
    public double? ForgetBias { get; init; }
}

/// <summary>A cell of TensorFlow made of a Keras layer.</summary>
/// <param name="Layer">The Keras layer.</param>
/// <param name="CellName">The cell.</param>
/// <param name="Scope">The scope of its variables.</param>
/// <param name="Facts">What the program must give the cell, as text: <c>forget_bias = 1</c>.</param>
/// <param name="Variables">The variables.</param>
public sealed record ReversedCell(
    string Layer,
    string CellName,
    string Scope,
    IReadOnlyList<string> Facts,
    IReadOnlyList<Tensor> Variables)
{
    /// <summary>The facts that are not what is assumed of such a cell, direction apart: a command on the variables must say them.</summary>
    public IReadOnlyList<(string Name, string Value)> Unusual { get; init; } = [];

    /// <summary>True for a cell that walks a sequence from its end.</summary>
    public bool IsBackward { get; init; }
}

/// <summary>The way back: the recurrent layers of a Keras file as the variables that TensorFlow's cells have, by the inverse of the same
/// recipes.</summary>
public sealed class ReverseConversion
{
    /// <summary>Cells with more optional variables are not tried in every way.</summary>
    private const int MaximumOptional = 15;

    private readonly ReverseOptions options;
    private readonly string path;
    private readonly List<ReversedCell> cells = [];
    private readonly List<LeftOut> leftOut = [];

    private ReverseConversion(string path, ReverseOptions options) => (this.path, this.options) = (path, options);

    /// <summary>The cells.</summary>
    public IReadOnlyList<ReversedCell> Cells => cells;

    /// <summary>True if the file notes which cells its layers were made of: its variables get the names that these had.</summary>
    public bool IsNoted { get; private set; }

    /// <summary>Patterns that match no layer with weights.</summary>
    public IReadOnlyList<string> Unmatched { get; private set; } = [];

    /// <summary>Layers that are no recurrent ones, or not asked for, each with the reason.</summary>
    public IReadOnlyList<LeftOut> LeftOut => leftOut;

    /// <summary>Makes the variables.</summary>
    /// <param name="path">A Keras file of any kind that describes its model.</param>
    /// <param name="options">What is wanted.</param>
    /// <exception cref="UnreadableInputException">The file cannot be read.</exception>
    /// <exception cref="UnsupportedModelException">It describes no model, or a layer's weights are no such cell's.</exception>
    public static ReverseConversion Of(string path, ReverseOptions options)
    {
        using var file = KerasFile.Open(path);
        var model = file.ReadModel()
            ?? throw new UnsupportedModelException(
                $"{path} ({file.Format}) holds weights alone: no file says which activations its layers have, or in which direction they run. Name the whole model, or a weights file that lstmconvert wrote."
            );
        var reverse = new ReverseConversion(path, options);
        var notes = file.Layers.ToLookup(layer => layer.Name, StringComparer.Ordinal);
        reverse.IsNoted = file.Layers.Any(layer => layer.Scopes.Count > 0);
        if (
            file
                .Layers.SelectMany(layer => layer.Scopes.Select(scope => (scope, layer.Name)))
                .GroupBy(one => one.scope, StringComparer.Ordinal)
                .FirstOrDefault(group => group.Count() > 1) is
            { } projected)
        {
            throw new UnsupportedModelException(
                $"{path}: {string.Join(" and ", projected.Select(one => one.Name))} were made of one cell with a projection; the recurrent kernel is a product with it, and does not come back."
            );
        }

        var layers = StoredWeights.Leaves(model)
            .Where(leaf => leaf.Use.Stored.Count > 0)
            .Select(leaf => (Name: string.Join('/', leaf.Path), leaf.Use, Noted: notes[leaf.Path[^1]].FirstOrDefault()))
            .ToArray();
        reverse.Unmatched = [.. options.Include.Concat(options.Exclude).Where(pattern => !layers.Any(layer => Matches(pattern, layer.Name)))];
        reverse.AddAll(layers);
        reverse.leftOut.AddRange(file.LeftOver.Select(left => new LeftOut(left, "no layer of the file has it")));
        if (reverse.cells.Count == 0)
        {
            throw new UnsupportedModelException(
                $"{path} has no recurrent layer that a cell of TensorFlow is{(options.Include.Count + options.Exclude.Count > 0 ? ", of those that are asked for" : "")}.");
        }

        return reverse;
    }

    /// <summary>Writes a folder of <c>.npy</c> files, an <c>.npz</c>, or a V2 checkpoint of that prefix.</summary>
    /// <param name="target">An existing folder, or a path that ends in <c>/</c>; a name that ends in <c>.npz</c>; else a prefix.</param>
    /// <param name="overwrite">True replaces files.</param>
    /// <returns>The files.</returns>
    /// <exception cref="OutputException">A file exists, or cannot be written.</exception>
    public IReadOnlyList<string> Write(string target, bool overwrite)
    {
        var variables = cells.SelectMany(cell => cell.Variables).ToArray();
        if (variables.GroupBy(variable => variable.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new UsageException($"Two cells would have a variable {twice.Key}. Give them scopes of their own.");
        }

        RefuseNames(variables);
        if (target.Length == 0)
        {
            throw new UsageException("The target has no name. Name a folder, an .npz, or the prefix of a checkpoint.");
        }

        if (Directory.Exists(target) || target.EndsWith('/') || target.EndsWith(Path.DirectorySeparatorChar))
        {
            var files = variables
                .Select(variable => Path.Combine(target, variable.Name.Replace('/', Path.DirectorySeparatorChar) + ".npy"))
                .ToArray();
            foreach (var file in files)
            {
                OutputFile.Check(file, overwrite);
                OutputFile.RefuseSources(file, () => [path]);
            }

            foreach (var (file, variable) in files.Zip(variables))
            {
                OutputFile.Write(file, overwrite, temporary =>
                {
                    using var stream = EmptyFile.Open(temporary);
                    Write(stream, variable);
                    return 0;
                });
            }

            return files;
        }

        if (target.EndsWith(".npz", StringComparison.OrdinalIgnoreCase))
        {
            OutputFile.RefuseSources(target, () => [path]);
            OutputFile.Write(target, overwrite, temporary =>
            {
                using var zip = new ZipArchive(EmptyFile.Open(temporary), ZipArchiveMode.Create);
                foreach (var variable in variables)
                {
                    using var stream = zip.CreateEntry(variable.Name + ".npy", CompressionLevel.NoCompression).Open();
                    Write(stream, variable);
                }

                return 0;
            });
            return [target];
        }

        foreach (var file in new[] { target + ".index", target + ".data-00000-of-00001" })
        {
            OutputFile.RefuseSources(file, () => [path]);
        }

        CheckpointV2Writer.Write(target, variables, overwrite);
        return [target + ".index", target + ".data-00000-of-00001"];
    }

    /// <summary>A name becomes a path below the target and nowhere else, whatever stands in the file.</summary>
    private void RefuseNames(Tensor[] variables)
    {
        if (
            Array.Find(variables, variable =>
                variable.Name.Contains('\0', StringComparison.Ordinal)
                || variable.Name.Split('/', '\\').Any(part => part is "" or "." or "..")) is
            { } outside)
        {
            throw new UsageException(
                $"{path}: a variable would be called {PythonText.Quoted(outside.Name)}, which is no name of a variable: it has an empty part, '.', '..' or a NUL. Give the scope a name of your own."
            );
        }
    }

    private static void Write(Stream stream, Tensor variable)
    {
        stream.Write(NpzTarget.Header(variable.DType, variable.Shape));
        new WeightStream(null, CancellationToken.None).Copy(variable, block => stream.Write(block.Span));
    }

    /// <summary>Adds the layers that are wanted; those that do not go back are refused together, with what leaves them out if the rest
    /// goes back.</summary>
    private void AddAll(IReadOnlyList<(string Name, KerasUse Use, KerasFileLayer? Noted)> layers)
    {
        var refused = new List<(string Name, UnsupportedModelException Reason)>();
        foreach (var (name, use, noted) in layers)
        {
            if (
                options.Exclude.Any(pattern => Matches(pattern, name))
                || (options.Include.Count > 0 && !options.Include.Any(pattern => Matches(pattern, name))))
            {
                leftOut.Add(new LeftOut(name, "not asked for"));
                continue;
            }

            var before = cells.Count;
            try
            {
                Add(name, use, noted);
            }
            catch (UnsupportedModelException e)
            {
                cells.RemoveRange(before, cells.Count - before);
                refused.Add((name, e));
            }
        }

        if (refused.Count > 0)
        {
            throw new UnsupportedModelException(
                string.Join(" ", refused.Select(one => one.Reason.Message)),
                [
                    .. cells.Count > 0 ? [new LeaveOutRemedy([.. refused.Select(one => one.Name)])] : Array.Empty<Remedy>(),
                    .. OtherCells(layers, refused.Select(one => one.Reason)),
                ],
                refused[0].Reason);
        }
    }

    /// <summary>The cells that every layer goes back to, among those that one which does not could be; tried.</summary>
    private IEnumerable<Remedy> OtherCells(
        IReadOnlyList<(string Name, KerasUse Use, KerasFileLayer? Noted)> layers,
        IEnumerable<UnsupportedModelException> refusals)
    {
        var possible = refusals.SelectMany(e => e.Remedies.OfType<SayCellRemedy>()).SelectMany(remedy => remedy.Cells).Distinct().ToArray();
        string[] working = [.. possible.Where(cell => GoesBackAs(cell, layers))];
        return working.Length == 0 ? [] : [new SayCellRemedy("", working)];
    }

    private bool GoesBackAs(string cell, IReadOnlyList<(string Name, KerasUse Use, KerasFileLayer? Noted)> layers)
    {
        try
        {
            var other = new ReverseConversion(path, options with { Cell = cell });
            foreach (var (name, use, noted) in layers.Where(layer => leftOut.TrueForAll(left => left.Name != layer.Name)))
            {
                other.Add(name, use, noted);
            }

            return true;
        }
        catch (LstmConvertException)
        {
            return false;
        }
    }

    private static bool Matches(string pattern, string name) =>
        FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    private void Add(string name, KerasUse use, KerasFileLayer? noted)
    {
        var single = use.Layer.Today is { } today ? StoredWeights.FromArrays(today(StoredWeights.Loaded(use, path)), name) : use;
        if (Bidirectional.Is(single))
        {
            var first = single.Inner[0].WeightDefinitions.Count;
            AddOne(name, $"{name}/fw", single.Inner[0] with { Stored = [.. single.Stored.Take(first)] }, noted, 0);
            AddOne(name, $"{name}/bw", single.Inner[1] with { Stored = [.. single.Stored.Skip(first)] }, noted, 1);
        }
        else
        {
            AddOne(name, name, single, noted, 0);
        }
    }

    private void AddOne(string layer, string name, KerasUse use, KerasFileLayer? noted, int half)
    {
        if (Rnn.Layers(use) is { } layers)
        {
            foreach (var (suffix, own) in layers)
            {
                AddOne(layer, name + suffix, own, noted, half);
            }

            return;
        }

        var notedName = noted?.Provenance.GetValueOrDefault("cell")?.Split(", ") is { } names && half < names.Length ? names[half] : null;
        var cell = options.Cell is { } said ? CellCatalog.Find(said)
            : notedName is not null && CellCatalog.All.Any(one => one.Name == notedName) ? CellCatalog.Find(notedName)
            : CellCatalog.All.FirstOrDefault(one => one.GoesBack(use));
        if (cell is null || !use.IsRecurrent)
        {
            leftOut.Add(new LeftOut(layer, $"{use.ClassName}, which is no cell of TensorFlow"));
            return;
        }

        var facts =
            noted is { } file && half < file.Facts.Count ? file.Facts[half] : new Dictionary<string, string>(StringComparer.Ordinal);
        var scope =
            options.Scope is { } wanted
                ? (half == 0 && !name.EndsWith("/fw", StringComparison.Ordinal) && cells.Count == 0 ? wanted : $"{wanted}/{name}")
            : noted is not null && half < noted.Scopes.Count ? noted.Scopes[half]
            : name;
        cells.Add(Reversed(cell, layer, scope, use, facts));
    }

    /// <summary>The weights as they are, if the cell has a place for each; else those that compute the same with as many zeros as can
    /// be.</summary>
    private ReversedCell Reversed(Cell cell, string layer, string scope, KerasUse use, IReadOnlyDictionary<string, string> noted)
    {
        try
        {
            return AsItIs(cell, layer, scope, use, noted);
        }
        catch (UnsupportedModelException) when (WithBias(use, layer) is { } biased)
        {
            return AsItIs(cell, layer, scope, biased, noted);
        }
        catch (UnsupportedModelException) when (use.Layer.Simplest is not null)
        {
            return AsItIs(
                cell,
                layer,
                scope,
                StoredWeights.FromArrays(use.Layer.Simplest!(StoredWeights.Loaded(use, path)), layer),
                noted);
        }
    }

    /// <summary>A layer without a bias as one whose bias is zero, which no cell of TensorFlow 1 is without; null if it has one, or is
    /// none of these layers.</summary>
    private static KerasUse? WithBias(KerasUse use, string layer)
    {
        var biased = use.With(RecurrentArguments.UseBias.Name, FactValue.Of(true));
        return use.Is(RecurrentArguments.UseBias.Name)
            || !use.Layer.Arguments.Contains(RecurrentArguments.UseBias)
            || use.Stored.Count == 0
            || biased.WeightDefinitions.Count != use.Stored.Count + 1
            ? null
            : biased with { Stored = [.. use.Stored, Zeros(BiasOf(biased, layer, use.Stored[0].DType.Written()))] };
    }

    private static TensorInfo BiasOf(KerasUse use, string layer, DType dtype)
    {
        var bias = use.WeightDefinitions[^1];
        return new TensorInfo($"{layer}/{bias.Name}", dtype, new Shape([.. bias.Dimensions(0).Select(length => (long)length)]));
    }

    private ReversedCell AsItIs(Cell cell, string layer, string scope, KerasUse use, IReadOnlyDictionary<string, string> noted)
    {
        var (found, problem) = Fitting(cell, scope, use, noted);
        if (found is not var (bound, recipe))
        {
            throw No(cell, layer, use, problem);
        }

        var weights = recipe.Weights.Zip(use.Stored).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
        var arrangements = recipe.Weights.ToDictionary(
            weight => weight.Name,
            weight => weight.Derivation.Resolve(KerasModelBuilder.Bind(bound)),
            StringComparer.Ordinal);
        var unread = cell.Unread(bound);
        var inverse = Inverse.Of(
            arrangements,
            bound
                .Variables.Where(variable => !unread.Contains(variable.Key))
                .ToDictionary(variable => variable.Key, variable => variable.Value.Info, StringComparer.Ordinal));
        var variables = bound
            .Variables.Select(variable =>
                unread.Contains(variable.Key)
                    ? Zeros(variable.Value.Info)
                    : Filled(variable.Key, variable.Value.Info, inverse, weights)
                        ?? throw No(cell, layer, use, $"not every number of {variable.Value.Name} stands in the weights alone"))
            .ToArray();
        RefuseOther(
            cell,
            layer,
            use,
            recipe,
            bound with
            {
                Variables = variables
                    .Zip(bound.Variables.Keys)
                    .ToDictionary(pair => pair.Second, pair => (Tensor)pair.First, StringComparer.Ordinal),
            },
            arrangements,
            weights);
        return new ReversedCell(
            layer,
            cell.Name,
            scope,
            [
                .. bound
                    .Facts.Where(fact => fact.Name != KnownFacts.Direction.Name || fact.Value.Text != "forward")
                    .Select(fact => $"{fact.Name} = {fact.Value}"),
            ],
            variables)
        {
            Unusual =
            [
                .. bound.Facts
                    .Where(fact =>
                        fact.Name != KnownFacts.Direction.Name
                        && !(fact.Definition.OnlyIfShown && fact.Value.Text == Activations.Sigmoid.Name)
                        && fact.Definition.Assumed(cell.Name, ScopeName.Component(cell.Name), "kernel")?.Value != fact.Value)
                    .Select(fact => (fact.Name, fact.Value.ToString())),
            ],
            IsBackward = bound.IsBackward,
        };
    }

    /// <summary>The cell with those of its optional variables with which it becomes the layer, and the recipe of that; else why there are
    /// none.</summary>
    private ((BoundCell Bound, LayerRecipe Recipe)?, string Problem) Fitting(
        Cell cell,
        string scope,
        KerasUse use,
        IReadOnlyDictionary<string, string> noted)
    {
        var problem = "no recipe makes such a layer of it";
        foreach (var optional in Optionals(cell, use))
        {
            var bound = Bind(cell, scope, use, noted, optional);
            if (cell.Obstacle(bound) is not null || cell.ToKeras is not { } toKeras)
            {
                continue;
            }

            // A file of an older Keras has the cell's own function: nothing was multiplied.
            var recipes =
                Computing(use)[RecurrentArguments.RecurrentActivation.Name].Text == Activations.HardSigmoid.Name
                    ? toKeras(bound) : bound.Recipes!;
            if (
                recipes is [var recipe]
                && recipe.Weights.Count == use.Stored.Count
                && recipe.Weights.All(weight => weight.Derivation.Roles.All(bound.Has))
                && IsAlike(recipe.Use, use))
            {
                if (OtherActivation(recipe.Use, use) is { } argument)
                {
                    problem = $"the cell's {argument} is {recipe.Use[argument]} always, and the layer's is {use[argument]}";
                    continue;
                }

                return ((bound, recipe), "");
            }

            problem = $"it becomes {string.Join(" and ", recipes.Select(one => one.Layer.ClassName))} with other arguments";
        }

        return (null, problem);
    }

    /// <summary>Sets of optional variables: of a stock layer its bias alone; of a cell of ours every set, the smallest first.</summary>
    private static IEnumerable<HashSet<string>> Optionals(Cell cell, KerasUse use)
    {
        string[] optional = [.. cell.Variables.Where(role => role.IsOptional).Select(role => role.Name)];
        IReadOnlyList<string>[] choices =
        [
            .. cell.Together,
            .. optional.Where(role => !cell.Together.Any(roles => roles.Contains(role))).Select(role => new[] { role }),
        ];
        return !use.Inner.Any(inner => inner.Layer.IsOurs) || choices.Length > MaximumOptional
            ?
            [
                [.. optional.Where(role => role == RecurrentWeights.Bias && use.Is(RecurrentArguments.UseBias.Name))],
            ]
            : Enumerable
                .Range(0, 1 << choices.Length)
                .OrderBy(bits => BitOperations.PopCount((uint)bits))
                .Select(bits =>
                    choices.Where((_, k) => (bits & (1 << k)) != 0).SelectMany(roles => roles).ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>An activation that the layer made of a cell has otherwise, whatever the program gives the cell; null where there is
    /// none.</summary>
    private static string? OtherActivation(KerasUse made, KerasUse use) =>
        made.Layer.Arguments.FirstOrDefault(argument => argument.IsActivation && made[argument.Name] != use[argument.Name])?.Name;

    /// <summary>True if two layers compute alike but for how they walk the sequence; the activations of a stock layer are the program's to
    /// give.</summary>
    private static bool IsAlike(KerasUse made, KerasUse use) =>
        made.ClassName == use.ClassName
        && made.Layer.Arguments.All(argument =>
            RecurrentArguments.OfLoops.Contains(argument) || argument.IsActivation || made[argument.Name] == use[argument.Name])
        && made.Inner.Count == use.Inner.Count
        && made.Inner.Zip(use.Inner)
            .All(both =>
                both.First.ClassName == both.Second.ClassName
                && both.First.Layer.Arguments.All(argument => both.First[argument.Name] == both.Second[argument.Name]));

    private static MemoryTensor Zeros(TensorInfo info) =>
        new(info, new byte[checked((int)(info.Shape.ElementCount * info.DType.ItemSize()))]);

    /// <summary>The way there must give the layer's weights again: numbers that the cell has no place for are no rounding.</summary>
    private void RefuseOther(
        Cell cell,
        string layer,
        KerasUse use,
        LayerRecipe recipe,
        BoundCell bound,
        Dictionary<string, Arrangement> arrangements,
        Dictionary<string, Tensor> weights)
    {
        foreach (var weight in recipe.Weights)
        {
            var again = new double[weights[weight.Name].Shape.ElementCount];
            Transform.Fill<double>(arrangements[weight.Name], bound.Variables, 0, (int)weights[weight.Name].Shape.Rows, again);
            var there = weights[weight.Name].ToDoubles();
            var limit = weights[weight.Name].DType == DType.Float64 ? 1e-15 : 2e-7;
            if (
                again.Zip(there).FirstOrDefault(pair => !(Math.Abs(pair.First - pair.Second) <= limit * Math.Max(1, Math.Abs(pair.Second))))
                    is (var one, var other)
                && one != other)
            {
                throw No(cell, layer, use, $"its {weight.Name} holds {other} where such a cell gives {one}");
            }
        }
    }

    private UnsupportedModelException No(Cell cell, string layer, KerasUse use, string why)
    {
        string[] others = [.. CellCatalog.All.Where(one => one != cell && one.GoesBack(use)).Select(one => one.Name)];
        return new UnsupportedModelException(
            $"{path}: {layer} ({use.ClassName}) does not go back to a {cell.Name}: {why}.",
            others.Length == 0 ? [] : [new SayCellRemedy("", others)]);
    }

    /// <summary>A cell with the sizes of the layer; its variables have names and shapes, and no numbers yet.</summary>
    private BoundCell Bind(Cell cell, string scope, KerasUse layer, IReadOnlyDictionary<string, string> noted, HashSet<string> optional)
    {
        var use = Computing(layer);
        var (units, inputs) = ((long)use.Units, layer.Stored[0].Shape[0]);
        var output = use.WidthFor([(int)inputs]) ?? units;
        var sizes = new Dictionary<char, long>(CellSizes.Unknown)
        {
            ['u'] = units,
            ['x'] = inputs,
            ['h'] = output,
            ['p'] = output,
            ['o'] = output,
        };
        foreach (var size in cell.SizesByDefault.Where(size => !sizes.ContainsKey(size.Letter) && sizes.ContainsKey(size.Equal)))
        {
            sizes[size.Letter] = sizes[size.Equal];
        }

        foreach (
            var (letter, size) in use
                .WeightDefinitions.SelectMany(weight => weight.Sizes)
                .Where(one => cell.LettersOfLayer.Contains(one.Key)))
        {
            sizes[letter] = size;
        }

        var dtype = layer.Stored[0].DType;
        var variables = cell
            .Variables.Where(role => !role.IsOptional || optional.Contains(role.Name))
            .ToDictionary(
                role => role.Name,
                role =>
                    (Tensor)
                        new MemoryTensor(new TensorInfo($"{scope}/{role.Name}", dtype.Written(), ShapeOf(cell, role, use, sizes)), default),
                StringComparer.Ordinal);
        var facts = cell
            .Facts.Where(fact => fact.OnlyWith is null || optional.Contains(fact.OnlyWith))
            .Select(fact => Fact(fact, cell, use, noted))
            .OfType<Fact>()
            .ToList();
        facts.Add(
            new Fact(
                KnownFacts.Direction,
                FactValue.Of(layer.IsBackward ? "backward" : "forward"),
                new Evidence(EvidenceKind.Configuration)));
        var bound = new BoundCell(cell, scope, variables, sizes, facts);

        // No TensorFlow has Keras 3's function: the cell gets the one that it has, and the weights in front of it go back.
        return
            layer.Inner.Count <= 1
            && bound.Find(KnownFacts.RecurrentActivation.Name) is { Value.Text: { } name } gates
            && name == Activations.HardSigmoid3.Name
            ? bound.With(gates with { Value = FactValue.Of(Activations.HardSigmoid.Name) })
            : bound;
    }

    /// <summary>What computes in a layer: the cell inside, or the layer itself.</summary>
    private static KerasUse Computing(KerasUse layer) => layer.Inner is [var inner] ? inner : layer;

    private static Shape ShapeOf(Cell cell, Role role, KerasUse use, Dictionary<char, long> sizes) =>
        role.Shape.Length > 0
        && SymbolicShape.Parse(role.Shape) is var shape
        && shape.Axes.All(axis => axis.Terms.All(term => term.Letter is not { } letter || sizes.ContainsKey(letter)))
            ? shape.Resolve(sizes)
            : throw new UnsupportedModelException(
                $"The sizes of a {cell.Name} ({role.Name} {role.Shape}) do not follow from those of a {use.ClassName}: it does not go back."
            );

    private Fact? Fact(FactDefinition fact, Cell cell, KerasUse use, IReadOnlyDictionary<string, string> noted) =>
        fact.Name == KnownFacts.ForgetBias.Name && options.ForgetBias is { } bias
            ? new Fact(fact, FactValue.Of(bias), new Evidence(EvidenceKind.Option))
        : use.Layer.Arguments.Any(argument => argument.Name == fact.Name)
            ? new Fact(fact, use[fact.Name], new Evidence(EvidenceKind.Configuration))
        : noted.TryGetValue(fact.Name, out var text) ? new Fact(fact, fact.Read(text), new Evidence(EvidenceKind.Configuration))
        : fact.OnlyIfShown ? null
        : fact is LimitFact ? new Fact(fact, FactValue.None, new Evidence(EvidenceKind.Configuration))
        : fact.Assumed(cell.Name, ScopeName.Component(cell.Name), "kernel");

    /// <summary>A variable with every number from the weights; null where one is missing.</summary>
    private static MemoryTensor? Filled(string role, TensorInfo info, Inverse inverse, Dictionary<string, Tensor> weights)
    {
        var count = checked((int)info.Shape.ElementCount);
        var (values, isThere) = (new double[count], new bool[count]);
        foreach (var part in inverse.Parts.Where(part => part.Role == role))
        {
            var arrangement = part.Arrangement;
            var (rows, width) = ((int)arrangement.Shape.Rows, (int)part.View.Width);
            var block = new double[checked(rows * width)];
            if (info.DType == DType.Float64)
            {
                Transform.Fill<double>(arrangement, weights, 0, rows, block);
            }
            else
            {
                var singles = new float[block.Length];
                Transform.Fill<float>(arrangement, weights, 0, rows, singles);
                block = Array.ConvertAll(singles, value => (double)value);
            }

            foreach (var piece in part.Blocks)
            {
                for (var row = piece.Row; row < piece.Row + piece.Rows; row++)
                {
                    for (var column = piece.Column; column < piece.Column + piece.Columns; column++)
                    {
                        var at = (int)(part.View.Offset + (row * width) + column);
                        (values[at], isThere[at]) = (block[(row * width) + column], true);
                    }
                }
            }
        }

        byte[] Bytes() =>
            info.DType == DType.Float64
                ? MemoryMarshal.AsBytes(values.AsSpan()).ToArray()
                : MemoryMarshal.AsBytes(Array.ConvertAll(values, value => (float)value).AsSpan()).ToArray();
        return isThere.All(there => there) ? new MemoryTensor(info, Bytes()) : null;
    }
}
