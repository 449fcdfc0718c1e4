using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>A tensor of the graph at which a sequence is fed or fetched.</summary>
/// <param name="Tensor">Its name, <c>node:number</c>.</param>
/// <param name="Axis">Where its axis of time lies.</param>
internal sealed record GraphTap(string Tensor, TimeAxis Axis)
{
    /// <summary>The lengths of its axes as far as the graph states them; null where it does not.</summary>
    public IReadOnlyList<int?>? Shape { get; init; }

    /// <summary>Which columns of it are meant, where it holds several states; null for all.</summary>
    public ColumnCut? Cut { get; init; }
}

/// <summary>A tensor that says how long the rows are.</summary>
/// <param name="Tensor">Its name.</param>
/// <param name="Extent">What it says.</param>
internal sealed record GraphExtent(string Tensor, SequenceExtent Extent);

/// <summary>The tensors of one step of a cell, which may lie in a loop.</summary>
/// <param name="X">What it reads.</param>
/// <param name="Enters">Each state as it reads it, by name.</param>
/// <param name="Leaves">Each state as it gives it.</param>
/// <param name="Output">Its output.</param>
internal sealed record StepTaps(
    string X,
    IReadOnlyDictionary<string, string> Enters,
    IReadOnlyDictionary<string, string> Leaves,
    string Output)
{
    /// <summary>What it reads beside, whose features come before those of x.</summary>
    public IReadOnlyList<string> Givens { get; init; } = [];
}

/// <summary>The tensors outside all loops at which one cell can be fed and watched over a whole sequence, in one run of it.</summary>
internal sealed record GraphTaps
{
    /// <summary>Its output as it walks, as one sequence; null where its steps are not put together.</summary>
    public GraphTap? Output { get; init; }

    /// <summary>The same with the input added to it.</summary>
    public GraphTap? Sum { get; init; }

    /// <summary>Its output step by step, in the order in which it walks; empty where it walks in a loop.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>What each step reads, where that is a tensor for each step.</summary>
    public IReadOnlyList<string> StepInputs { get; init; } = [];

    /// <summary>Each step that the graph has a copy of, one where it walks in a loop; empty where what a step reads is no tensor of its
    /// own.</summary>
    public IReadOnlyList<StepTaps> Cells { get; init; } = [];

    /// <summary>What each state starts with.</summary>
    public IReadOnlyDictionary<string, GraphTap> InitialStates { get; init; } = new Dictionary<string, GraphTap>(StringComparer.Ordinal);

    /// <summary>Each state after the last step.</summary>
    public IReadOnlyDictionary<string, GraphTap> FinalStates { get; init; } = new Dictionary<string, GraphTap>(StringComparer.Ordinal);

    /// <summary>The variable of a loop that the program never closed, where it lies in one: no step of it can be run.</summary>
    public string? Unclosed { get; init; }

    /// <summary>What says how long the rows are.</summary>
    public IReadOnlyList<GraphExtent> Extents { get; init; } = [];

    /// <summary>The tensors that it reads on the way from what the program is given, by the node's name.</summary>
    public IReadOnlyDictionary<string, GraphTap> Entries { get; init; } = new Dictionary<string, GraphTap>(StringComparer.Ordinal);
}
