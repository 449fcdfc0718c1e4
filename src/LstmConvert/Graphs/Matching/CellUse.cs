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

    /// <summary>The state that is read as the output of the step before; null where no state is one.</summary>
    public Output? H => First.OutputState is { } state ? First.States[state].Enters : null;

    /// <summary>The new output.</summary>
    public Output Hidden => First.Output;

    /// <summary>Every output that is this cell's output: h, h plus x.</summary>
    public List<Output> Outputs { get; } = [matches[0].Output];

    public GraphFact<bool>? SequenceLengths { get; set; }

    public GraphFact<bool>? Residual { get; set; }

    public List<string> Obstacles { get; } = [];

    /// <summary>True for an operation that walks the sequence itself: its output is no state.</summary>
    public bool IsFusedSequence => First.Pattern.Pattern.IsSequence;
}
