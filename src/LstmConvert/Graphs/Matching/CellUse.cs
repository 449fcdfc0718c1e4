using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>One place in a graph that computes one step (or, fused, all steps) of a cell, under every pattern that fits there.</summary>
internal sealed class CellUse(IReadOnlyList<CellMatch> matches)
{
    /// <summary>What fits, the best first.</summary>
    public IReadOnlyList<CellMatch> Matches { get; } = matches;

    public CellMatch First => Matches[0];

    public GraphNode Anchor => First.Anchor!;

    public Output? X => First.X;

    /// <summary>The state that is read as the step before left it: its output, where a state is one; null where none is handed
    /// on.</summary>
    public Output? H => First.Carried is { } state ? First.States[state].Enters : null;

    /// <summary>Where a step leaves that state.</summary>
    public Output Left => First.Left;

    /// <summary>The new output.</summary>
    public Output Hidden => First.Output;

    /// <summary>Every output that is this cell's output: h, h plus x.</summary>
    public List<Output> Outputs { get; } = [matches[0].Output];

    public GraphFact<bool>? SequenceLengths { get; set; }

    public GraphFact<bool>? Residual { get; set; }

    public List<string> Obstacles { get; } = [];

    /// <summary>What is 0 where a row has ended, which the operation that walks the sequence reads; null where it reads none.</summary>
    public Output? RowMask =>
        First.Pattern.RowMask is { } input && IsFusedSequence ? First.Output.Node.Input(input) : null;

    /// <summary>Where what the program is given sets a state back before the step.</summary>
    public List<StateReset> Resets { get; } = [];

    /// <summary>True for an operation that walks the sequence itself: its output is no state.</summary>
    public bool IsFusedSequence => First.Pattern.Pattern.IsSequence;
}
