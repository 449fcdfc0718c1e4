namespace LstmConvert.Graphs;

/// <summary>
/// A GRU spelled out in operations: a Split into two, each a sigmoid (before the Split since TensorFlow 1.1, after it before), a second
/// product with <c>[x, r * h]</c>, and <c>h' = u * h + (1 - u) * c</c>.
/// </summary>
internal static class GruPattern
{
    public static IEnumerable<CellUse> Find(IEnumerable<GraphNode> nodes, GraphVariables variables)
    {
        foreach (var split in nodes.Where(node => node.Op is "Split" or "SplitV" && node.Attribute("num_split")?.I == 2))
        {
            if (split.Input(split.Op == "Split" ? 1 : 0) is { } value && Read(split, value, variables) is { } use)
            {
                yield return use;
            }
        }
    }

    private static CellUse? Read(GraphNode split, Output value, GraphVariables variables)
    {
        var gates = new List<(Output Result, string Activation)>();
        var linear = value;
        if (GraphVariables.Behind(value) is { } before && CellAlgebra.Activations.TryGetValue(before.Node.Op, out var activation) && before.Node.Input(0) is { } inner)
        {
            linear = inner;
            gates.AddRange([(new Output(split, 0), activation), (new Output(split, 1), activation)]);
        }
        else
        {
            for (var k = 0; k < 2; k++)
            {
                gates.AddRange(CellAlgebra.ActivationsAfter(new Output(split, k)).Take(1).Select(found => (found.Result, found.Name)));
            }
        }

        if (gates.Count < 2 || gates.Any(gate => gate.Activation is not ("sigmoid" or "hard_sigmoid")))
        {
            return null;
        }

        var product = CellAlgebra.LinearOf(linear, variables);
        if (product.Products is not [var (_, factor, kernel)] || kernel.Count == 0 || CellAlgebra.Concatenated(factor) is not { Count: 2 } parts)
        {
            return null;
        }

        for (var r = 0; r < 2; r++)
        {
            foreach (var (reset, _) in gates[r].Result.Node.UsersOf(gates[r].Result.Index).Where(user => user.Node.Op == "Mul"))
            {
                if (Candidate(new Output(reset, 0), variables) is not { } candidate || Update(candidate.Result, gates[1 - r].Result) is not { } hidden)
                {
                    continue;
                }

                var use = new CellUse(GraphCellKind.Gru, split)
                {
                    Kernels = kernel,
                    X = parts[0],
                    H = parts[1],
                    Hidden = hidden,
                    Activation = new GraphFact<string>(candidate.Activation, candidate.Result.Node.Name),
                    RecurrentActivation = new GraphFact<string>(gates[r].Activation, gates[r].Result.Node.Name),
                    GateOrder = new GraphFact<string>(r == 0 ? "ru" : "ur", split.Name),
                };
                use.Variables["gates/kernel"] = kernel;
                use.Variables["gates/bias"] = product.Biases;
                use.Variables["candidate/kernel"] = candidate.Linear.Products[0].Kernel;
                use.Variables["candidate/bias"] = candidate.Linear.Biases;
                if (product.IsNormalised || candidate.Linear.IsNormalised)
                {
                    use.Obstacles.Add("its pre-activations are normalised or scaled");
                }

                return use;
            }
        }

        return null;
    }

    /// <summary>The candidate behind <c>r * h</c>: joined with x, multiplied, shifted, activated.</summary>
    private static (Output Result, string Activation, CellAlgebra.Linear Linear)? Candidate(Output reset, GraphVariables variables)
    {
        foreach (var (joined, _) in reset.Node.UsersOf().Where(user => user.Node.Op is "Concat" or "ConcatV2"))
        {
            foreach (var (product, _) in joined.UsersOf().Where(user => CellAlgebra.IsProduct(user.Node)))
            {
                // The bias, where there is one, then the activation.
                var shifted = product.UsersOf().Where(user => user.Node.Op is "BiasAdd" or "BiasAddV1" || CellAlgebra.IsAdd(user.Node)).Select(user => new Output(user.Node, 0)).Append(new Output(product, 0));
                foreach (var at in shifted)
                {
                    var linear = CellAlgebra.LinearOf(at, variables);
                    foreach (var (name, result) in CellAlgebra.ActivationsAfter(at).Append(("linear", at)))
                    {
                        if (linear.Products is [{ Kernel.Count: > 0 }] && result.Node.UsersOf(result.Index).Any(user => user.Node.Op == "Mul"))
                        {
                            return (result, name, linear);
                        }
                    }
                }
            }
        }

        return null;
    }

    /// <summary>The new state: the sum of a product with the candidate and a product with the update gate.</summary>
    private static Output? Update(Output candidate, Output update)
    {
        foreach (var (product, input) in candidate.Node.UsersOf(candidate.Index).Where(user => user.Node.Op == "Mul"))
        {
            if (GraphVariables.Behind(CellAlgebra.Other(product, input)) is not { Node: { Op: "Sub" } rest }
                || GraphVariables.Scalar(rest.Input(0)) is not { Value: 1 } || GraphVariables.Behind(rest.Input(1)) != GraphVariables.Behind(update))
            {
                continue;
            }

            foreach (var (sum, at) in product.UsersOf().Where(user => CellAlgebra.IsAdd(user.Node)))
            {
                if (GraphVariables.Behind(CellAlgebra.Other(sum, at)) is { Node: { Op: "Mul" } kept } && kept.Inputs.Exists(factor => GraphVariables.Behind(factor) == GraphVariables.Behind(update)))
                {
                    return new Output(sum, 0);
                }
            }
        }

        return null;
    }
}
