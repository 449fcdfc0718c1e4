using LstmConvert.Cells;
using LstmConvert.Dialects;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>A kind of cell, as the catalog shows it.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="AlsoKnownAs">Other classes with the same variables and equations.</param>
/// <param name="Variables">Its variables, each with its shape; <c>?</c> behind one that may be missing.</param>
/// <param name="Gates">The order of the gates, a letter each; empty without.</param>
/// <param name="States">Its states in its own order.</param>
/// <param name="Facts">What no variable holds, each with its default.</param>
/// <param name="Layers">The Keras layers that stand for it, each with what its weights are made of; empty for a cell that is not
/// converted.</param>
/// <param name="Refusal">Why it is not converted, as a phrase; null if it is.</param>
/// <param name="Graph">How one step of it looks in a graph.</param>
public sealed record CatalogCell(
    string Name,
    IReadOnlyList<string> AlsoKnownAs,
    IReadOnlyList<string> Variables,
    string Gates,
    IReadOnlyList<string> States,
    IReadOnlyList<string> Facts,
    IReadOnlyList<(string ClassName, IReadOnlyList<string> Weights)> Layers,
    string? Refusal,
    IReadOnlyList<string> Graph);

/// <summary>A naming convention, as the catalog shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">What it is, as a phrase.</param>
/// <param name="Source">Where it is defined.</param>
/// <param name="Refusal">Why its variables are not converted, as a phrase; null if they are.</param>
/// <param name="Files">The files in which its library keeps variables, as a phrase; empty for those of TensorFlow.</param>
/// <param name="HasToBeNamed">True if it is taken only where the user names it, because its names are other programs' too, or are
/// lost.</param>
public sealed record CatalogDialect(string Name, string Title, string Source, string? Refusal, string Files, bool HasToBeNamed);

/// <summary>Everything that is known of cells and naming conventions.</summary>
public static class Catalog
{
    /// <summary>Sizes for which recipes are shown; they read the same for any.</summary>
    private static readonly Dictionary<char, long> Sizes = new()
    {
        ['x'] = 2,
        ['u'] = 3,
        ['h'] = 3,
        ['p'] = 3,
        ['o'] = 3,
        ['l'] = 1,
        ['d'] = 1,
    };

    /// <summary>Every cell.</summary>
    public static IReadOnlyList<CatalogCell> Cells => [.. CellCatalog.All.Select(Of)];

    /// <summary>Every naming convention.</summary>
    public static IReadOnlyList<CatalogDialect> Dialects => [.. DialectCatalog.All.Select(Shown)];

    /// <summary>The cell of a name, in any case.</summary>
    /// <param name="name">The class's name, or one of its others.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static CatalogCell Cell(string name) => Of(CellCatalog.Find(name));

    /// <summary>The convention of a name, in any case.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static CatalogDialect Dialect(string name) => Shown(DialectCatalog.Find(name));

    private static CatalogDialect Shown(Dialect dialect) =>
        new(dialect.Name, dialect.Title, dialect.Source, dialect.Refusal, dialect.Files, dialect.IsNamedOnly || dialect.NamesNeedWord);

    /// <summary>The names of all facts.</summary>
    public static IReadOnlyList<string> FactNames => [.. Facts.Select(fact => fact.Name).Distinct(StringComparer.Ordinal)];

    /// <summary>The words that a fact takes; <c>auto</c> and <c>none</c> where it takes a number, nothing for a name that no fact
    /// has.</summary>
    /// <param name="fact">The fact's name.</param>
    public static IReadOnlyList<string> ValuesOf(string fact) => Facts.FirstOrDefault(one => one.Name == fact) switch
    {
        null => [],
        ActivationFact => [.. Activations.All.Select(activation => activation.Name), "auto", "none"],
        TruthFact => ["yes", "none", "auto"],
        ChoiceFact choice => choice.Words,
        _ => ["auto", "none"],
    };

    private static IEnumerable<FactDefinition> Facts =>
        CellCatalog.All.SelectMany(cell => cell.Facts).Concat([KnownFacts.Residual, KnownFacts.Direction]);

    private static CatalogCell Of(Cell cell) =>
        new(
            cell.Name,
            cell.AlsoKnownAs,
            [
                .. cell.Variables.Select(role =>
                    $"{role.Name} {(role.Shape.Length > 0 ? role.Shape : "(buffer)")}{(role.IsOptional ? "?" : "")}"),
            ],
            cell.Gates,
            [.. cell.States.Select(state => $"{state.Name} ({state.Width})")],
            [.. cell.Facts.Select(fact => fact.Assumed(cell.Name, "", "") is { } assumed ? $"{fact.Name} = {assumed.Value}" : fact.Name)],
            cell.Refusal is null ? Layers(cell) : [],
            cell.Refusal,
            [.. cell.Graph.Select(graph => graph.Text)]);

    private static IReadOnlyList<(string ClassName, IReadOnlyList<string> Weights)> Layers(Cell cell)
    {
        if (
            cell.ToKeras is not { } toKeras
            || cell.SizesOf is not null
            || cell.Variables.Any(role => role.Shape.Length == 0 || !SymbolicShape.Parse(role.Shape).Axes.All(IsKnown)))
        {
            return [];
        }

        var variables = cell
            .Variables.Where(role => !role.IsOptional || role.Name == RecurrentWeights.Bias)
            .ToDictionary(
                role => role.Name,
                role =>
                    (Tensor)
                        new MemoryTensor(
                            new TensorInfo(role.Name, DType.Float32, SymbolicShape.Parse(role.Shape).Resolve(Sizes)!),
                            default),
                StringComparer.Ordinal);
        var facts = cell
            .Facts.Select(fact =>
                fact.Assumed(cell.Name, "", "") is { } assumed
                    ? assumed with
                    {
                        Value = fact is LimitFact ? FactValue.None : assumed.Value,
                    }
                    : null)
            .OfType<Fact>()
            .ToArray();
        return
        [
            .. toKeras(new BoundCell(cell, "", variables, Sizes, facts))
                .Select(recipe =>
                    (
                        recipe.Layer.ClassName,
                        (IReadOnlyList<string>)[.. recipe.Weights.Select(weight => $"{weight.Name} = {weight.Derivation}")])),
        ];
    }

    private static bool IsKnown(SymbolicAxis axis) => axis.Terms.All(term => term.Letter is not { } letter || Sizes.ContainsKey(letter));
}
