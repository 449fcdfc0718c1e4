using System.IO.Enumeration;
using System.Text.Json;
using System.Text.RegularExpressions;
using LstmConvert.Cells;
using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>Finds the recurrent cells among the variables of a source, by names and shapes.</summary>
public static partial class Recognizer
{
    private const string ValueAttribute = "/.ATTRIBUTES/VARIABLE_VALUE";

    /// <summary>Recognises cells, their facts and their wiring.</summary>
    /// <param name="source">The variables.</param>
    /// <param name="options">What the user says.</param>
    /// <exception cref="UnsupportedModelException">There is no cell that is known, or one that cannot be converted.</exception>
    /// <exception cref="UndecidedException">Two cells share a scope, or something is assumed under <c>--strict</c>.</exception>
    /// <exception cref="UsageException">An option names a scope that no cell has.</exception>
    public static RecognizedModel Recognize(TensorSet source, RecognitionOptions options)
    {
        var warnings = new List<string>();
        var leftOut = new List<LeftOut>(source.LeftOut);
        var evidence = options.Graph is { } graph ? new GraphEvidence(graph) : null;
        var scopes = Scopes(source, options, evidence, leftOut);
        var cells = Cells(scopes, options, evidence, leftOut, warnings);
        if (evidence is not null)
        {
            cells = [.. cells.Select(cell => evidence.Apply(cell, options, warnings))];
        }

        if (cells.Count == 0)
        {
            throw NoCell(source, leftOut);
        }

        cells = [.. cells.Select(cell => Configured(cell, source, options))];
        foreach (var cell in cells.Where(cell => cell.CellName is "KerasLSTM" or "KerasGRU" && cell.Activation.Evidence == EvidenceKind.Assumed))
        {
            warnings.Add($"{cell.Scope}: the activation of a Keras layer's gates is not in its weights; sigmoid is taken, which Keras before 2.3 did not have as its default (hard_sigmoid).");
        }

        RefuseMoreThanKeras(cells, source);
        foreach (var scoped in options.ForgetBias.Select(option => ("--forget-bias", option.Scope))
            .Concat(options.Activation.Select(option => ("--activation", option.Scope)))
            .Concat(options.Cells.Select(option => ("--cell", option.Scope))))
        {
            if (scoped.Scope is { } scope && !cells.Exists(cell => IsIn(cell.Scope, scope)))
            {
                throw new UsageException($"{scoped.Item1} names the scope {scope}, and no cell has it. The cells are {string.Join(", ", cells.Select(cell => cell.Scope))}.");
            }
        }

        var groups = WiringRule.Connect(cells, options, evidence, warnings);
        return new RecognizedModel(groups, [.. leftOut.OrderBy(variable => variable.Name, NaturalOrder.Comparer)], warnings);
    }

    /// <summary>Why a variable belongs to training and not to the model, as a phrase; null if it may be a weight.</summary>
    /// <param name="name">The variable's name.</param>
    public static string? TrainingVariable(string name) => LeftOutVariables.Reason(name);

    /// <summary>True if an option's scope means this cell: the scope itself, one above it, or its last components.</summary>
    /// <param name="scope">The cell's scope.</param>
    /// <param name="named">What the option names.</param>
    public static bool IsIn(string scope, string named) =>
        scope == named
        || scope.StartsWith(named + "/", StringComparison.Ordinal)
        || scope.EndsWith("/" + named, StringComparison.Ordinal)
        || LayerName.Of(scope) == named;

    private static Dictionary<string, Dictionary<string, List<(int? Part, Tensor Tensor)>>> Scopes(TensorSet source, RecognitionOptions options, GraphEvidence? evidence, List<LeftOut> leftOut)
    {
        var scopes = new Dictionary<string, Dictionary<string, List<(int? Part, Tensor Tensor)>>>(StringComparer.Ordinal);
        var programNames = ProgramNames(source);
        foreach (var stored in source.Tensors)
        {
            var tensor = programNames.TryGetValue(stored.Name, out var programName) ? new RenamedTensor(stored, programName) : stored;
            if ((Excluded(stored.Name, options) ?? Excluded(tensor.Name, options, includes: false)) is { } excluded)
            {
                leftOut.Add(new LeftOut(stored.Name, excluded));
            }
            else if ((LeftOutVariables.Reason(stored.Name) ?? LeftOutVariables.Reason(tensor.Name)) is { } reason)
            {
                leftOut.Add(new LeftOut(stored.Name, reason));
            }
            else if (RefusedCells.ByLeaf.FirstOrDefault(refused => tensor.Name.EndsWith("/" + refused.Leaf, StringComparison.Ordinal)) is { Leaf: not null } refused)
            {
                throw Refused(tensor.Name[..^(refused.Leaf.Length + 1)], refused.Cell);
            }
            else if (RefusedCells.Wrappers.FirstOrDefault(refused => tensor.Name.EndsWith("/" + refused.Leaf, StringComparison.Ordinal)) is { Leaf: not null } wrapper)
            {
                throw new UnsupportedModelException(
                    $"{tensor.Name} belongs to {wrapper.Wrapper}, which mixes a cell's input into its output and is not converted. To convert the cell inside alone, leave the wrapper out with --exclude '{tensor.Name[..^(wrapper.Leaf.Length + 1)]}/carry_*'.");
            }
            else if ((Leaf.Read(tensor.Name) ?? evidence?.LeafOf(tensor.Name)) is not { } leaf)
            {
                leftOut.Add(new LeftOut(tensor.Name, "not a variable of a recurrent cell"));
            }
            else if (!tensor.DType.IsWeight())
            {
                leftOut.Add(new LeftOut(tensor.Name, $"{tensor.DType.Name()} is no type of weights"));
            }
            else
            {
                if (!scopes.TryGetValue(leaf.Scope, out var roles))
                {
                    scopes[leaf.Scope] = roles = new Dictionary<string, List<(int? Part, Tensor Tensor)>>(StringComparer.Ordinal);
                }

                if (!roles.TryGetValue(leaf.Role, out var parts))
                {
                    roles[leaf.Role] = parts = [];
                }

                if (parts.Exists(part => part.Part == leaf.Part || part.Part is null || leaf.Part is null))
                {
                    throw new UndecidedException(
                        $"The scope {leaf.Scope} holds two cells: {parts[0].Tensor.Name} and {tensor.Name} are both its {leaf.Role}. Leave one out with --exclude.");
                }

                parts.Add((leaf.Part, tensor));
            }
        }

        return scopes;
    }

    private static List<RecognizedCell> Cells(
        Dictionary<string, Dictionary<string, List<(int? Part, Tensor Tensor)>>> scopes,
        RecognitionOptions options,
        GraphEvidence? evidence,
        List<LeftOut> leftOut,
        List<string> warnings)
    {
        var cells = new List<RecognizedCell>();
        var doubtful = new List<(string Scope, Dictionary<string, Tensor> Roles)>();
        var isFirstGuess = true;
        foreach (var (scope, parts) in scopes.OrderBy(pair => ForwardFirst(pair.Key), NaturalOrder.Comparer))
        {
            var component = CellComponent(scope);
            if (RefusedCells.ByScope.TryGetValue(component, out var refused) && parts.ContainsKey("kernel") && Named(scope, options) is null && !IsWrapper(component))
            {
                throw Refused(scope, refused);
            }

            if (scope.Split('/').FirstOrDefault(step => RefusedCells.Containers.ContainsKey(Unique().Replace(step, ""))) is { } container && Named(scope, options) is null)
            {
                throw Refused(scope[..(scope.IndexOf(container, StringComparison.Ordinal) + container.Length)], RefusedCells.Containers[Unique().Replace(container, "")]);
            }

            var biasLength = parts.TryGetValue("bias", out var bias) ? bias.Sum(part => part.Tensor.Shape.ElementCount) : (long?)null;
            var roles = parts.ToDictionary(pair => pair.Key, pair => Join(scope, pair.Key, pair.Value, biasLength), StringComparer.Ordinal);
            var definition = Named(scope, options) ?? (HasOwnRecurrentKernel(roles) ? ByOwnRoles(scope, roles) : ByGraph(evidence, roles) ?? ByScope(component, roles));
            if (definition is not null)
            {
                cells.Add(Bind(scope, definition, roles, options, leftOut));
            }
            else if (CellCatalog.All.FirstOrDefault(cell => !cell.LooksLikeDense && !cell.IsNamedOnly && !cell.HasOwnRecurrentKernel && Has(cell, roles)) is { } byRoles)
            {
                cells.Add(Bind(scope, byRoles, roles, options, leftOut));
            }
            else if (evidence is not null)
            {
                // A graph that shows nothing recurrent around these variables outweighs their shapes.
                leftOut.AddRange(roles.Values.SelectMany(tensor => tensor is ConcatenatedTensor joined ? joined.Parts : [tensor]).Select(tensor => new LeftOut(tensor.Name, "no cell of the graph reads it")));
            }
            else if (ByShape(roles) is { } byShape && SpeaksOfCell(scope))
            {
                WarnOfShape(scope, byShape, roles, warnings);
                cells.Add(Bind(scope, byShape, roles, options, leftOut));
            }
            else
            {
                doubtful.Add((scope, roles));
            }
        }

        foreach (var (scope, roles) in doubtful)
        {
            if ((cells.Count == 0 || !isFirstGuess) && ByShape(roles) is { } byShape && !SpeaksOfDense(scope))
            {
                warnings.Add($"{(scope.Length == 0 ? "The only variables" : scope)}: taken for {byShape.Name} by the shapes alone; --cell says otherwise.");
                cells.Add(Bind(scope, byShape, roles, options, leftOut));
                isFirstGuess = false;
                continue;
            }

            foreach (var tensor in roles.Values)
            {
                leftOut.Add(new LeftOut(tensor.Name, SpeaksOfDense(scope) || ByShape(roles) is null ? "not recurrent (a dense layer, an embedding, a wrapper)" : $"probably a dense layer; if it is a cell, say --cell {scope}=LSTMCell"));
            }
        }

        return cells;
    }

    private static RecognizedCell Bind(string scope, CellDefinition definition, Dictionary<string, Tensor> roles, RecognitionOptions options, List<LeftOut> leftOut)
    {
        foreach (var missing in definition.Roles.Where(role => !roles.ContainsKey(role)))
        {
            throw new UnsupportedModelException(
                $"{scope} has {string.Join(", ", roles.Values.Select(tensor => tensor.Name))}, and no {missing}; a {definition.Name} has {string.Join(", ", definition.Roles)}. Export all variables of the cell, or leave it out with --exclude '{scope}/*'.");
        }

        var used = roles.Where(role => definition.Roles.Contains(role.Key) || definition.OptionalRoles.Contains(role.Key)).ToDictionary(StringComparer.Ordinal);
        foreach (var (role, tensor) in roles)
        {
            if (!used.ContainsKey(role))
            {
                leftOut.Add(new LeftOut(tensor.Name, $"not a variable of {definition.Name}"));
            }
        }

        var infos = used.ToDictionary(role => role.Key, role => role.Value.Info, StringComparer.Ordinal);
        var solution = definition.Solve(infos);
        if (solution.Sizes is not { } sizes)
        {
            throw new UnsupportedModelException($"{solution.Problem}. Name the cell with --cell, or leave the variables out with --exclude '{scope}/*'.");
        }

        if (used.Values.Select(tensor => tensor.DType).Distinct().Count() > 1)
        {
            throw new UnsupportedModelException($"{scope} has variables of different types ({string.Join(", ", used.Values.Select(tensor => tensor.Info))}); a cell has one. Export them all with the same dtype.");
        }

        var cell = new RecognizedCell
        {
            Scope = scope,
            CellName = definition.Name,
            Variables = used,
            Units = sizes.Units,
            InputSize = sizes.InputSize,
            Projection = sizes.Projection,
            ForgetBias = ForgetBias(scope, definition, options),
            Activation = Option(options.Activation, scope) is { } activation
                ? new Fact<string>(activation, EvidenceKind.Option, "--activation")
                : new Fact<string>(definition.DefaultActivation, EvidenceKind.Assumed, "TensorFlow's default"),
        };
        return cell.ForgetBias is { } forgetBias ? cell with { ForgetBias = forgetBias with { Value = cell.Round(forgetBias.Value) } } : cell;
    }

    private static Fact<double>? ForgetBias(string scope, CellDefinition definition, RecognitionOptions options)
    {
        if (definition.DefaultForgetBias is not { } standard)
        {
            return null;
        }

        var matching = options.ForgetBias.LastOrDefault(option => option.Scope is { } named && IsIn(scope, named)) ?? options.ForgetBias.LastOrDefault(option => option.Scope is null);
        return matching is not null
            ? new Fact<double>(matching.Value, EvidenceKind.Option, "--forget-bias")
            : definition.HasOwnRecurrentKernel
            ? new Fact<double>(0, EvidenceKind.Dialect, $"{definition.Name} keeps it in the bias")
            : definition.DialectForgetBias.TryGetValue(CellComponent(scope), out var fixedValue)
            ? new Fact<double>(fixedValue, EvidenceKind.Dialect, CellComponent(scope))
            : new Fact<double>(standard, EvidenceKind.Assumed, "TensorFlow's default");
    }

    private static string? Option(IReadOnlyList<Scoped<string>> options, string scope) =>
        (options.LastOrDefault(option => option.Scope is { } named && IsIn(scope, named)) ?? options.LastOrDefault(option => option.Scope is null))?.Value;

    private static CellDefinition? Named(string scope, RecognitionOptions options) =>
        options.Cells.LastOrDefault(option => option.Scope is { } named && IsIn(scope, named)) is { } scoped
            ? CellCatalog.Find(scoped.Value)
            : options.Cells.LastOrDefault(option => option.Scope is null) is { } all && !SpeaksOfDense(scope) ? CellCatalog.Find(all.Value) : null;

    /// <summary>Gives a layer of Keras what its configuration in the checkpoint says (TensorFlow 1.12 to 2.0 stored it beside the variables).</summary>
    private static RecognizedCell Configured(RecognizedCell cell, TensorSet source, RecognitionOptions options)
    {
        if (source.LayerConfigurations.Count == 0 || !cell.Variables.TryGetValue("recurrent_kernel", out var kernel))
        {
            return cell;
        }

        var stored = ProgramNames(source).FirstOrDefault(name => name.Value == kernel.Name).Key ?? kernel.Name;
        var nearest = source.LayerConfigurations.Where(pair => pair.Key.Length > 0 && stored.StartsWith(pair.Key + "/", StringComparison.Ordinal)).OrderByDescending(pair => pair.Key.Length).FirstOrDefault();
        if (nearest.Value is null || Property(nearest.Value, "activation") is not { } activation)
        {
            return cell;
        }

        return Property(nearest.Value, "recurrent_activation") is { } gates and not "sigmoid"
            ? throw new UnsupportedModelException($"{cell.Scope} has the activation {gates} for its gates (configuration of {nearest.Key}), which is not converted. Leave it out with --exclude '{cell.Scope}/*'.")
            : Option(options.Activation, cell.Scope) is not null ? cell : cell with { Activation = new Fact<string>(activation, EvidenceKind.Dialect, $"configuration of {nearest.Key}") };
    }

    /// <summary>A text in the <c>config</c> of a Keras object, or null.</summary>
    private static string? Property(string configuration, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(configuration);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("config", out var config) && config.ValueKind == JsonValueKind.Object
                && config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool HasOwnRecurrentKernel(IReadOnlyDictionary<string, Tensor> roles) => roles.ContainsKey("recurrent_kernel") || roles.ContainsKey("w_h");

    /// <summary>
    /// Other libraries' cells have the variables of Keras' and more, or the same under another name: a cell of TensorFlow 2 is converted
    /// only if nothing else lies in its scope, and its scope is not called after another cell.
    /// </summary>
    private static void RefuseMoreThanKeras(List<RecognizedCell> cells, TensorSet source)
    {
        var programNames = ProgramNames(source);
        foreach (var cell in cells.Where(cell => HasOwnRecurrentKernel(cell.Variables)))
        {
            var component = CellComponent(cell.Scope);
            if (component.EndsWith("_cell", StringComparison.Ordinal) && component is not ("lstm_cell" or "gru_cell" or "simple_rnn_cell"))
            {
                throw Refused(cell.Scope, $"a cell of another library ({component})");
            }

            var own = cell.Variables.Values.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
            var more = source.Tensors.Where(tensor => LeftOutVariables.Reason(tensor.Name) is null).Select(tensor => programNames.GetValueOrDefault(tensor.Name, tensor.Name))
                .FirstOrDefault(name => cell.Scope.Length > 0 && name.StartsWith(cell.Scope + "/", StringComparison.Ordinal) && !own.Contains(name) && LeftOutVariables.Reason(name) is null);
            if (more is not null)
            {
                throw Refused(cell.Scope, $"more than {cell.CellName}: it has {more} too");
            }
        }
    }

    /// <summary>The layer of TensorFlow 2 whose shapes fit: the recurrent kernel is as many times wider than high as it has gates.</summary>
    private static CellDefinition ByOwnRoles(string scope, Dictionary<string, Tensor> roles)
    {
        var infos = roles.ToDictionary(role => role.Key, role => role.Value.Info, StringComparer.Ordinal);
        return CellCatalog.All.FirstOrDefault(cell => cell.HasOwnRecurrentKernel && Has(cell, roles) && cell.Solve(infos).Sizes is not null)
            ?? throw Refused(scope, roles.ContainsKey("w_h") ? "a cell of Sonnet 2 other than its LSTM and VanillaRNN" : "a layer of Keras that is neither LSTM, GRU nor SimpleRNN with a bias");
    }

    /// <summary>The kind whose equations the graph computes with these variables.</summary>
    private static CellDefinition? ByGraph(GraphEvidence? evidence, Dictionary<string, Tensor> roles) =>
        evidence?.Find(roles.Values) is { } found
            ? GraphEvidence.CatalogNames(found).Select(CellCatalog.Find).FirstOrDefault(cell => Has(cell, roles))
            : null;

    private static CellDefinition? ByScope(string component, Dictionary<string, Tensor> roles)
    {
        var named = CellCatalog.All.Where(cell => cell.ScopeNames.Contains(component)).ToArray();
        return named.FirstOrDefault(cell => Has(cell, roles)) ?? named.FirstOrDefault();
    }

    private static bool Has(CellDefinition cell, Dictionary<string, Tensor> roles) => cell.Roles.All(roles.ContainsKey);

    /// <summary>The kind whose shapes fit, for a scope whose name does not tell: an LSTM before a plain RNN.</summary>
    private static CellDefinition? ByShape(Dictionary<string, Tensor> roles)
    {
        var infos = roles.ToDictionary(role => role.Key, role => role.Value.Info, StringComparer.Ordinal);
        return CellCatalog.All.FirstOrDefault(cell => cell.LooksLikeDense && Has(cell, roles) && cell.Solve(infos).Sizes is not null);
    }

    private static void WarnOfShape(string scope, CellDefinition chosen, Dictionary<string, Tensor> roles, List<string> warnings)
    {
        var infos = roles.ToDictionary(role => role.Key, role => role.Value.Info, StringComparer.Ordinal);
        if (CellCatalog.All.FirstOrDefault(cell => cell != chosen && cell.LooksLikeDense && Has(cell, roles) && cell.Solve(infos).Sizes is not null) is { } other)
        {
            warnings.Add($"{scope}: taken for {chosen.Name}; the shapes would fit {other.Name} as well, which --cell {scope}={other.Name} says.");
        }
    }

    private static Tensor Join(string scope, string role, List<(int? Part, Tensor Tensor)> parts, long? biasLength)
    {
        if (parts is [{ Part: null or 0 }])
        {
            return parts[0].Tensor;
        }

        var ordered = parts.OrderBy(part => part.Part).ToArray();
        for (var k = 0; k < ordered.Length; k++)
        {
            if (ordered[k].Part != k)
            {
                throw new UnreadableInputException($"Part {k} of {scope}/{role} is missing; there are {string.Join(", ", ordered.Select(part => part.Tensor.Name))}. Export all parts.");
            }
        }

        // Releases 0.5 and 0.6 split the columns, later ones the rows (tensorflow 0.5 and 0.12 rnn_cell.py): the bias tells the width.
        var tensors = ordered.Select(part => part.Tensor).ToArray();
        var byColumns = biasLength is { } width && tensors[0].Shape.Rank == 2 && role == "kernel"
            && tensors[0].Shape[1] != width && tensors.Sum(tensor => tensor.Shape.Rank == 2 ? tensor.Shape[1] : 0) == width;
        return new ConcatenatedTensor(scope.Length == 0 ? role : $"{scope}/{role}", tensors, byColumns ? 1 : 0);
    }

    /// <summary>
    /// The names that variables of an object-based checkpoint have in their program, where those are unique; else what is left of the
    /// key without its end. The keys themselves are paths of attributes, which say nothing of cells.
    /// </summary>
    private static Dictionary<string, string> ProgramNames(TensorSet source)
    {
        var names = source.Tensors
            .Where(tensor => tensor.Name.EndsWith(ValueAttribute, StringComparison.Ordinal) && LeftOutVariables.Reason(tensor.Name) is null)
            .ToDictionary(tensor => tensor.Name, tensor => source.ProgramNames.GetValueOrDefault(tensor.Name, ""), StringComparer.Ordinal);
        var isUnique = names.Values.Distinct(StringComparer.Ordinal).Count() == names.Count && !names.ContainsValue("");
        return isUnique ? names : names.ToDictionary(name => name.Key, name => Unescaped(name.Key[..^ValueAttribute.Length]), StringComparer.Ordinal);
    }

    /// <summary>A path of attributes, in which <c>.S</c> stands for <c>/</c> and <c>..</c> for a point (tensorflow/python/training/tracking/graph_view.py).</summary>
    private static string Unescaped(string key) => EscapedCharacter().Replace(key, match => match.Value == ".S" ? "/" : ".");

    private static string? Excluded(string name, RecognitionOptions options, bool includes = true) =>
        includes && options.Include.Count > 0 && !options.Include.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))
            ? "not in --include"
            : options.Exclude.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false)) ? "--exclude" : null;

    private static UnsupportedModelException Refused(string scope, string cell) =>
        new($"{scope} is {cell}, which is recognised but not converted: no conversion to a Keras layer is known to this version. Leave it out with --exclude '{scope}/*'.");

    private static UnsupportedModelException NoCell(TensorSet source, List<LeftOut> leftOut)
    {
        var example = leftOut.FirstOrDefault(variable => variable.Reason.Contains("dense", StringComparison.Ordinal)) ?? (leftOut.Count > 0 ? leftOut[0] : null);
        return new UnsupportedModelException(
            $"{source.Path} holds no recurrent cell that is known, in {source.Tensors.Count} variables"
            + (example is null ? "" : $" (the first, {example.Name}: {example.Reason})")
            + ". See them with 'lstmconvert inspect', and name the cell with --cell SCOPE=LSTMCell.");
    }

    /// <summary>The last component of a scope without the number that makes it unique.</summary>
    internal static string CellComponent(string scope) => Unique().Replace(scope[(scope.LastIndexOf('/') + 1)..], "");

    /// <summary>A key under which fw comes before bw.</summary>
    private static string ForwardFirst(string scope) => BackwardStep().Replace(scope, match => match.Value[0] == 'b' ? "g" + match.Value : "G" + match.Value);

    private static bool IsWrapper(string component) => component is "attention_cell_wrapper" or "attention_wrapper" or "ntm_cell";

    private static bool SpeaksOfCell(string scope) => CellWords().IsMatch(scope) && !SpeaksOfDense(scope);

    private static bool SpeaksOfDense(string scope) => DenseWords().IsMatch(scope[(scope.LastIndexOf('/') + 1)..]);

    [GeneratedRegex("(?<=^|/)(bw|BW)(?=/|_|[0-9]|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex BackwardStep();

    [GeneratedRegex("\\.[S.]")]
    private static partial Regex EscapedCharacter();

    [GeneratedRegex("_[0-9]+$")]
    private static partial Regex Unique();

    [GeneratedRegex("rnn|lstm|(^|/|_)cell(_|/|[0-9]|$)|(^|/)(fw|bw)(/|_|$)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex CellWords();

    [GeneratedRegex("^(layer_with_weights|dense|logits?|softmax|proj|projection|output|out|fc|fully_connected|full|linear|embed|embedding|attention|attn|memory|query|score|predict|prediction|conv|batch|norm|highway|classifier|head|crf|wrapper)|(_wrapper|_layer|_projection|_proj|_logits|_dense|_output|_out)(_[0-9]+)?$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex DenseWords();
}
