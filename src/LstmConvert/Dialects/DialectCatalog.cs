using LstmConvert.Files;

namespace LstmConvert.Dialects;

/// <summary>The naming conventions that are known. A new one is a file and a line here.</summary>
internal static class DialectCatalog
{
    /// <summary>All conventions, in the order in which they are tried.</summary>
    public static IReadOnlyList<Dialect> All { get; } =
    [
        PyTorchNames.Definition,
        ReturnnNames.Definition,
        Sonnet1Names.Definition,
        BaselinesNames.Definition,
        KerasNames.Definition,
        Sonnet2Names.Definition,
        TensorFlow1Names.Definition,
        FlaxNames.Definition,
    ];

    /// <summary>The convention of this name.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static Dialect Find(string name) => All.FirstOrDefault(dialect => dialect.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UsageException($"'{name}' is no known dialect.{NearNames.SentenceOrAll(name, [.. All.Select(dialect => dialect.Name)], "Known are")}");

    /// <summary>Reads a variable's name by the first convention that knows its end.</summary>
    /// <param name="name">The name.</param>
    public static VariableReading? Read(string name) => All.Where(dialect => dialect.Refusal is null).Select(dialect => dialect.Read(name)).FirstOrDefault(reading => reading is not null);

    /// <summary>Where a cell of this scope stands.</summary>
    /// <param name="scope">The scope.</param>
    public static Place PlaceOf(string scope) =>
        All.Select(dialect => dialect.PlaceOf(scope)).FirstOrDefault(place => place is not null) ?? new Place(scope, 0, false, null, false, false);
}
