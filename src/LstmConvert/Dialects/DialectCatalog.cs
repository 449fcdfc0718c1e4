using LstmConvert.Files;

namespace LstmConvert.Dialects;

/// <summary>The naming conventions that are known. A new one is a file and a line here.</summary>
internal static class DialectCatalog
{
    /// <summary>All conventions, in the order in which they are tried.</summary>
    public static IReadOnlyList<Dialect> All { get; } =
    [
        OnnxNames.Definition,
        PyTorchNames.Definition,
        MxNetNames.Definition,
        ChainerNames.Definition,
        LasagneNames.Definition,
        HaikuNames.Definition,
        ReturnnNames.Definition,
        Sonnet1Names.Definition,
        BaselinesNames.Definition,
        KerasNames.Definition,
        Sonnet2Names.Definition,
        FlaxNames.Definition,
        Dl4jNames.Definition,
        TensorFlow1Names.Definition,
    ];

    /// <summary>The convention of this name.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static Dialect Find(string name) =>
        All.FirstOrDefault(dialect => dialect.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UsageException(
            $"'{name}' is no known dialect.{NearNames.SentenceOrAll(name, [.. All.Select(dialect => dialect.Name)], "Known are")}");

    /// <summary>Reads a variable's name by the first convention that knows its end.</summary>
    /// <param name="name">The name.</param>
    public static VariableReading? Read(string name) =>
        All.Where(dialect => dialect is { Refusal: null, IsNamedOnly: false })
            .Select(dialect => dialect.Read(name))
            .FirstOrDefault(reading => reading is not null);

    /// <summary>The names that variables have in their program, where a convention finds them in all of them together.</summary>
    /// <param name="variables">Names and shapes in the file.</param>
    /// <param name="named">The convention that the user names, or null.</param>
    public static IReadOnlyDictionary<string, string> Names(IReadOnlyList<Tensors.TensorInfo> variables, string? named) =>
        (named is null ? All.Where(dialect => dialect is { NamesNeedWord: false, IsNamedOnly: false }) : [Find(named)])
            .Select(dialect => dialect.Names(variables)).FirstOrDefault(names => names.Count > 0) ?? new Dictionary<string, string>();

    /// <summary>The convention that variables may be of by their shapes, and what speaks for it; null if none may.</summary>
    /// <param name="variables">Names and shapes in the file.</param>
    public static (Dialect Dialect, string Clause)? Guess(IReadOnlyList<Tensors.TensorInfo> variables) =>
        All.Select(dialect => (dialect, dialect.Guess(variables) ?? "")).FirstOrDefault(one => one.Item2.Length > 0)
            is ({ } found, var clause)
            ? (found, clause)
            : null;

    /// <summary>Where a cell of this scope stands.</summary>
    /// <param name="scope">The scope.</param>
    public static Place PlaceOf(string scope) =>
        All.Select(dialect => dialect.PlaceOf(scope)).FirstOrDefault(place => place is not null)
        ?? new Place(scope, 0, false, null, false, false);
}
