namespace LstmConvert.Graphs.Execution;

/// <summary>How the outputs of a node are handed on.</summary>
internal enum Passing
{
    /// <summary>To the readers in the same iteration.</summary>
    Plain,

    /// <summary>The same, as soon as one input is there.</summary>
    Merge,

    /// <summary>Into a loop.</summary>
    Enter,

    /// <summary>Out of a loop.</summary>
    Exit,

    /// <summary>Into the next iteration.</summary>
    Next,
}

/// <summary>A node that a run needs.</summary>
/// <param name="node">The node; null for what is fed.</param>
/// <param name="passing">How its outputs are handed on.</param>
internal sealed class PlanNode(ProgramNode? node, Passing passing)
{
    public ProgramNode? Node { get; } = node;

    public Passing Passing { get; } = passing;

    /// <summary>The loop it runs in.</summary>
    public PlanFrame? Frame { get; set; }

    /// <summary>Its place among the nodes of its frame.</summary>
    public int Local { get; set; }

    /// <summary>The place of its first input among the inputs of its frame.</summary>
    public int Slot { get; set; }

    public int Inputs { get; set; }

    public int Controls { get; set; }

    /// <summary>What reads it: the reader, which of its inputs (-1: it only waits), which output.</summary>
    public List<(PlanNode To, int Input, int Output)> Readers { get; } = [];

    /// <summary>Which results are outputs of it.</summary>
    public List<(int Output, int Result)> Results { get; } = [];

    /// <summary>Which outputs are watched in every iteration, and as which watch.</summary>
    public List<(int Output, int Watch)> Watches { get; } = [];

    /// <summary>Outputs that something reads.</summary>
    public int Outputs { get; set; } = 1;

    /// <summary>What it is if nothing feeds it.</summary>
    public double? Default { get; set; }

    /// <summary>The value of what must have arrived before it runs.</summary>
    public int Pending => Passing == Passing.Merge ? 1 + (Controls << 1) : Inputs + Controls;
}

/// <summary>A loop of TensorFlow 1, or the graph around all loops.</summary>
/// <param name="name">The frame's name.</param>
/// <param name="parent">The frame around it.</param>
internal sealed class PlanFrame(string name, PlanFrame? parent)
{
    public string Name { get; } = name;

    public PlanFrame? Parent { get; } = parent;

    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    public List<PlanNode> Nodes { get; } = [];

    /// <summary>Inputs of all its nodes.</summary>
    public int Slots { get; set; }

    /// <summary>Nodes that lead into it.</summary>
    public int Enters { get; set; }

    public Dictionary<string, PlanFrame> Inner { get; } = new(StringComparer.Ordinal);

    /// <summary>What each node waits for when an iteration begins.</summary>
    public int[] Pending { get; set; } = [];
}

/// <summary>The nodes that some outputs need, what reads what, and in which loop each runs.</summary>
internal sealed class ExecutionPlan
{
    /// <summary>Loops within loops that are executed.</summary>
    private const int MaximumDepth = 100;

    private readonly Dictionary<ProgramNode, PlanNode> nodes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Edge, PlanNode> fed = [];

    private ExecutionPlan()
    {
    }

    /// <summary>What is fed, in the order of the feeds.</summary>
    public List<PlanNode> Feeds { get; } = [];

    /// <summary>Every node.</summary>
    public List<PlanNode> Nodes { get; } = [];

    public PlanFrame Root { get; } = new("", null);

    /// <summary>What runs first: nothing has to arrive.</summary>
    public IReadOnlyList<PlanNode> Sources { get; private set; } = [];

    public int Results { get; private set; }

    /// <summary>Plans a run.</summary>
    /// <param name="builder">Links nodes.</param>
    /// <param name="feeds">Outputs that are replaced; what they are computed from is not executed.</param>
    /// <param name="fetches">Outputs that are wanted.</param>
    /// <param name="path">The graph, for messages.</param>
    /// <param name="watches">Outputs whose value in each iteration is wanted, as far as the fetches need them.</param>
    public static ExecutionPlan Of(
        ProgramBuilder builder,
        IReadOnlyList<Edge> feeds,
        IReadOnlyList<Edge> fetches,
        string path,
        IReadOnlyList<Edge>? watches = null)
    {
        var plan = new ExecutionPlan { Results = fetches.Count };
        foreach (var feed in feeds)
        {
            var node = plan.Add(new PlanNode(null, Passing.Plain));
            plan.Feeds.Add(node);
            plan.fed.TryAdd(feed, node);
        }

        var todo = new Queue<PlanNode>();
        for (var k = 0; k < fetches.Count; k++)
        {
            var node = plan.Producer(fetches[k], todo, out var output);
            node.Results.Add((output, k));
            node.Outputs = Math.Max(node.Outputs, output + 1);
        }

        while (todo.TryDequeue(out var node))
        {
            builder.Link(node.Node!);
            plan.Connect(node, todo);
        }

        for (var k = 0; k < (watches?.Count ?? 0); k++)
        {
            var edge = watches![k];
            if (plan.fed.TryGetValue(edge, out var given) || plan.nodes.TryGetValue(edge.Node, out given))
            {
                var output = given.Node is null ? 0 : edge.Index;
                given.Watches.Add((output, k));
                given.Outputs = Math.Max(given.Outputs, output + 1);
            }
        }

        plan.FindFrames(path);
        KeepProbability.Find(plan);
        plan.Sources =
        [
            .. plan.Nodes.Where(node => node is { Node: not null, Inputs: 0, Controls: 0 } && node.Frame == plan.Root).Reverse(),
        ];
        return plan;
    }

    private PlanNode Add(PlanNode node)
    {
        Nodes.Add(node);
        return node;
    }

    private PlanNode Producer(Edge edge, Queue<PlanNode> todo, out int output)
    {
        output = edge.Index;
        if (fed.TryGetValue(edge, out var feed))
        {
            output = 0;
            return feed;
        }

        if (!nodes.TryGetValue(edge.Node, out var node))
        {
            nodes[edge.Node] = node = Add(new PlanNode(edge.Node, ControlFlowOperations.PassingOf(edge.Node.Op)));
            todo.Enqueue(node);
        }

        return node;
    }

    private void Connect(PlanNode node, Queue<PlanNode> todo)
    {
        var inputs = node.Node!.Inputs;
        for (var k = 0; k < inputs.Count; k++)
        {
            if (inputs[k] is { } input)
            {
                var producer = Producer(input, todo, out var output);
                producer.Readers.Add((node, k, output));
                producer.Outputs = Math.Max(producer.Outputs, output + 1);
            }
        }

        node.Inputs = inputs.Count;
        foreach (var control in node.Node.Controls)
        {
            // A fed placeholder has only its value left.
            var producer = Producer(new Edge(control, 0), todo, out _);
            producer.Readers.Add((node, -1, 0));
            node.Controls++;
        }
    }

    /// <summary>A frame reaches from the nodes that lead into it to those that lead out of it.</summary>
    private void FindFrames(string path)
    {
        var todo = new Queue<PlanNode>();
        foreach (
            var node in Nodes.Where(node =>
                node.Inputs + node.Controls == 0
                || node.Node is { } known && !known.Inputs.Any(input => input is not null) && node.Controls == 0))
        {
            Place(node, Root, todo);
        }

        while (todo.TryDequeue(out var node))
        {
            var frame = node.Frame!;
            var outside = node.Passing switch
            {
                Passing.Enter => Inner(frame, node.Node!.FrameName, path),
                Passing.Exit => frame.Parent ?? throw Crossed(node, path),
                _ => frame,
            };
            if (node.Passing == Passing.Enter && node.Readers.Count > 0)
            {
                outside.Enters++;
            }

            foreach (var (to, _, _) in node.Readers)
            {
                if (to.Frame is null)
                {
                    Place(to, outside, todo);
                }
                else if (to.Frame != outside)
                {
                    throw Crossed(to, path);
                }
            }
        }

        foreach (
            var node in Nodes.Where(node =>
                node.Results.Count > 0 && (node.Passing == Passing.Exit ? node.Frame?.Parent : node.Frame) != Root))
        {
            throw new UnsupportedModelException(
                $"{node.Node} lies in a loop of {path}: it has a value for each iteration. Name what leaves the loop.");
        }

        foreach (var frame in Nodes.Select(node => node.Frame).Distinct().OfType<PlanFrame>())
        {
            frame.Pending = [.. frame.Nodes.Select(node => node.Pending)];
        }
    }

    private static void Place(PlanNode node, PlanFrame frame, Queue<PlanNode> todo)
    {
        node.Frame = frame;
        node.Local = frame.Nodes.Count;
        node.Slot = frame.Slots;
        frame.Slots += node.Inputs;
        frame.Nodes.Add(node);
        todo.Enqueue(node);
    }

    private static PlanFrame Inner(PlanFrame frame, string name, string path)
    {
        if (!frame.Inner.TryGetValue(name, out var inner))
        {
            frame.Inner[name] = inner = new PlanFrame(name, frame);
            if (inner.Depth > MaximumDepth)
            {
                throw new UnreadableInputException($"{path} nests its loops deeper than {MaximumDepth}. Export the inference graph alone.");
            }
        }

        return inner;
    }

    private static UnreadableInputException Crossed(PlanNode node, string path) =>
        new($"{path} cannot be executed: {node.Node} has inputs of two loops. Export the graph again.");
}
