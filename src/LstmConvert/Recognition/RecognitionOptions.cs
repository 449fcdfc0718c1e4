using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;

namespace LstmConvert.Recognition;

/// <summary>A value for all cells, or for the cells of one scope.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Scope">The scope, or null for all.</param>
/// <param name="Value">The value.</param>
public sealed record Scoped<T>(string? Scope, T Value);

/// <summary>What the user says of a source.</summary>
public sealed record RecognitionOptions
{
    /// <summary>The kind of cell (<c>--cell</c>).</summary>
    public IReadOnlyList<Scoped<string>> Cells { get; init; } = [];

    /// <summary>The forget bias (<c>--forget-bias</c>).</summary>
    public IReadOnlyList<Scoped<double>> ForgetBias { get; init; } = [];

    /// <summary>The activation (<c>--activation</c>).</summary>
    public IReadOnlyList<Scoped<string>> Activation { get; init; } = [];

    /// <summary>The wiring: <c>auto</c>, <c>chain</c>, <c>independent</c>, <c>bidirectional</c>, <c>stack-bidirectional</c>.</summary>
    public string Wiring { get; init; } = "auto";

    /// <summary>Only variables whose name matches one of these (<c>*</c> and <c>?</c>); empty for all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>No variable whose name matches one of these.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>The graph that belongs to the variables, or null.</summary>
    public Graph? Graph { get; init; }

    /// <summary>True refuses whatever is only assumed.</summary>
    public bool IsStrict { get; init; }
}
