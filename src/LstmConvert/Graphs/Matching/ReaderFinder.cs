using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>Follows a cell's output forward to what reads it.</summary>
/// <param name="variables">The variables of the graph.</param>
/// <param name="kernels">The variables of cells: what multiplies with them is no dense layer.</param>
internal sealed class ReaderFinder(GraphVariables variables, IReadOnlySet<string> kernels)
{
    private const int MaximumNodes = 2_000;

    /// <summary>Edges followed from all outputs of a cell.</summary>
    private const int MaximumEdges = 20_000;

    /// <summary>The way from a state to the new one, in nodes.</summary>
    private const int DepthOfStep = 8;

    private const int MaximumNodesOfStep = 100;

    /// <summary>Readers that are told; a program has one or two.</summary>
    private const int MaximumReaders = 16;

    /// <summary>What reads the outputs, the node that turns them around before anything reads them, and in what form they are read, or
    /// left.</summary>
    /// <param name="outputs">The outputs of all copies of the cell.</param>
    /// <param name="states">Where the copies read their states.</param>
    /// <param name="own">The cell's own variables.</param>
    public (IReadOnlyList<GraphReader> Readers, string? ReversedBy, IReadOnlyList<Output> Ends) Of(
        IReadOnlySet<Output> outputs,
        IReadOnlySet<Output> states,
        IReadOnlySet<string> own)
    {
        var readers = new Dictionary<string, GraphReader>(StringComparer.Ordinal);
        var (reversedBy, isReadUnturned) = ((string?)null, false);
        var (seen, ends) = (new HashSet<Output>(), new List<Output>());
        var todo = new Queue<(Output At, bool IsTurned)>(outputs.Select(output => (output, false)));
        var edges = 0;
        while (todo.Count > 0 && seen.Count < MaximumNodes && edges < MaximumEdges && readers.Count < MaximumReaders)
        {
            var (at, isTurned) = todo.Dequeue();
            if (!seen.Add(at) || (states.Contains(at) && !outputs.Contains(at)))
            {
                continue;
            }

            if (at.Node.Users.Count == 0)
            {
                ends.Add(at);
            }

            foreach (var (node, input) in at.Node.UsersOf(at.Index).Take(MaximumEdges - edges))
            {
                edges += 1 + Math.Min(node.Users.Count, MaximumEdges);
                // Where a number, a variable or the output itself is added, the sum is another value: its node reads the output.
                var further =
                    Operations.IsAddition(node)
                    && (node.Inputs.Exists(IsNumber) || node.Inputs.Count(read => read is { } one && one.Equals(at)) > 1)
                    && !LeadsTo(node, outputs)
                        ? []
                        : Further(node, at);
                var turns = DataEdges.IsReversal(node);
                foreach (var next in further)
                {
                    todo.Enqueue((next, isTurned || turns));
                }

                reversedBy ??= turns && !isTurned ? node.Name : null;
                if (further.Count > 0 || DataEdges.IsShape(node) || DataEdges.IsSequence(node) || Operations.IsCondition(node))
                {
                    continue;
                }

                var names = Operations.IsProduct(node) ? variables.Names(node.Input(1 - Math.Min(input, 1))) : [];
                if (names.Any(own.Contains) || Operations.IsCall(node) || LeadsTo(node, outputs))
                {
                    continue;
                }

                isReadUnturned |= !isTurned;
                if (!node.Inputs.Exists(read => variables.Names(read).Any(kernels.Contains)))
                {
                    readers.TryAdd(node.Name, new GraphReader(node.Name, node.Op, names));
                    ends.Add(at);
                }
            }
        }

        return ([.. readers.Values], isReadUnturned ? null : reversedBy, [.. ends.Distinct().Take(MaximumReaders)]);
    }

    private bool IsNumber(Output? value) => GraphVariables.Scalar(value) is { Value: not 0 } || variables.Names(value).Count > 0;

    /// <summary>True for a node of the next step: the cell's output is a few nodes further on.</summary>
    private static bool LeadsTo(GraphNode start, IReadOnlySet<Output> outputs)
    {
        var todo = new Queue<(GraphNode Node, int Depth)>([(start, 0)]);
        for (var count = 0; todo.Count > 0 && count < MaximumNodesOfStep; count++)
        {
            var (node, depth) = todo.Dequeue();
            if (outputs.Contains(new Output(node, 0)))
            {
                return true;
            }

            foreach (var (next, _, _) in depth < DepthOfStep ? node.Users.Take(8) : [])
            {
                todo.Enqueue((next, depth + 1));
            }
        }

        return false;
    }

    /// <summary>The outputs of a node that are made of a value.</summary>
    private static List<Output> Further(GraphNode node, Output value)
    {
        var further = new List<Output>();
        var outputs = node.Users.Count == 0 ? [0] : node.Users.Select(user => user.Output).Distinct();
        foreach (var output in outputs.Take(64).Select(index => new Output(node, index)))
        {
            if (DataEdges.Inputs(output) is { } inputs && inputs.Contains(value))
            {
                further.Add(output);
            }
        }

        return further;
    }
}
