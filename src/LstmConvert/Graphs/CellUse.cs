namespace LstmConvert.Graphs;

/// <summary>One place in a graph that computes one step (or, fused, all steps) of a cell.</summary>
internal sealed class CellUse(GraphCellKind kind, GraphNode anchor)
{
    public GraphCellKind Kind { get; } = kind;

    /// <summary>The Split, the activation or the fused operation.</summary>
    public GraphNode Anchor { get; } = anchor;

    public IReadOnlyList<string> Kernels { get; set; } = [];

    public Dictionary<string, IReadOnlyList<string>> Variables { get; } = new(StringComparer.Ordinal);

    /// <summary>What is read as x, the state that is read as h, and the state that is read as c.</summary>
    public Output? X { get; set; }

    public Output? H { get; set; }

    public Output? C { get; set; }

    /// <summary>The new c; null for a cell without.</summary>
    public Output? State { get; set; }

    /// <summary>The new h before a projection.</summary>
    public Output? Hidden { get; set; }

    /// <summary>Products of the new h with a variable: a projection if they are what the next step reads.</summary>
    public List<(Output Output, IReadOnlyList<string> Kernel, GraphFact<double>? Clip, Output Clipped)> Products { get; } = [];

    /// <summary>Every output that is this cell's output: h, its projection, h plus x.</summary>
    public List<Output> Outputs { get; } = [];

    public GraphFact<double>? ForgetBias { get; set; }

    public GraphFact<double>? CellClip { get; set; }

    public GraphFact<double>? ProjectionClip { get; set; }

    public GraphFact<string>? Activation { get; set; }

    public GraphFact<string>? OutputActivation { get; set; }

    public GraphFact<string>? RecurrentActivation { get; set; }

    public GraphFact<string>? GateOrder { get; set; }

    public GraphFact<bool>? SequenceLengths { get; set; }

    public GraphFact<bool>? Residual { get; set; }

    public List<string> Obstacles { get; } = [];

    public bool IsFusedSequence { get; set; }
}
