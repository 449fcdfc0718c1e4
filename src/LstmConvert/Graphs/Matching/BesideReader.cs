using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>Reads facts from an operation beside a cell: it reads the cell's variable, and its other inputs are constants.</summary>
internal static class BesideReader
{
    /// <summary>How many operations that change nothing may lie between a variable and what reads it.</summary>
    private const int MaximumSteps = 6;

    /// <summary>Readers of one variable that are looked at.</summary>
    private const int MaximumReaders = 4096;

    /// <summary>The facts that the first such operation tells; nothing where there is none.</summary>
    /// <param name="beside">The operation.</param>
    /// <param name="anchor">The operation that is the cell.</param>
    public static IEnumerable<(string Fact, FoundNumber Number)> Read(OperationTerm beside, GraphNode anchor)
    {
        var variable = beside.Arguments.Index().First(argument => argument.Item?.Term is PatternTerm.Variable).Index;
        var node = Enumerable
            .Range(0, anchor.Inputs.Count)
            .Select(input => VariableOf(anchor.Input(input)))
            .OfType<GraphNode>()
            .Distinct()
            .SelectMany(Readers)
            .FirstOrDefault(reader => beside.Names.Contains(reader.Op) && VariableOf(reader.Input(variable)) is not null);
        return node is null
            ? []
            : beside
                .Arguments.Index()
                .Where(argument => argument.Item?.Term is PatternTerm.NumberFact)
                .Select(argument => (((PatternTerm.NumberFact)argument.Item!.Term).Name, GraphVariables.Scalar(node.Input(argument.Index))))
                .Where(fact => fact.Item2 is not null)
                .Select(fact => (fact.Name, new FoundNumber(fact.Item2!.Value.Value, fact.Item2.Value.Node)));
    }

    private static GraphNode? VariableOf(Output? output) => GraphVariables.Source(output)?.Node;

    /// <summary>What reads a variable, through operations that change nothing.</summary>
    private static IEnumerable<GraphNode> Readers(GraphNode variable)
    {
        var (todo, seen) = (new Queue<(GraphNode Node, int Steps)>([(variable, 0)]), new HashSet<GraphNode> { variable });
        while (todo.Count > 0 && seen.Count < MaximumReaders)
        {
            var (at, steps) = todo.Dequeue();
            foreach (var (user, _) in at.UsersOf(0))
            {
                if (!seen.Add(user))
                {
                    continue;
                }

                yield return user;
                if (steps < MaximumSteps && GraphVariables.Source(new Output(user, 0)) is { } source && source.Node == variable)
                {
                    todo.Enqueue((user, steps + 1));
                }
            }
        }
    }
}
