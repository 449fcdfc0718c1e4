namespace LstmConvert.Graphs;

/// <summary>A value that stands in a graph, and the node that says so.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="Node">The node's name.</param>
public sealed record GraphFact<T>(T Value, string Node);

/// <summary>The equations that a part of a graph computes.</summary>
public enum GraphCellKind
{
    /// <summary>Four gates and a cell state.</summary>
    Lstm,

    /// <summary>Reset and update gate, candidate; the reset gate is applied before the recurrent product.</summary>
    Gru,

    /// <summary>One activation of input and state.</summary>
    Rnn,
}

/// <summary>How the steps of a sequence follow each other in a graph.</summary>
public enum GraphLoop
{
    /// <summary>The program runs one step; the loop is outside the graph.</summary>
    SingleStep,

    /// <summary>One copy of the cell for each step.</summary>
    Unrolled,

    /// <summary>A loop of TensorFlow 1 (Enter, Merge, NextIteration).</summary>
    While,

    /// <summary>A functional loop (While with a body).</summary>
    Functional,

    /// <summary>One operation that walks the sequence itself (BlockLSTM).</summary>
    Fused,
}

/// <summary>A cell that was found in a graph by its structure: all uses of one kernel together.</summary>
public sealed class GraphCell
{
    internal GraphCell(GraphCellKind kind, string operation, IReadOnlyList<string> kernels)
    {
        Kind = kind;
        Operation = operation;
        Kernels = kernels;
    }

    /// <summary>Its equations.</summary>
    public GraphCellKind Kind { get; }

    /// <summary>The fused operation's name, or <c>Split</c> and the like where the equations are spelled out.</summary>
    public string Operation { get; }

    /// <summary>The names, as stored, of the kernel's variables: one; several where it was sharded or is kept in two (input and recurrent).</summary>
    public IReadOnlyList<string> Kernels { get; }

    /// <summary>All variables of the cell by role (<c>kernel</c>, <c>bias</c>, <c>w_i_diag</c>, <c>projection/kernel</c>, <c>gates/kernel</c> …), as stored.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Variables { get; internal set; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>The number added to the forget gate at run time: 0 with the Split's name where nothing is added.</summary>
    public GraphFact<double>? ForgetBias { get; internal set; }

    /// <summary>The limit of the cell state; null where nothing clips it.</summary>
    public GraphFact<double>? CellClip { get; internal set; }

    /// <summary>The limit of the projected output; null where nothing clips it.</summary>
    public GraphFact<double>? ProjectionClip { get; internal set; }

    /// <summary>The activation of the candidate (and of the output, unless <see cref="OutputActivation"/> differs), Keras' name: <c>tanh</c>, <c>linear</c>.</summary>
    public GraphFact<string>? Activation { get; internal set; }

    /// <summary>The activation of an LSTM's output.</summary>
    public GraphFact<string>? OutputActivation { get; internal set; }

    /// <summary>The activation of the gates.</summary>
    public GraphFact<string>? RecurrentActivation { get; internal set; }

    /// <summary>The order of the gates in the kernel's columns: <c>ijfo</c>, <c>ifjo</c>; <c>ru</c> for a GRU.</summary>
    public GraphFact<string>? GateOrder { get; internal set; }

    /// <summary>True if rows have lengths of their own: past a row's end the state stands still.</summary>
    public GraphFact<bool>? SequenceLengths { get; internal set; }

    /// <summary>True if the input is added to the output.</summary>
    public GraphFact<bool>? Residual { get; internal set; }

    /// <summary>True if the cell walks the sequence from its end; null where the graph does not tell.</summary>
    public GraphFact<bool>? IsBackward { get; internal set; }

    /// <summary>How the steps follow each other.</summary>
    public GraphFact<GraphLoop> Loop { get; internal set; } = new(GraphLoop.SingleStep, "");

    /// <summary>The cells whose outputs are its input, in the order in which they are put together.</summary>
    public IReadOnlyList<GraphCell> Sources { get; internal set; } = [];

    /// <summary>Where its input comes from besides other cells: names of the nodes at which following it ended.</summary>
    public IReadOnlyList<string> ExternalSources { get; internal set; } = [];

    /// <summary>How often the graph has the cell: steps, copies for training and inference, loops that share it.</summary>
    public int Uses { get; internal set; }

    /// <summary>How many loops, or chains of steps, run it.</summary>
    public int Loops { get; internal set; }

    /// <summary>What differs from one use to another, as sentences; nothing is chosen then.</summary>
    public IReadOnlyList<string> Disagreements { get; internal set; } = [];

    /// <summary>What the cell computes beyond its kind's equations, as phrases: it cannot be taken for a plain one.</summary>
    public IReadOnlyList<string> Obstacles { get; internal set; } = [];

    /// <summary>The node at which the cell was found.</summary>
    public string Node { get; internal set; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {string.Join(", ", Kernels)}";
}
