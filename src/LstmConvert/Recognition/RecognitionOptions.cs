namespace LstmConvert.Recognition;

/// <summary>A value for all layers, or for the layers of one scope.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Scope">The scope, or null for all.</param>
/// <param name="Value">The value.</param>
public sealed record Scoped<T>(string? Scope, T Value);

/// <summary>A fact that the user says.</summary>
/// <param name="Scope">The scope, or null for all layers.</param>
/// <param name="Name">The fact's name: <c>forget_bias</c>.</param>
/// <param name="Value">The value as the user wrote it: a value, or <c>none</c>.</param>
public sealed record SaidFact(string? Scope, string Name, string Value);

/// <summary>What the user says of a source.</summary>
public sealed record RecognitionOptions
{
    /// <summary>The kind of cell.</summary>
    public IReadOnlyList<Scoped<string>> Cells { get; init; } = [];

    /// <summary>Facts that no variable holds.</summary>
    public IReadOnlyList<SaidFact> Facts { get; init; } = [];

    /// <summary>The wiring: <c>auto</c>, <c>chain</c>, <c>independent</c>, <c>bidirectional</c>,
    /// <c>stack-bidirectional</c>, <c>skip</c>.</summary>
    public string Wiring { get; init; } = "auto";

    /// <summary>The naming convention; null to find it.</summary>
    public string? Dialect { get; init; }

    /// <summary>Only variables whose name matches one of these (<c>*</c> and <c>?</c>); empty for all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>No variable whose name matches one of these.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>What <see cref="Graph"/> is to leave the graph beside the variables alone.</summary>
    public const string NoGraph = "none";

    /// <summary>The path of the graph that belongs to the variables; null for the one beside them, <see cref="NoGraph"/> for
    /// none.</summary>
    public string? Graph { get; init; }

    /// <summary>Graphs that were read for sources before, or null: many checkpoints have the same one.</summary>
    public GraphMemory? Graphs { get; init; }

    /// <summary>True refuses whatever is only assumed.</summary>
    public bool IsStrict { get; init; }

    /// <summary>The last of some values that is said of a scope, else of all; null without.</summary>
    internal static T? Of<T>(IReadOnlyList<Scoped<T>> said, string scope)
        where T : class =>
        (said.LastOrDefault(one => one.Scope is { } named && Means(named, scope)) ?? said.LastOrDefault(one => one.Scope is null))?.Value;

    /// <summary>True if a named scope means this one: the scope itself, one above it, its last components, or the layer's name.</summary>
    /// <param name="named">What is named.</param>
    /// <param name="scope">The cell's scope.</param>
    public static bool Means(string named, string scope) =>
        scope == named
        || scope.StartsWith(named + "/", StringComparison.Ordinal)
        || scope.EndsWith("/" + named, StringComparison.Ordinal)
        || Dialects.ScopeName.ToLayerName(scope) == named;
}
