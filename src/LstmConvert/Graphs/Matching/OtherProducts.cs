using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>
/// Finds what is computed with the matrices of a cell outside of its steps: a step of an unrolled program that computes something else than
/// the others is no step of the cell, and without it the sequence is another one.
/// </summary>
internal static class OtherProducts
{
    /// <summary>Nodes of one step; a cell with normalisation has a few hundred.</summary>
    private const int MaximumNodesOfStep = 1_000;

    /// <summary>Nodes between a variable and the product with it; one that is cut, turned and joined has a dozen.</summary>
    private const int MaximumNodesOfMatrix = 64;

    /// <summary>Adds an obstacle to each cell whose matrices are multiplied elsewhere.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="groups">The cells' uses.</param>
    /// <param name="idle">Copies that nothing reads.</param>
    public static void Find(Graph graph, IReadOnlyList<IReadOnlyList<CellUse>> groups, IReadOnlyList<CellUse> idle)
    {
        var known = new HashSet<GraphNode>(ReferenceEqualityComparer.Instance);
        foreach (var match in groups.SelectMany(group => group).Concat(idle).SelectMany(use => use.Matches))
        {
            AddStep(match, known);
        }

        var owners = new Dictionary<string, CellUse>(StringComparer.Ordinal);
        foreach (var group in groups)
        {
            foreach (var name in group[0].First.Kernels.Split('\n'))
            {
                owners.TryAdd(name, group[0]);
            }
        }

        var outputs = groups.SelectMany(group => group).SelectMany(use => use.Outputs).ToHashSet();
        var places = new PlaceFinder(graph.Variables, graph.Nodes.Count);
        foreach (var node in graph.Nodes.Where(node => Operations.IsProduct(node) && !known.Contains(node)))
        {
            if (Matrices(node, places, graph.Variables, outputs).FirstOrDefault(owners.ContainsKey) is { } name)
            {
                owners[name].Obstacles.Add($"something else is computed with its kernel too ({node.Name})");
            }
        }
    }

    /// <summary>The variable that a product multiplies with, whole or a part of it, its rows and columns exchanged or not.</summary>
    private static string? Matrix(GraphNode product, PlaceFinder places)
    {
        if (product.Input(1) is not { } right)
        {
            return null;
        }

        var place = places.Of(right);
        place = Operations.Transposed(place.At.Node) is { } turned ? places.Of(turned) : place;
        return places.VariableAt(place) is { Names: [var name, ..] } ? name : null;
    }

    /// <summary>The variables that a product multiplies with, or with what is computed from them alone.</summary>
    private static IEnumerable<string> Matrices(GraphNode product, PlaceFinder places, GraphVariables variables, HashSet<Output> outputs)
    {
        if (Matrix(product, places) is { } plain)
        {
            yield return plain;
        }

        var (todo, seen) = (new Queue<Output>(), new HashSet<GraphNode>(ReferenceEqualityComparer.Instance));
        if (product.Input(1) is { } right)
        {
            todo.Enqueue(right);
        }

        while (todo.TryDequeue(out var at) && seen.Count < MaximumNodesOfMatrix)
        {
            if (outputs.Contains(at) || !seen.Add(at.Node) || Operations.IsProduct(at.Node) || at.Node.Op is "Merge" or "RefMerge")
            {
                continue;
            }

            if (variables.Names(at) is { Count: > 0 } names)
            {
                yield return names[0];
                continue;
            }

            foreach (var input in at.Node.Inputs.OfType<Output>())
            {
                todo.Enqueue(input);
            }
        }
    }

    /// <summary>The nodes between what a step reads and what it leaves.</summary>
    private static void AddStep(CellMatch match, HashSet<GraphNode> known)
    {
        var ends = match.States.Values.Select(state => state.Enters).Append(match.X).OfType<Output>().ToHashSet();
        var todo = new Stack<Output>(match.States.Values.Select(state => state.Leaves).OfType<Output>().Append(match.Output));
        var seen = new HashSet<GraphNode>(ReferenceEqualityComparer.Instance);
        while (todo.TryPop(out var at) && seen.Count < MaximumNodesOfStep)
        {
            if (ends.Contains(at) || !seen.Add(at.Node))
            {
                continue;
            }

            foreach (var input in at.Node.Inputs.OfType<Output>())
            {
                todo.Push(input);
            }
        }

        known.UnionWith(seen.Where(Operations.IsProduct));
    }
}
