using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>What a graph computes with variables: followed from each to the first product or operation over a step or a sequence.</summary>
internal sealed class VariableReaders(Graph graph)
{
    /// <summary>Nodes between a variable and what multiplies it.</summary>
    private const int MaximumNodes = 64;

    /// <summary>The first node that computes with a variable that is meant, or null if none does.</summary>
    /// <param name="isMeant">True for the names of the variables that are asked for.</param>
    public string? First(Func<string, bool> isMeant)
    {
        foreach (var node in graph.Nodes.Where(node => node.Users.Count > 0))
        {
            if (GraphVariables.Source(new Output(node, 0)) is { Node: var source } && source == node
                && graph.Variables.Names(new Output(node, 0)) is [var name, ..] && isMeant(name) && Reader(node) is { } reader)
            {
                return reader.Name;
            }
        }

        return null;
    }

    private static GraphNode? Reader(GraphNode variable)
    {
        var (seen, todo) = (new HashSet<GraphNode>(ReferenceEqualityComparer.Instance), new Queue<GraphNode>([variable]));
        while (todo.TryDequeue(out var at) && seen.Count < MaximumNodes)
        {
            if (!seen.Add(at))
            {
                continue;
            }

            if (at != variable && Operations.Computes(at))
            {
                return at;
            }

            foreach (var (user, _, _) in at.Users.Where(user => !Operations.IsKeeping(user.Node)).Take(MaximumNodes))
            {
                todo.Enqueue(user);
            }
        }

        return null;
    }
}
