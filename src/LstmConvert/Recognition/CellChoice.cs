using LstmConvert.Cells;
using LstmConvert.Dialects;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>A cell that a scope's variables make.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Definition">The kind of cell.</param>
/// <param name="Parts">The variables by role.</param>
/// <param name="ClassName">The class whose defaults hold: one of the kind's names.</param>
internal sealed record Claim(string Scope, Cell Definition, IReadOnlyDictionary<string, List<NamedPart>> Parts, string ClassName)
{
    /// <summary>The cell of the graph that reads these variables, or null.</summary>
    public Graphs.Matching.GraphCell? Found { get; init; }

    /// <summary>True if the configuration of a Keras model names it.</summary>
    public bool IsConfigured { get; init; }

    /// <summary>True if the graph does not compute what such a cell of these sizes computes.</summary>
    public bool IsUnlike { get; init; }

    /// <summary>The facts that something shows, by name.</summary>
    public IReadOnlyDictionary<string, Facts.Fact> Shown { get; init; } = new Dictionary<string, Facts.Fact>(StringComparer.Ordinal);

    /// <summary>The names of its variables, parts one by one.</summary>
    public IEnumerable<string> Tensors => Parts.Values.SelectMany(parts => parts).Select(part => part.Tensor.Name);

    /// <summary>The end of the kernel's name as it was written, which tells the release.</summary>
    public string Leaf => Parts.TryGetValue("kernel", out var kernel) ? kernel[0].Leaf : Parts.Values.First()[0].Leaf;
}

/// <summary>Chooses the kind of cell that a scope's variables are: by the user's word, by the scope's name, by the set of roles; never by
/// shapes alone.</summary>
internal static class CellChoice
{
    /// <summary>The cell of a scope, or null if nothing but shapes would speak for one.</summary>
    public static Claim? Of(string scope, CellVariables variables, RecognitionOptions options)
    {
        var roles = variables.RolesOf(scope);
        if (Named(scope, options, roles) is { } named && Present(named.Cell, roles).Count > 0)
        {
            return new Claim(scope, named.Cell, Present(named.Cell, roles), named.ClassName);
        }

        var component = ScopeName.Component(scope);
        var complete = CellCatalog
            .All.Where(cell => !cell.IsNamedOnly && Has(cell, roles) && (!cell.MustBeNamed || cell.Scopes.Contains(component)))
            .ToArray();
        var best = complete
            .OrderByDescending(cell => Present(cell, roles).Count)
            .ThenByDescending(cell => cell.Scopes.Contains(component))
            .ThenByDescending(cell => Fits(scope, cell, roles))
            .FirstOrDefault();
        if (best is not null && complete.Length > 1 && !Fits(scope, best, roles))
        {
            best = complete
                .Where(cell => Present(cell, roles).Count == Present(best, roles).Count)
                .FirstOrDefault(cell => Fits(scope, cell, roles))
                ?? best;
        }

        best ??= OfPair(scope, component, variables);
        return best is null ? null : new Claim(scope, best, Present(best, roles), best.Name);
    }

    /// <summary>
    /// The cell of one half of a pair <c>fw</c>, <c>bw</c>, which only bidirectional loops make: the only kind that the shapes of both fit.
    /// </summary>
    private static Cell? OfPair(string scope, string component, CellVariables variables)
    {
        var other = component is "fw" ? "bw" : component is "bw" ? "fw" : null;
        if (other is null || scope.Length < 2)
        {
            return null;
        }

        var sibling = scope[..^2] + other;
        return
            variables.Has(sibling) && Possible(scope, variables) is [var only] && Possible(sibling, variables) is [var same] && only == same
            ? CellCatalog.Find(only)
            : null;
    }

    /// <summary>What a scope's variables may be of the kinds whose equations only a graph spells out, whatever the scope is called.</summary>
    public static IEnumerable<Claim> SpelledByGraphs(string scope, CellVariables variables)
    {
        var roles = variables.RolesOf(scope);
        return CellCatalog
            .All.Where(cell => cell is { GraphOf: not null, ReadGraph: not null, NeedsScope: true } && Has(cell, roles))
            .Select(cell => new Claim(scope, cell, Present(cell, roles), cell.Name));
    }

    /// <summary>The cells that the shapes of a scope would fit, though its name does not speak for them.</summary>
    public static IReadOnlyList<string> Possible(string scope, CellVariables variables)
    {
        var roles = variables.RolesOf(scope);
        return
        [
            .. CellCatalog
                .All.Where(cell =>
                    cell.Refusal is null
                    && !cell.IsNamedOnly
                    && cell.IsProposed
                    && Has(cell, roles)
                    && roles.Count <= cell.Variables.Count
                    && Fits(scope, cell, roles))
                .Select(cell => cell.Name),
        ];
    }

    /// <summary>The cell that the user names for a scope; one that is named for all scopes is not meant for dense layers beside
    /// it.</summary>
    private static (Cell Cell, string ClassName)? Named(
        string scope,
        RecognitionOptions options,
        IReadOnlyDictionary<string, List<NamedPart>> roles) =>
        options.Cells.LastOrDefault(said => said.Scope is { } named && RecognitionOptions.Means(named, scope)) is { } scoped
            ? Of(scope, scoped.Value, roles)
        : options.Cells.LastOrDefault(said => said.Scope is null) is { } all
        && !DenseWords.SpeakOfDense(scope)
        && Has(CellCatalog.Find(all.Value), roles)
            ? Of(scope, all.Value, roles)
        : null;

    /// <summary>The cell of a name; where several have it, the one that the shapes fit.</summary>
    private static (Cell Cell, string ClassName) Of(string scope, string name, IReadOnlyDictionary<string, List<NamedPart>> roles)
    {
        var all = CellCatalog.FindAll(name);
        return (
            all.FirstOrDefault(cell => all.Count > 1 && Has(cell, roles) && Fits(scope, cell, roles)) ?? all[0],
            CellCatalog.ClassName(name));
    }

    private static bool Has(Cell cell, IReadOnlyDictionary<string, List<NamedPart>> roles) =>
        cell.Variables.All(role => role.IsOptional || roles.ContainsKey(role.Name))
        && (cell.KernelLeaf is null || roles["kernel"].TrueForAll(part => part.Leaf.StartsWith(cell.KernelLeaf, StringComparison.Ordinal)));

    private static Dictionary<string, List<NamedPart>> Present(Cell cell, IReadOnlyDictionary<string, List<NamedPart>> roles) =>
        roles.Where(role => cell.Variables.Any(one => one.Name == role.Key)).ToDictionary(StringComparer.Ordinal);

    /// <summary>True if a kind of cell can have variables of these shapes.</summary>
    public static bool Fits(string scope, Cell cell, IReadOnlyDictionary<string, List<NamedPart>> roles)
    {
        var infos = Present(cell, roles).ToDictionary(role => role.Key, role => Info(scope, role.Key, role.Value), StringComparer.Ordinal);
        return CellSizes.Solve(cell, infos, []) is { Sizes: not null } or { Open.Count: > 0 };
    }

    /// <summary>Name and shape of a variable whose parts are not put together yet: rows below rows.</summary>
    private static TensorInfo Info(string scope, string role, List<NamedPart> parts)
    {
        var first = parts[0].Tensor.Info;
        return parts.Count == 1 || first.Shape.Rank != 2 ? first
            : new TensorInfo($"{scope}/{role}", first.DType, new Shape(parts.Sum(part => part.Tensor.Shape[0]), first.Shape[1]));
    }
}
