namespace LstmConvert.Cells;

/// <summary>The cells that are known. A new one is a file and a line here.</summary>
public static class CellCatalog
{
    /// <summary>All cells, the most specific set of variables first.</summary>
    public static IReadOnlyList<CellDefinition> All { get; } =
    [
        GruCell.Definition,
        GruBlockCell.Definition,
        LstmCell.Definition,
        BasicRnnCell.Definition,
        BlockLstmV2Cell.Definition,
        KerasLstmCell.Definition,
        KerasGruCell.Definition,
        KerasSimpleRnnCell.Definition,
        SonnetLstmCell.Definition,
        SonnetVanillaRnnCell.Definition,
    ];

    /// <summary>Every name that <c>--cell</c> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.SelectMany(cell => cell.AlsoKnownAs.Prepend(cell.Name))];

    /// <summary>The cell of this name.</summary>
    /// <param name="name">TensorFlow's class name, in any case.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static CellDefinition Find(string name) =>
        All.FirstOrDefault(cell => cell.AlsoKnownAs.Prepend(cell.Name).Contains(name, StringComparer.OrdinalIgnoreCase))
        ?? throw new UsageException($"'{name}' is no known cell. Known are {string.Join(", ", Names)}.");
}
