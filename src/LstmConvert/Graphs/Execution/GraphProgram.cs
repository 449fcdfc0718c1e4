using LstmConvert.Arrays;
using LstmConvert.Graphs.Reading;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>What a run gave.</summary>
/// <param name="Values">The value of each fetch.</param>
/// <param name="Notes">What is to be said of them, as sentences: a probability that was assumed, random numbers, an assertion that does not
/// hold.</param>
internal sealed record GraphResult(IReadOnlyList<GraphValue> Values, IReadOnlyList<string> Notes)
{
    /// <summary>True if random numbers were drawn: what depends on them is another value in TensorFlow.</summary>
    public bool IsRandom { get; init; }

    /// <summary>The values of each watch in the order of the iterations; empty for what the fetches do not need.</summary>
    public IReadOnlyList<IReadOnlyList<GraphValue>> Watched { get; init; } = [];

    /// <summary>How often the body of each loop that is a function ran, by the function's name.</summary>
    public IReadOnlyDictionary<string, long> Iterations { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);
}

/// <summary>
/// A graph as a program that can be run, node by node, on the variables of its source: from the tensors that are fed to those that are
/// fetched, whatever lies in between. One run at a time.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="variables">The variables as they are stored, by name; null for one that is not there.</param>
internal sealed class GraphProgram(Graph graph, Func<string, Tensor?> variables)
{
    /// <summary>Elements of one value that is fed beside the sample.</summary>
    public const int MaximumFeed = 1 << 24;

    private readonly ProgramBuilder builder = new(graph.Definition, graph.Path);
    private readonly StoredVariables stored = new(graph, variables);
    private readonly Dictionary<(string, Precision), GraphValue?> known = [];

    /// <summary>A graph with the variables of a source.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="source">The variables: under the names of a Saver, of the program, or of the objects that hold them.</param>
    public static GraphProgram Of(Graph graph, TensorSet source)
    {
        var stored = source
            .ProgramNames.GroupBy(pair => pair.Value, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First().Key, StringComparer.Ordinal);
        const string Attribute = "/.ATTRIBUTES/VARIABLE_VALUE";
        return new GraphProgram(graph, name => source.Find(name)
            ?? (name.EndsWith(Attribute, StringComparison.Ordinal) ? source.Find(name[..^Attribute.Length]) : null)
            ?? (stored.TryGetValue(name, out var key) ? source.Find(key) : null));
    }

    /// <summary>The graph's file.</summary>
    public string Path => graph.Path;

    /// <summary>True if the graph has a tensor of this name.</summary>
    public bool Has(string tensor) => builder.Find(Trimmed(tensor)) is not null;

    /// <summary>The element type of a tensor, or null.</summary>
    /// <param name="tensor">The tensor's name.</param>
    public DType? TypeOf(string tensor) => OutputType.Of(Find(tensor));

    /// <summary>True for an input of the program.</summary>
    /// <param name="tensor">The tensor's name.</param>
    public bool IsInput(string tensor) => Find(tensor).Node.Op is "Placeholder" or "PlaceholderV2";

    /// <summary>The lengths of the axes that a tensor's node itself states, null for any length; null where it states none.</summary>
    /// <param name="tensor">The tensor's name.</param>
    public IReadOnlyList<int?>? ShapeOf(string tensor)
    {
        var shape = Find(tensor).Node.Attribute("shape").Shape;

        // Releases before 1.1 write an unknown shape as an empty one.
        return shape is { UnknownRank: false, Dim.Count: > 0 }
            ? [.. shape.Dim.Select(dim => dim.Size is >= 0 and <= int.MaxValue ? (int?)dim.Size : null)]
            : null;
    }

    /// <summary>The inputs without a value of their own that some tensors are computed from, in the order of their names; not what is a
    /// dropout's probability.</summary>
    /// <param name="tensors">The tensors' names.</param>
    public IReadOnlyList<string> InputsOf(IReadOnlyList<string> tensors) =>
        [
            .. ExecutionPlan
                .Of(builder, [], [.. tensors.Select(Find)], Path)
                .Nodes.Where(node => node is { Default: null, Node.Op: "Placeholder" or "PlaceholderV2" })
                .Select(node => node.Node!.Name)
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Runs the part of the graph between some tensors and others.</summary>
    /// <param name="feeds">Values by the tensors that they replace (<c>x:0</c>, <c>node:1</c>, <c>node</c>); what lies before those is not
    /// executed.</param>
    /// <param name="fetches">The tensors that are wanted.</param>
    /// <param name="precision">float32: as the graph has it; float64: the same graph with all floating point in float64.</param>
    /// <param name="watches">Tensors whose value in every iteration of their loop is wanted besides, as far as the fetches need them; not
    /// in loops that are functions.</param>
    /// <exception cref="UsageException">A tensor is not in the graph.</exception>
    /// <exception cref="UndecidedException">An input is needed that is not fed; the message names it.</exception>
    /// <exception cref="UnsupportedModelException">An operation is needed that is not executed; the message names it and its
    /// node.</exception>
    /// <exception cref="UnreadableInputException">The graph cannot be executed, or takes more than any program.</exception>
    public GraphResult Run(
        IReadOnlyDictionary<string, GraphValue> feeds,
        IReadOnlyList<string> fetches,
        Precision precision,
        IReadOnlyList<string>? watches = null)
    {
        var named = feeds.Select(feed => (Edge: Find(feed.Key), feed.Value)).ToArray();
        var plan = ExecutionPlan.Of(
            builder,
            [.. named.Select(feed => feed.Edge)],
            [.. fetches.Select(Find)],
            Path,
            [.. (watches ?? []).Select(Find)]);
        var weights = plan.Nodes.Sum(node => stored.ElementCount(node.Node));
        var budget = new Budget(
            Path,
            weights,
            feeds.Sum(feed => (long)feed.Value.Count),
            builder.NodeCount,
            feeds.SelectMany(feed => feed.Value.Shape).DefaultIfEmpty(0).Max());
        var run = new Executor(this, precision, budget);
        var results = new PlanRun(run, plan).Execute([.. named.Select(feed => Converted(feed.Edge, feed.Value, precision))]);
        var values = new GraphValue[fetches.Count];
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = results[k]
                ?? throw new UndecidedException(
                    $"{fetches[k]} of {Path} lies on a branch that is not taken with these inputs. Name another tensor, or feed the branch's condition."
                );
            if (values[k].Absent is { } absence)
            {
                throw run.Missing(absence, fetches[k]);
            }
        }

        return new GraphResult(values, run.Notes)
        {
            IsRandom = run.IsRandom,
            Iterations = run.Iterations,
            Watched = [.. Enumerable.Range(0, watches?.Count ?? 0).Select(k => run.Watched.GetValueOrDefault(k, []))],
        };
    }

    /// <summary>The plan of a function's body; null for a function that is not there.</summary>
    public ExecutionPlan? Body(string function)
    {
        if (builder.Body(function) is not var (arguments, results))
        {
            return null;
        }

        var feeds = arguments.Select(argument => new Edge(argument, 0)).ToArray();
        return ExecutionPlan.Of(
            builder,
            feeds,
            [
                .. results.Select(result =>
                    result
                    ?? throw new UnreadableInputException(
                        $"{Path}: the function {function} does not say what it returns. Export the graph again.")),
            ],
            Path);
    }

    /// <summary>The value of a variable's node as it is stored.</summary>
    public GraphValue? Variable(ProgramNode node, Precision precision)
    {
        if (!known.TryGetValue((node.Name, precision), out var value))
        {
            known[(node.Name, precision)] = value = stored.Find(node, precision);
        }

        return value;
    }

    private static string Trimmed(string tensor) => tensor.EndsWith(":0", StringComparison.Ordinal) ? tensor[..^2] : tensor;

    private Edge Find(string tensor) =>
        builder.Find(Trimmed(tensor))
        ?? throw new UsageException(
            $"{Path} has no tensor {tensor}. Name one of its nodes{Alike(tensor)}, with :1 behind it for a second output.");

    /// <summary>Nodes whose name ends alike, as a clause; empty for none.</summary>
    private string Alike(string tensor)
    {
        var last = tensor[(tensor.LastIndexOf('/') + 1)..].Split(':')[0];
        var found = builder
            .Top.Function.Nodes.Keys.Where(name => name[(name.LastIndexOf('/') + 1)..].Equals(last, StringComparison.OrdinalIgnoreCase))
            .Take(4)
            .ToArray();
        return found.Length == 0 ? "" : $" ({string.Join(", ", found)})";
    }

    /// <summary>A value as the graph has it at the tensor that it replaces.</summary>
    private static GraphValue Converted(Edge edge, GraphValue value, Precision precision)
    {
        if (value.Data is byte[][] || value.Handle is not null)
        {
            return value;
        }

        var target = OutputType.Of(edge) ?? (value.Type == DType.Float64 ? DType.Float32 : value.Type);
        if (target == DType.String)
        {
            throw new UsageException($"{edge.Node.Name} takes text, not numbers. Feed a tensor behind it.");
        }

        var converted = value.Cast(target, precision);
        if (target is DType.Float16 or DType.BFloat16 && converted.Data is float[] values)
        {
            converted = GraphValue.Of(target, value.Shape, (float[])values.Clone());
            converted.RoundToHalf();
        }

        return converted;
    }
}
