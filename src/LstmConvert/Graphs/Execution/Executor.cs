using LstmConvert.Arrays;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>What one run of a program has: its precision, its limits, the variables as they are now, and what is to be said of
/// it.</summary>
/// <param name="program">The program.</param>
/// <param name="precision">What floating point is computed in.</param>
/// <param name="budget">The limits.</param>
internal sealed class Executor(GraphProgram program, Precision precision, Budget budget)
{
    /// <summary>The deepest nesting of loops and branches that are functions.</summary>
    private const int MaximumDepth = 60;

    private readonly Dictionary<string, ExecutionPlan> bodies = new(StringComparer.Ordinal);
    private readonly List<string> notes = [];
    private int depth;

    public Precision Precision => precision;

    public Budget Budget => budget;

    public string Path => program.Path;

    /// <summary>Variables that the run has set.</summary>
    public Dictionary<string, GraphValue> Assigned { get; } = new(StringComparer.Ordinal);

    /// <summary>The values of each watch, iteration by iteration.</summary>
    public Dictionary<int, List<GraphValue>> Watched { get; } = [];

    /// <summary>How often the body of each loop that is a function ran in its last run, by the function's name.</summary>
    public Dictionary<string, long> Iterations { get; } = new(StringComparer.Ordinal);

    /// <summary>What is to be said of the result, as sentences.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Random numbers; the same in every run.</summary>
    public Random Random { get; } = new(20150901);

    /// <summary>True once random numbers were drawn.</summary>
    public bool IsRandom { get; set; }

    public void Note(string sentence)
    {
        if (!notes.Contains(sentence, StringComparer.Ordinal))
        {
            notes.Add(sentence);
        }
    }

    /// <summary>Keeps a value that is watched.</summary>
    public void Watch(int watch, GraphValue? value)
    {
        if (value is null)
        {
            return;
        }

        if (!Watched.TryGetValue(watch, out var values))
        {
            Watched[watch] = values = [];
        }

        budget.Hold(value);
        values.Add(value);
    }

    /// <summary>The variable of a node, in this run's precision.</summary>
    public GraphValue? Variable(ProgramNode node) => program.Variable(node, precision);

    /// <summary>Computes a node.</summary>
    public GraphValue?[] Compute(PlanNode planned, GraphValue?[] inputs)
    {
        var node = planned.Node!;
        if (planned.Default is { } value)
        {
            Note($"{node.Name} is a dropout's probability: it is taken as {value:0}, nothing is dropped.");
            return [GraphValue.Numbers([value], []).Cast(node.Type("dtype", DType.Float32), precision)];
        }

        if (node.Kernel is not { } kernel)
        {
            return Absent(planned, new Absence(node.Name, node.Op, IsInput: false));
        }

        if (!ControlFlowOperations.TakesAbsent(node.Op) && Array.Find(inputs, input => input?.Absent is not null) is { } absent)
        {
            return Absent(planned, absent.Absent!);
        }

        try
        {
            var outputs = kernel(new Call(this, node, inputs));
            foreach (var output in outputs)
            {
                if (output is { Type: DType.Float16 or DType.BFloat16 })
                {
                    output.RoundToHalf();
                }
            }

            return outputs;
        }
        catch (Exception e)
            when (e
                    is IndexOutOfRangeException
                        or ArgumentException
                        or InvalidCastException
                        or OverflowException
                        or ArithmeticException
                        or RankException
                        or ArrayTypeMismatchException
                        or InvalidOperationException)
        {
            // What a graph says of its own tensors need not be true; the kernels say what they can, this is the rest.
            throw Misfit(node, $"its inputs do not fit ({string.Join("; ", inputs.Select(input => input?.ToString() ?? "none"))})", e);
        }
    }

    /// <summary>Runs a function of the graph.</summary>
    /// <param name="node">What runs it.</param>
    /// <param name="function">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    public GraphValue[] Invoke(ProgramNode node, string function, IReadOnlyList<GraphValue> arguments)
    {
        if (depth >= MaximumDepth)
        {
            throw Misfit(node, $"it nests functions deeper than {MaximumDepth}");
        }

        if (!bodies.TryGetValue(function, out var plan))
        {
            bodies[function] = plan = program.Body(function) ?? throw Misfit(node, $"its function {function} is not in the graph");
        }

        if (plan.Feeds.Count != arguments.Count)
        {
            throw Misfit(node, $"its function {function} takes {plan.Feeds.Count} arguments and gets {arguments.Count}");
        }

        depth++;
        var results = new PlanRun(this, plan).Execute(arguments);
        depth--;
        return
        [
            .. results.Select(
                (result, k) => result ?? throw Misfit(node, $"result {k} of its function {function} lies on a branch that is not taken")),
        ];
    }

    /// <summary>What is not there although it is needed.</summary>
    public LstmConvertException Missing(Absence absence, string wanted) =>
        absence.IsInput
            ? new UndecidedException(
                $"{Path} reads {absence.Node} on the way to {wanted}, and nothing feeds it.",
                [new FeedRemedy(absence.Node)])
            : new UnsupportedModelException(
                $"{absence.Node} of {Path}, on the way to {wanted}, is a {absence.Operation}, which is not executed. Feed a value for it, or verify without the graph."
            );

    public UnreadableInputException Stuck() =>
        new($"{Path} cannot be executed: what is wanted is never computed, a node waits for itself. Export the graph again.");

    public UnreadableInputException Misfit(ProgramNode node, string problem, Exception? inner = null) =>
        new($"{Path} cannot be executed at {node}: {problem}. Check the sample's shape, or export the graph again.", inner);

    private static GraphValue[] Absent(PlanNode planned, Absence absence)
    {
        var outputs = new GraphValue[planned.Outputs];
        Array.Fill(outputs, GraphValue.None(absence));
        return outputs;
    }
}
