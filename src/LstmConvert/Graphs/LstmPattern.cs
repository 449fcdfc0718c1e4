namespace LstmConvert.Graphs;

/// <summary>
/// An LSTM spelled out in operations, in the graphs of every release: a Split into four, gate by gate through additions to an activation,
/// then <c>c' = c * f + i * j</c>, an optional clip, <c>h = act(c') * o</c>. The roles of the gates follow from these edges, never from
/// names or from an assumed order.
/// </summary>
internal static class LstmPattern
{
    private const int Gates = 4;

    public static IEnumerable<CellUse> Find(IEnumerable<GraphNode> nodes, GraphVariables variables)
    {
        foreach (var split in nodes.Where(node => node.Op is "Split" or "SplitV" && node.Attribute("num_split")?.I == Gates))
        {
            if (split.Input(split.Op == "Split" ? 1 : 0) is { } value && Read(split, value, variables) is { } use)
            {
                yield return use;
            }
        }
    }

    private static CellUse? Read(GraphNode split, Output value, GraphVariables variables)
    {
        var gates = Enumerable.Range(0, Gates).Select(k => Gate.Follow(new Output(split, k), variables)).ToArray();
        if (gates.Count(gate => gate.Activation is "sigmoid" or "hard_sigmoid") < 2)
        {
            return null;
        }

        var linear = CellAlgebra.LinearOf(value, variables);
        var use = new CellUse(GraphCellKind.Lstm, split);
        if (linear.IsNormalised)
        {
            use.Obstacles.Add("its pre-activations are normalised or scaled");
        }

        return linear.Products.Count > 0 && Roles(use, gates) && BindVariables(use, linear, gates, split) ? use : null;
    }

    /// <summary>Finds c', h and the role of each gate.</summary>
    private static bool Roles(CellUse use, Gate[] gates)
    {
        var byResult = new Dictionary<Output, int>();
        for (var k = 0; k < Gates; k++)
        {
            byResult.TryAdd(gates[k].Result, k);
        }

        int? GateOf(Output? output) => GraphVariables.Behind(output) is { } at && byResult.TryGetValue(at, out var k) ? k : output is { } direct && byResult.TryGetValue(direct, out k) ? k : null;

        for (var a = 0; a < Gates; a++)
        {
            foreach (var (product, input) in gates[a].Result.Node.UsersOf(gates[a].Result.Index).Where(user => user.Node.Op == "Mul"))
            {
                if (GateOf(CellAlgebra.Other(product, input)) is not { } b || b == a)
                {
                    continue;
                }

                foreach (var (sum, at) in product.UsersOf().Where(user => CellAlgebra.IsAdd(user.Node)))
                {
                    if (GraphVariables.Behind(CellAlgebra.Other(sum, at)) is not { Node: { Op: "Mul" } kept })
                    {
                        continue;
                    }

                    var side = Enumerable.Range(0, 2).FirstOrDefault(k => GateOf(kept.Input(k)) is not null, -1);
                    if (side >= 0 && GateOf(kept.Input(side)) is { } f && f != a && f != b && GateOf(kept.Input(1 - side)) is null)
                    {
                        use.C = kept.Input(1 - side);
                        return Output(use, gates, (Math.Min(a, b), Math.Max(a, b)), f, new Output(sum, 0), GateOf);
                    }
                }
            }
        }

        return false;
    }

    private static bool Output(CellUse use, Gate[] gates, (int Low, int High) pair, int f, Output state, Func<Output?, int?> gateOf)
    {
        var (clipped, limit) = CellAlgebra.ClipAfter(state);
        var o = Enumerable.Range(0, Gates).Single(k => k != pair.Low && k != pair.High && k != f);
        foreach (var (name, result) in CellAlgebra.ActivationsAfter(clipped).Append(("linear", clipped)))
        {
            if (result.Node.UsersOf(result.Index).FirstOrDefault(user => user.Node.Op == "Mul" && gateOf(CellAlgebra.Other(user.Node, user.Input)) == o).Node is not { } hidden)
            {
                continue;
            }

            // Input gate and candidate enter the same product: the known orders tell them apart, else the activation does.
            var isLowInput = (pair.Low, pair.High, f) is (0, 1, 2) or (0, 2, 1)
                || gates[pair.Low].Activation is "sigmoid" or "hard_sigmoid";
            var (i, j) = isLowInput ? (pair.Low, pair.High) : (pair.High, pair.Low);
            var order = new char[Gates];
            (order[i], order[j], order[f], order[o]) = ('i', 'j', 'f', 'o');
            use.GateOrder = new GraphFact<string>(new string(order), use.Anchor.Name);
            use.Hidden = new Output(hidden, 0);
            use.State = clipped;
            use.CellClip = limit;
            use.OutputActivation = new GraphFact<string>(name, result.Node.Name);
            use.Activation = new GraphFact<string>(gates[j].Activation, gates[j].Result.Node.Name);
            use.RecurrentActivation = new GraphFact<string>(gates[i].Activation, gates[i].Result.Node.Name);
            use.ForgetBias = gates[f].Added ?? new GraphFact<double>(0, use.Anchor.Name);
            foreach (var (gate, role) in new[] { (gates[i], "w_i_diag"), (gates[f], "w_f_diag"), (gates[o], "w_o_diag") })
            {
                if (gate.Peephole is { Count: > 0 } peephole)
                {
                    use.Variables[role] = peephole;
                }
            }

            foreach (var (gate, role) in new[] { (gates[i], "input"), (gates[j], "candidate"), (gates[o], "output") }.Where(pair => pair.Item1.Added is { Value: not 0 }))
            {
                use.Obstacles.Add(FormattableString.Invariant($"{gate.Added!.Value} is added to its {role} gate ({gate.Added.Node})"));
            }

            foreach (var gate in new[] { gates[i], gates[f], gates[o] }.Where(gate => gate.Activation != gates[i].Activation))
            {
                use.Obstacles.Add($"its gates have different activations ({gates[i].Activation} and {gate.Activation})");
            }

            return true;
        }

        return false;
    }

    private static bool BindVariables(CellUse use, CellAlgebra.Linear linear, Gate[] gates, GraphNode split)
    {
        var (_, factor, kernel) = linear.Products[0];
        use.Variables["bias"] = [.. linear.Biases, .. gates.SelectMany(gate => gate.Biases).Distinct(StringComparer.Ordinal)];
        if (linear.Products.Count == 1)
        {
            use.Kernels = kernel;
            use.Variables["kernel"] = kernel;
            if (CellAlgebra.Concatenated(factor) is { Count: >= 2 } parts)
            {
                use.H = parts[^1];
                use.X = parts[0];
                if (parts.Count > 2)
                {
                    use.Obstacles.Add($"{parts.Count} values are put together before the kernel, not input and state alone ({split.Name})");
                }
            }
            else
            {
                use.X = factor;
                use.Obstacles.Add($"its kernel multiplies one value, not input and state together ({split.Name})");
            }
        }
        else
        {
            // Two kernels, as Keras keeps them: the products are found in the reverse order of the additions.
            use.Kernels = [.. linear.Products.SelectMany(product => product.Kernel)];
            use.Variables["kernel"] = linear.Products[^1].Kernel;
            use.Variables["recurrent_kernel"] = linear.Products[0].Kernel;
            use.X = linear.Products[^1].Factor;
            use.H = linear.Products[0].Factor;
        }

        return use.Kernels.Count > 0;
    }

    /// <summary>The way of one part of a Split to its activation.</summary>
    /// <param name="Activation">The activation's name, <c>linear</c> without one.</param>
    /// <param name="Result">The output behind it.</param>
    /// <param name="Added">The constants added on the way, with the first one's node; null without any.</param>
    /// <param name="Peephole">The variable whose product with a state is added; nothing without one.</param>
    /// <param name="Biases">Variables added on the way.</param>
    private sealed record Gate(string Activation, Output Result, GraphFact<double>? Added, IReadOnlyList<string> Peephole, IReadOnlyList<string> Biases)
    {
        private const int MaximumDepth = 8;

        /// <summary>Readers that are tried on the way of one gate; programs have a few, summaries among them.</summary>
        private const int MaximumVisits = 500;

        public static Gate Follow(Output start, GraphVariables variables) =>
            Follow(new Gate("linear", start, null, [], []), variables, 0, [MaximumVisits]) ?? new Gate("linear", start, null, [], []);

        private static Gate? Follow(Gate gate, GraphVariables variables, int depth, int[] visitsLeft)
        {
            var at = gate.Result;
            Gate? unused = null;
            foreach (var (name, result) in CellAlgebra.ActivationsAfter(at))
            {
                var reached = gate with { Activation = name, Result = result };
                if (result.Node.UsersOf(result.Index).Any(user => user.Node.Op == "Mul"))
                {
                    return reached;
                }

                unused ??= reached;
            }

            if (depth < MaximumDepth)
            {
                foreach (var (node, input) in at.Node.UsersOf(at.Index))
                {
                    if (--visitsLeft[0] < 0)
                    {
                        break;
                    }

                    if (Through(gate, node, input, variables) is { } further && Follow(further, variables, depth + 1, visitsLeft) is { } reached)
                    {
                        return reached;
                    }
                }
            }

            // Without an activation the part itself is multiplied: activation=None or tf.identity.
            return unused ?? (at.Node.UsersOf(at.Index).Any(user => user.Node.Op == "Mul") && (depth > 0 || at.Node.Op is "Split" or "SplitV") ? gate : null);
        }

        private static Gate? Through(Gate gate, GraphNode node, int input, GraphVariables variables)
        {
            var next = gate with { Result = new Output(node, 0) };
            if (input == 0 && node.Op is "Identity" or "Reshape" or "CheckNumerics" or "StopGradient" or "Cast")
            {
                return next;
            }

            if (!(CellAlgebra.IsAdd(node) || node.Op is "BiasAdd") || CellAlgebra.Other(node, input) is not { } other)
            {
                return null;
            }

            if (GraphVariables.Scalar(other) is { } constant)
            {
                return next with { Added = new GraphFact<double>((gate.Added?.Value ?? 0) + constant.Value, gate.Added?.Node ?? constant.Node) };
            }

            if (variables.Names(other) is { Count: > 0 } biases)
            {
                return next with { Biases = [.. gate.Biases, .. biases] };
            }

            return GraphVariables.Behind(other) is { Node: { Op: "Mul" } product }
                && product.Inputs.Select(factor => variables.Names(factor)).FirstOrDefault(names => names.Count > 0) is { } peephole
                ? next with { Peephole = peephole }
                : null;
        }
    }
}
