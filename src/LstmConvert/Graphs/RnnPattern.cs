namespace LstmConvert.Graphs;

/// <summary>
/// A plain recurrent cell spelled out in operations: <c>h' = act([x, h] W + b)</c>. That h really is the previous h' is checked by
/// whoever puts the uses together; until then it may be any dense layer.
/// </summary>
internal static class RnnPattern
{
    public static IEnumerable<CellUse> Find(IEnumerable<GraphNode> nodes, GraphVariables variables)
    {
        foreach (var product in nodes.Where(CellAlgebra.IsProduct))
        {
            if (CellAlgebra.Concatenated(product.Input(0)) is not { Count: 2 } parts || variables.Names(product.Input(1)) is not { Count: > 0 } kernel)
            {
                continue;
            }

            foreach (var sum in product.UsersOf().Where(user => user.Node.Op is "BiasAdd" or "BiasAddV1" || CellAlgebra.IsAdd(user.Node)).Select(user => new Output(user.Node, 0)))
            {
                var linear = CellAlgebra.LinearOf(sum, variables);
                if (linear.Products is not [_] || linear.Biases.Count == 0)
                {
                    continue;
                }

                foreach (var (name, result) in CellAlgebra.ActivationsAfter(sum).Append(("linear", sum)))
                {
                    var use = new CellUse(GraphCellKind.Rnn, result.Node)
                    {
                        Kernels = kernel,
                        X = parts[0],
                        H = parts[1],
                        Hidden = result,
                        Activation = new GraphFact<string>(name, result.Node.Name),
                    };
                    use.Variables["kernel"] = kernel;
                    use.Variables["bias"] = linear.Biases;
                    yield return use;
                }
            }
        }
    }
}
