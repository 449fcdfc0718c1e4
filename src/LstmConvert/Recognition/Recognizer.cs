using LstmConvert.Cells;
using LstmConvert.Dialects;
using LstmConvert.Facts;
using LstmConvert.Files;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>
/// Finds the recurrent layers of a source: by the graph where there is one, else by the names and the sets of its variables; their facts,
/// and
/// which feed each other. What cannot be converted is a layer with an obstacle, what is not decided a question: nothing is thrown for
/// either.
/// </summary>
internal sealed class Recognizer
{
    private readonly TensorSet source;
    private readonly RecognitionOptions options;
    private readonly CellVariables variables;
    private readonly Lazy<IReadOnlyList<(Wrapper Wrapper, string Above)>> wrappers;
    private readonly ConfigurationEvidence? configuration;
    private readonly GraphEvidence? evidence;
    private readonly List<string> warnings;
    private readonly List<OpenQuestion> questions = [];
    private readonly List<LeftOut> leftOut;
    private readonly Dictionary<string, string> claimed = new(StringComparer.Ordinal);

    private Recognizer(TensorSet source, Graph? graph, RecognitionOptions options, IEnumerable<string> warnings)
    {
        (this.source, this.warnings) = (source, [.. warnings]);
        variables = new CellVariables(source, options);
        this.options = variables.InScopes(options);
        wrappers = new Lazy<IReadOnlyList<(Wrapper, string)>>(() => Obstacles.PlacesOfWrappers(variables.Tensors.Keys));
        configuration = ConfigurationEvidence.Of(source, variables, this.warnings);
        evidence = graph is null ? null : new GraphEvidence(graph, variables);
        leftOut = [.. source.LeftOut, .. variables.LeftOut];
    }

    /// <summary>Recognises layers, their facts and their wiring.</summary>
    /// <exception cref="UsageException">Something that is said names a scope or a fact that no layer has.</exception>
    /// <exception cref="UnreadableInputException">A part of a variable is missing.</exception>
    public static SourceModel Recognize(TensorSet source, Graph? graph, RecognitionOptions options, IEnumerable<string> warnings) =>
        new Recognizer(source, graph, options, warnings).Model();

    private SourceModel Model()
    {
        var layers = Layers();
        RefuseUnknownScopes(layers);
        var groups =
            layers.Count == 0
                ? []
                : LayerWiring.Connect(layers, source.StatedCells, variables, configuration, evidence, options, warnings, questions);
        foreach (var layer in groups.SelectMany(group => group.Layers))
        {
            FactFinder.Complete(layer);

            if (
                layer.Cell.Find(KnownFacts.Residual.Name) is { Value.Truth: true, Evidence.Kind: EvidenceKind.Option } residual
                && layer.InputSize > 0
                && layer.InputSize != layer.OutputSize)
            {
                questions.Add(
                    new OpenQuestion(
                        $"{layer.Scope}: the {residual}, and an input of width {layer.InputSize} cannot be added to an output of width {layer.OutputSize}.",
                        [new SayFactRemedy(layer.Scope, residual.Name, "none")]));
            }

            // The names may have told a direction by now.
            if (layer.ObstacleList.Count == 0 && layer.Cell.Definition.Obstacle(layer.Cell) is { } obstacle)
            {
                layer.ObstacleList.Add(obstacle);
            }
        }

        foreach (var layer in layers)
        {
            layer.Watched = layer.Found ?? (layer.Cell.Definition.IsFoundByName ? null : evidence?.CellOf(layer));
        }

        SayUnclaimed(layers);
        LeaveOutTheRest(layers);

        // The constants of a frozen graph are not all variables: zeros for states, numbers of the program.
        var leftAlone =
            source.GraphPath == source.Path
                ? []
                : variables.Tensors.Values.Where(tensor => tensor.DType.IsWeight() && !claimed.ContainsKey(tensor.Name));
        new Surroundings(source).Say(layers, [.. leftAlone.Select(tensor => tensor.Name)]);
        var model = SourceModelBuilder.Build(groups);
        return new SourceModel(groups, model)
        {
            Around = new Lazy<ProgramAround>(() =>
                new AroundReader(variables, model, [.. groups.SelectMany(group => group.Layers)]).Read()),
            LeftOut = [.. leftOut.OrderBy(variable => variable.Name, Files.NaturalOrder.Comparer)],
            Warnings = warnings,
            Questions = questions,
            Problem = layers.Count == 0 ? NoCell() : null,
        };
    }

    private List<RecurrentLayer> Layers()
    {
        var claims = (configuration?.Claims() ?? [])
            .Where(claim => !options.Cells.Any(said => said.Scope is null || RecognitionOptions.Means(said.Scope, claim.Scope)))
            .ToList();
        var taken = claims.SelectMany(claim => claim.Tensors).ToHashSet(StringComparer.Ordinal);
        claims.AddRange((evidence?.Claims(options) ?? []).Where(claim => !claim.Tensors.Any(taken.Contains)).ToArray());
        taken.UnionWith(claims.SelectMany(claim => claim.Tensors));
        foreach (
            var claim in variables
                .Scopes.Select(scope => CellChoice.Of(scope, variables, options))
                .OfType<Claim>()
                .OrderByDescending(claim => claim.Parts.Count))
        {
            if (claim.Tensors.Any(taken.Contains) || (evidence is not null && GraphEvidence.Outweighs(claim)))
            {
                continue;
            }

            taken.UnionWith(claim.Tensors);
            claims.Add(claim);
        }

        claims = [.. claims.Select(Stated)];
        foreach (var yielding in claims.Where(claim => claim.Definition.YieldsTo.Count > 0).ToArray())
        {
            Yield(yielding, claims);
        }

        var order = variables.Scopes.Index().ToDictionary(one => one.Item, one => one.Index, StringComparer.Ordinal);
        var layers = new List<RecurrentLayer>();
        foreach (
            var claim in claims
                .OrderBy(claim => order.GetValueOrDefault(claim.Scope, int.MaxValue))
                .ThenBy(claim => claim.Scope, StringComparer.Ordinal))
        {
            if (Bind(claim) is { } layer)
            {
                layers.Add(layer);
            }
        }

        return layers;
    }

    /// <summary>A claim with what the file itself says of the cell.</summary>
    private Claim Stated(Claim claim) => source.StatedCells.FirstOrDefault(cell => cell.Scope == claim.Scope) is not { } stated ? claim
        : claim with { Shown = StatedWiring.FactsOf(stated, claim.Definition, claim.Shown) };

    /// <summary>Leaves a cell out whose numbers stand in other variables too; what is known of it is known of those.</summary>
    private void Yield(Claim yielding, List<Claim> claims)
    {
        var above = yielding.Scope.Contains('/', StringComparison.Ordinal) ? yielding.Scope[..(yielding.Scope.LastIndexOf('/') + 1)] : "";
        var others = claims
            .SelectMany(other =>
                yielding
                    .Definition.YieldsTo.Where(one =>
                        one.Cell == other.Definition.Name
                        && one.Component == ScopeName.Component(other.Scope)
                        && other.Scope.StartsWith(above, StringComparison.Ordinal))
                    .Select(one => (Claim: other, Canonical: one)))
            .ToArray();
        if (others.Length == 0)
        {
            return;
        }

        claims.Remove(yielding);
        foreach (var name in yielding.Tensors)
        {
            claimed[name] = yielding.Scope;
            leftOut.Add(
                new LeftOut(
                    variables.StoredNames.GetValueOrDefault(name, name),
                    $"the same numbers stand in the variables of {others[0].Claim.Scope}"));
        }

        var evidence = yielding.Found is { } found
            ? new Evidence(EvidenceKind.Graph, found.Node)
            : new Evidence(EvidenceKind.Assumed, $"default of {yielding.ClassName}");
        foreach (var (other, canonical) in others)
        {
            var shown = canonical
                .Facts.Select(fact => new Fact(other.Definition.Facts.First(one => one.Name == fact.Key), fact.Value, evidence))
                .Concat(yielding.Shown.GetValueOrDefault(KnownFacts.Residual.Name) is { } residual ? [residual] : []);
            claims[claims.IndexOf(other)] = other with
            {
                Shown = shown
                    .Concat(other.Shown.Values)
                    .DistinctBy(fact => fact.Name)
                    .ToDictionary(fact => fact.Name, StringComparer.Ordinal),
            };
        }
    }

    /// <summary>The layer of a claim; null where its variables are ambiguous, which is a question.</summary>
    private RecurrentLayer? Bind(Claim claim)
    {
        if (
            claim.Parts.FirstOrDefault(role =>
                role.Value.Count > 1
                && (role.Value.Exists(part => part.Part is null) || role.Value.DistinctBy(part => part.Part).Count() < role.Value.Count)) is
            { Key: { } twice, Value: var parts })
        {
            questions.Add(
                new OpenQuestion(
                    $"The scope {claim.Scope} holds two cells: {parts[0].Tensor.Name} and {parts[1].Tensor.Name} are both its {twice}. Leave one out.",
                    [new LeaveOutRemedy([parts[1].Tensor.Name])]));
            return null;
        }

        var biasLength = claim.Parts.TryGetValue("bias", out var bias) ? bias.Sum(part => part.Tensor.Shape.ElementCount) : (long?)null;
        var roles = claim.Parts.ToDictionary(
            role => role.Key,
            role => CellVariables.Join(claim.Scope, role.Key, role.Value, biasLength),
            StringComparer.Ordinal);
        foreach (var name in claim.Tensors)
        {
            claimed[name] = claim.Scope;
        }

        var infos = roles.ToDictionary(role => role.Key, role => role.Value.Info, StringComparer.Ordinal);
        var facts = FactFinder.Of(claim, roles, options, warnings, questions);
        var missing = claim
            .Definition.Variables.Where(role => !role.IsOptional && !roles.ContainsKey(role.Name))
            .Select(role => role.Name)
            .ToArray();
        var solution =
            missing.Length > 0
                ? new SizeSolution(
                    null,
                    $"it has {string.Join(", ", roles.Values.Select(tensor => tensor.Name))}, and no {string.Join(", no ", missing)}")
                : CellSizes.Solve(claim.Definition, infos, facts);
        if (solution.Open.Count > 0)
        {
            questions.Add(
                new OpenQuestion(
                    $"{solution.Problem}.",
                    [.. solution.Open.Select(one => new SayFactRemedy(claim.Scope, one.Fact, one.Value))]));
            return null;
        }

        var layer = new RecurrentLayer(new BoundCell(claim.Definition, claim.Scope, roles, solution.Sizes ?? CellSizes.Unknown, facts))
        {
            ClassName = claim.ClassName,
            Found = claim.Found,
        };
        if (solution.Problem is { } problem)
        {
            layer.ObstacleList.Add(problem);
            return layer;
        }

        if (layer.Cell.Find(KnownFacts.Levels.Name) is { } levels && levels.Value != KnownFacts.Levels.Neutral)
        {
            layer.ObstacleList.Add(
                $"it is run at {levels.Value} levels with the same weights, on its own output; a Keras layer stands for one run ({levels.Name} = 1 converts its weights once, as one layer)"
            );
        }

        Obstacles.Add(layer, roles);
        layer.ObstacleList.AddRange(source.StatedCells.FirstOrDefault(cell => cell.Scope == claim.Scope)?.Obstacles ?? []);
        Obstacles.AddWrappers(layer, wrappers.Value);
        if (claim.Found is { } found)
        {
            GraphEvidence.AddObstacles(layer, found, options);
        }
        else if (evidence is not null && !claim.IsConfigured && (claim.Shown.Count == 0 || claim.Definition.Graph.Count == 0))
        {
            SayUnknown(claim);
        }

        return layer;
    }

    /// <summary>A cell whose variables the graph does not read, or reads to compute something that no cell is: then its names alone say
    /// what it is.</summary>
    private void SayUnknown(Claim claim)
    {
        if (evidence!.ReaderOf(claim) is not { } node)
        {
            warnings.Add(
                $"{claim.Scope}: {evidence.Path} shows no cell that reads these variables; its constants are not taken from there.");
            return;
        }

        if (claim.Definition.Graph.Count == 0 && !claim.IsUnlike)
        {
            warnings.Add(
                $"{claim.Scope}: what {evidence.Path} computes with these variables ({node}) was not looked at, but for constants: their names say that it is {claim.ClassName}."
            );
            return;
        }

        var sentence =
            $"{claim.Scope} has the variables of {claim.ClassName}, and {evidence.Path} computes with them what no known cell does ({node})";
        warnings.Add($"{sentence}; its constants are not taken from there.");
        if (
            !options.Cells.Any(said =>
                RecognitionOptions.Means(said.Scope ?? claim.Scope, claim.Scope) && claim.Definition.Names.Contains(said.Value)))
        {
            questions.Add(
                new OpenQuestion(
                    $"{sentence}. If it is that cell all the same, say so.",
                    [new SayCellRemedy(claim.Scope, [claim.ClassName])]));
        }
    }

    /// <summary>Cells of the graph that no layer is: a part of the model would be lost without a word.</summary>
    private void SayUnclaimed(List<RecurrentLayer> layers)
    {
        if (evidence is null || layers.Count == 0 || options.Include.Count > 0)
        {
            return;
        }

        foreach (var cell in evidence.Unclaimed(layers, claimed.ContainsKey))
        {
            var sentence = $"The graph computes {cell} too ({cell.Node}), and the source has no variables that are known to be its";
            warnings.Add($"{sentence}: it is not converted.");
            if (options.IsStrict)
            {
                questions.Add(
                    new OpenQuestion(
                        $"{sentence}. Say which variables are meant.",
                        [new SettingRemedy(Setting.Include, layers[0].Scope + "*")]));
            }
        }
    }

    private void RefuseUnknownScopes(List<RecurrentLayer> layers)
    {
        if (questions.Count > 0)
        {
            return;
        }

        foreach (
            var (what, scope) in options
                .Facts.Select(said => (said.Name, said.Scope))
                .Concat(options.Cells.Select(said => ("the cell", said.Scope))))
        {
            if (scope is not null && layers.Count > 0 && !layers.Exists(layer => RecognitionOptions.Means(scope, layer.Scope)))
            {
                throw new UsageException(
                    $"{what} is said of the scope {scope}, and no cell has it.{NearNames.SentenceOrAll(scope, [.. layers.Select(layer => layer.Scope)], "The cells are")}"
                );
            }
        }

        foreach (var said in options.Facts.Where(said => layers.Count > 0 && !layers.Exists(layer => FactFinder.Has(layer, said.Name))))
        {
            throw new UsageException(
                $"{said.Name} is said, and no layer has such a fact.{NearNames.SentenceOrAll(said.Name, [.. layers.SelectMany(FactFinder.NamesOf).Distinct()], "Known are")}"
            );
        }

        if (
            options
                .Facts.GroupBy(said => (said.Scope, said.Name))
                .FirstOrDefault(same => same.Select(said => said.Value).Distinct().Skip(1).Any()) is
            { } twice)
        {
            throw new UsageException(
                $"{twice.Key.Name} is said{(twice.Key.Scope is null ? "" : $" of {twice.Key.Scope}")} as {string.Join(" and as ", twice.Select(said => said.Value).Distinct())}. Say it once."
            );
        }

        foreach (var said in options.Facts.Where(said => said.Scope is not null))
        {
            var meant = layers.Where(layer => RecognitionOptions.Means(said.Scope!, layer.Scope)).ToArray();
            if (meant.Length > 0 && !meant.Any(layer => FactFinder.Has(layer, said.Name)))
            {
                throw new UsageException(
                    $"{said.Name} is said of {said.Scope}, and {meant[0].Cell.Definition.Name} has no such fact. It has {string.Join(", ", FactFinder.NamesOf(meant[0]).Distinct())}."
                );
            }
        }

        SayWhatDecidesNothing(layers);
    }

    /// <summary>Warns of what is said and changes nothing: whoever said it meant something else.</summary>
    private void SayWhatDecidesNothing(List<RecurrentLayer> layers)
    {
        if (layers.Count == 0)
        {
            return;
        }

        bool Means(string? scope, RecurrentLayer layer) => scope is null || RecognitionOptions.Means(scope, layer.Scope);
        foreach (
            var said in options.Facts.Where(said =>
                said.Value != "auto"
                && !layers.Exists(layer => Means(said.Scope, layer) && layer.Cell.Find(said.Name) is { Evidence.Kind: EvidenceKind.Option })
            ))
        {
            warnings.Add(
                $"{said.Name} = {said.Value} is said{(said.Scope is null ? "" : $" of {said.Scope}")} and decides nothing: no layer has it, or it is said again."
            );
        }

        foreach (
            var said in options.Cells.Where(said =>
                !layers.Exists(layer => Means(said.Scope, layer) && layer.Cell.Definition == CellCatalog.Find(said.Value))))
        {
            warnings.Add(
                $"the cell {said.Value} is said{(said.Scope is null ? "" : $" of {said.Scope}")} and decides nothing: no variables there are those of one."
            );
        }

        foreach (var pattern in variables.Unmatched)
        {
            warnings.Add(
                $"the pattern '{pattern}' matches no variable and decides nothing.{NearNames.Sentence(pattern, variables.StoredNames.Values)}"
            );
        }
    }

    /// <summary>Says of every variable that no layer took why.</summary>
    private void LeaveOutTheRest(List<RecurrentLayer> layers)
    {
        var possible = new List<(string Scope, IReadOnlyList<string> Cells)>();
        var reasons = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var scope in variables.Scopes)
        {
            var tensors = variables
                .RolesOf(scope)
                .Values.SelectMany(parts => parts)
                .Select(part => part.Tensor.Name)
                .Where(name => !claimed.ContainsKey(name))
                .ToArray();
            if (tensors.Length == 0 || tensors.Length < variables.RolesOf(scope).Values.Sum(parts => parts.Count))
            {
                continue;
            }

            var cells = evidence is null ? CellChoice.Possible(scope, variables) : [];
            var reason = evidence is not null ? "no cell of the graph reads it"
                : DenseWords.SpeakOfDense(scope) || cells.Count == 0 ? "not recurrent (a dense layer, an embedding, a wrapper)"
                : $"probably a dense layer; its shapes would fit {string.Join(" and ", cells)} too, and its name speaks of neither";
            if (cells.Count > 0 && !DenseWords.SpeakOfDense(scope))
            {
                possible.Add((scope, cells));
            }

            foreach (var name in tensors)
            {
                reasons.TryAdd(name, reason);
            }
        }

        foreach (var (name, tensor) in variables.Tensors.Where(one => !claimed.ContainsKey(one.Key)))
        {
            var dialect = DialectCatalog.All.FirstOrDefault(one => one.Refusal is not null && one.IsUnmistakable(name));
            leftOut.Add(
                new LeftOut(
                    variables.StoredNames.GetValueOrDefault(name, name),
                    !tensor.DType.IsWeight() ? $"{tensor.DType.Name()} is no type of weights"
                        : dialect is not null ? $"{dialect.Title}: {dialect.Refusal}"
                        : reasons.GetValueOrDefault(name)
                            ?? (
                                claimed.FirstOrDefault(one => name.StartsWith(one.Value + "/", StringComparison.Ordinal)).Value is { } scope
                                    ? $"not a variable of the cell {scope}"
                                    : "not a variable of a recurrent cell")));
        }

        if (
            layers.Count == 0
            && options.Dialect is null
            && DialectCatalog.Guess([.. variables.Tensors.Values.Select(tensor => tensor.Info)]) is { } guess)
        {
            questions.Add(
                guess.Dialect.InsteadOfName is { } instead
                    ? new OpenQuestion(
                        $"{source.Path} holds what may be {guess.Dialect.Title}, by shapes alone: {guess.Clause}. {instead}",
                        [])
                    : new OpenQuestion(
                        $"{source.Path} holds what may be a recurrent layer under the {guess.Dialect.Title}, by shapes alone: {guess.Clause}.",
                        [new SettingRemedy(Setting.Dialect, guess.Dialect.Name)]));
        }
        else if (layers.Count == 0 && possible.Count > 0)
        {
            questions.Add(
                new OpenQuestion(
                    $"{source.Path} holds no variables that are unmistakably a recurrent cell's: {string.Join("; ", possible.Take(5).Select(one => $"{(one.Scope.Length == 0 ? "the variables" : one.Scope)} may be {string.Join(" or ", one.Cells)}"))}{(possible.Count > 5 ? "; …" : "")}, or a dense layer.",
                    [.. possible.Take(5).Select(one => new SayCellRemedy(one.Scope, one.Cells))]));
        }
    }

    private string NoCell()
    {
        var named = leftOut
            .Select(variable =>
                (variable, dialect: DialectCatalog.All.FirstOrDefault(one => one.Refusal is not null && one.IsUnmistakable(variable.Name))))
            .FirstOrDefault(one => one.dialect is not null);
        if (named.dialect is { } dialect)
        {
            return $"{source.Path} has {dialect.Title} ({named.variable.Name}): {dialect.Refusal}.";
        }

        var example = leftOut.FirstOrDefault(variable => variable.Reason.Contains("dense", StringComparison.Ordinal))
            ?? (leftOut.Count > 0 ? leftOut[0] : null);
        return $"{source.Path} holds no recurrent cell that is known, in {source.Tensors.Count} variables{(example is null ? "" : $" (the first, {example.Name}: {example.Reason})")}. Look at them, and say which cell it is.";
    }
}
