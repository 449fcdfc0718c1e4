using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>A value that stands in a graph, and the node that says so.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="Node">The node's name.</param>
public sealed record GraphFact<T>(T Value, string Node);

/// <summary>The outputs of a graph (<c>node:number</c>) at which one step of a cell begins and ends.</summary>
/// <param name="Input">Where x is read.</param>
/// <param name="StatesIn">Where each state is read.</param>
/// <param name="Output">The output of the step.</param>
/// <param name="StatesOut">Each new state.</param>
internal sealed record GraphPorts(
    string Input,
    IReadOnlyDictionary<string, string> StatesIn,
    string Output,
    IReadOnlyDictionary<string, string> StatesOut);

/// <summary>A state that a loop puts among those of the other steps.</summary>
/// <param name="State">Its name.</param>
/// <param name="IsBefore">True for the state as the step reads it.</param>
/// <param name="Node">The node that keeps it.</param>
internal sealed record KeptState(string State, bool IsBefore, string Node);

/// <summary>A value from within the steps of a cell, neither its output nor a state, that something outside of it reads.</summary>
/// <param name="Value">The node that computes it.</param>
/// <param name="Node">The node that reads it.</param>
internal sealed record KeptValue(string Value, string Node);

/// <summary>A state that is multiplied by 1 minus what the program is given before a step reads it.</summary>
/// <param name="State">Its name.</param>
/// <param name="Given">The node of what is given.</param>
/// <param name="By">The node that multiplies.</param>
internal sealed record StateReset(string State, string Given, GraphNode By);

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

/// <summary>What a pattern found of a cell.</summary>
/// <param name="Cell">The pattern's cell.</param>
public sealed record GraphMatch(string Cell)
{
    /// <summary>The variables by role, under the names as stored; several where one was sharded.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Variables { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>The names, as stored, of the matrix that the cell is known by.</summary>
    internal IReadOnlyList<string> Kernels { get; init; } = [];

    /// <summary>The facts that are numbers; null for none (nothing clips).</summary>
    public IReadOnlyDictionary<string, GraphFact<double?>> Numbers { get; init; } =
        new Dictionary<string, GraphFact<double?>>(StringComparer.Ordinal);

    /// <summary>The facts that are words: activations, the order of the gates.</summary>
    public IReadOnlyDictionary<string, GraphFact<string>> Words { get; init; } =
        new Dictionary<string, GraphFact<string>>(StringComparer.Ordinal);

    /// <summary>What is computed beyond the cell's equations, as phrases.</summary>
    public IReadOnlyList<string> Obstacles { get; init; } = [];

    /// <summary>What differs from one use to another, as sentences; nothing is chosen then.</summary>
    public IReadOnlyList<string> Disagreements { get; init; } = [];
}

/// <summary>A cell that was found in a graph by its structure: all uses of one kernel together.</summary>
public sealed class GraphCell
{
    internal GraphCell(GraphNode anchor)
    {
        Node = anchor.Name;
        Operation = anchor.Op;
    }

    /// <summary>The patterns that fit, the one that explains most first; at least one.</summary>
    public IReadOnlyList<GraphMatch> Matches { get; internal set; } = [];

    /// <summary>The fused operation's name, or that of the product with the kernel.</summary>
    public string Operation { get; }

    /// <summary>The names, as stored, of the kernel's variables: one; several where it was sharded.</summary>
    public IReadOnlyList<string> Kernels => Matches[0].Kernels;

    /// <summary>All variables of the cell by role, as stored.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Variables => Matches[0].Variables;

    /// <summary>A fact that is a number; null if the cell has it not, or there is none.</summary>
    public GraphFact<double>? Number(string name) =>
        Matches[0].Numbers.TryGetValue(name, out var fact) && fact.Value is { } value ? new GraphFact<double>(value, fact.Node) : null;

    /// <summary>A fact that is a word, or null.</summary>
    public GraphFact<string>? Word(string name) => Matches[0].Words.GetValueOrDefault(name);

    /// <summary>True if rows have lengths of their own: past a row's end the state stands still.</summary>
    public GraphFact<bool>? SequenceLengths { get; internal set; }

    /// <summary>True if the input is added to the output.</summary>
    public GraphFact<bool>? Residual { get; internal set; }

    /// <summary>True if the cell walks the sequence from its end; null where the graph does not tell.</summary>
    public GraphFact<bool>? IsBackward { get; internal set; }

    /// <summary>True if <see cref="IsBackward"/> is taken from the variables' names: of a constant the graph does not tell whether it was
    /// turned around.</summary>
    internal bool IsDirectionFromNames { get; set; }

    /// <summary>True if its outputs lie backward: its input was turned around by a node, not taken from the other end by the
    /// program.</summary>
    internal bool LiesBackward { get; set; }

    /// <summary>The node that turns its outputs around again before anything reads them, or null.</summary>
    internal string? OutputReversedBy { get; set; }

    /// <summary>What it reads; null where nothing was found.</summary>
    internal GraphFeed? Feed { get; set; }

    /// <summary>The node that computes what it reads from its own output, as an attention or a sampled next step does; null where nothing
    /// does, or where another loop of the graph feeds it from outside.</summary>
    internal string? Feedback => Feed is { } feed ? FeedbackIn(feed) : null;

    /// <summary>What its states start with, by name; a state that is not here starts with zeros.</summary>
    internal IReadOnlyDictionary<string, GraphFeed> InitialStates { get; set; } = new Dictionary<string, GraphFeed>(StringComparer.Ordinal);

    /// <summary>The variables, as stored, that its states start from in every row, by the state's name; only where nothing is computed in
    /// between.</summary>
    internal IReadOnlyDictionary<string, string> StartVariables { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What reads its output besides cells: dense layers by their variables, others by name.</summary>
    internal IReadOnlyList<GraphReader> Readers { get; set; } = [];

    /// <summary>States that a loop keeps step by step, beside the output or in its place.</summary>
    internal IReadOnlyList<KeptState> KeptStates { get; set; } = [];

    /// <summary>The states that the program hands on from call to call.</summary>
    internal IReadOnlyList<CarriedState> CarriedStates { get; set; } = [];

    /// <summary>What a loop keeps step by step of what the cell computes on the way; what is read of an operation of which nothing reads the
    /// output.</summary>
    internal IReadOnlyList<KeptValue> KeptValues { get; set; } = [];

    /// <summary>True for an operation that walks backward by itself: what it reads and gives lies in the order of time.</summary>
    internal bool TurnsItself { get; init; }

    /// <summary>The names of what it reads beside its input, each a feature before those of the input.</summary>
    internal IReadOnlyList<string> Givens { get; init; } = [];

    /// <summary>What each of them is; null where it was not found.</summary>
    internal IReadOnlyList<GraphFeed?> GivenFeeds { get; set; } = [];

    /// <summary>States that what the program is given sets back between two steps.</summary>
    internal IReadOnlyList<StateReset> Resets { get; init; } = [];

    /// <summary>The state that is its output, or null where none is.</summary>
    internal string? OutputState { get; init; }

    /// <summary>Reads what stands around the cells of its graph, when it is asked for.</summary>
    internal Lazy<AroundFinder>? Around { get; set; }

    /// <summary>In what form its output leaves the cells: put beside, or added to, what else the readers read with it.</summary>
    internal IReadOnlyList<GraphFeed> Outputs { get; set; } = [];

    /// <summary>The outputs of the graph at which the cell can be watched, one copy of it.</summary>
    internal GraphPorts Ports { get; set; } =
        new("", new Dictionary<string, string>(StringComparer.Ordinal), "", new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>Where it can be fed and watched over a whole sequence; found when it is first asked for.</summary>
    internal Lazy<GraphTaps> Taps { get; set; } = new(() => new GraphTaps());

    /// <summary>True if one loop runs it more than once in each step, on its own output.</summary>
    internal bool IsRepeatedInStep =>
        Feed?.Flat.OfType<GraphFeed.FromCell>().Any(one => one.Cell == this && one is { IsSequence: false, FinalState: null }) == true;

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

    /// <summary>The names of what the program gives the loops that run it, where they read different things.</summary>
    internal IReadOnlyList<string> ReadByLoops =>
        Feed is GraphFeed.Alternatives several
            ? [.. several.Feeds.Select(feed => feed switch
            {
                GraphFeed.FromProgram given => given.Node,
                GraphFeed.Computed computed => computed.Node,
                _ => null,
            }).OfType<string>().Distinct(StringComparer.Ordinal).Take(8)]
            : [];

    /// <summary>What differs from one use to another, as sentences.</summary>
    public IReadOnlyList<string> Disagreements => Matches[0].Disagreements;

    /// <summary>What the cell computes beyond its equations, as phrases: it cannot be taken for a plain one.</summary>
    public IReadOnlyList<string> Obstacles => [.. Matches[0].Obstacles.Concat(UseObstacles)];

    /// <summary>Obstacles that lie between the steps, whatever the cell.</summary>
    internal IReadOnlyList<string> UseObstacles { get; set; } = [];

    /// <summary>The node at which the cell was found.</summary>
    public string Node { get; }

    /// <summary>The function of the graph that it lies in, or null: the body of a loop.</summary>
    internal string? Function =>
        Node.LastIndexOf("::", StringComparison.Ordinal) is >= 0 and var end
            ? Node[..end] is var outer && outer.LastIndexOf("::", StringComparison.Ordinal) is >= 0 and var start
                ? outer[(start + 2)..]
                : outer
            : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Matches[0].Cell} {string.Join(", ", Kernels)}";

    private string? FeedbackIn(GraphFeed feed) =>
        feed switch
        {
            GraphFeed.Computed computed => computed.From.Any(from => from.Cells.Contains(this))
                ? computed.Node
                : computed.From.Select(FeedbackIn).FirstOrDefault(node => node is not null),
            GraphFeed.Joined joined => joined.Parts.Select(FeedbackIn).FirstOrDefault(node => node is not null),
            GraphFeed.Added added => added.Terms.Select(FeedbackIn).FirstOrDefault(node => node is not null),
            GraphFeed.Reversed reversed => FeedbackIn(reversed.Feed),
            GraphFeed.Alternatives several when several.Feeds.Select(FeedbackIn).ToArray() is var found => Loops > 1
            && Array.Exists(found, node => node is null)
                ? null
                : Array.Find(found, node => node is not null),
            _ => null,
        };
}
