namespace LstmConvert.Graphs;

/// <summary>The pieces of which cells are made in a graph: products with variables, activations, clips.</summary>
internal static class CellAlgebra
{
    private const int MaximumSteps = 10;

    /// <summary>Readers that are looked at behind one output; a gate has a handful.</summary>
    private const int MaximumVisits = 256;

    /// <summary>Operations that are activations, under the names Keras gives them.</summary>
    public static IReadOnlyDictionary<string, string> Activations { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Sigmoid"] = "sigmoid",
        ["Tanh"] = "tanh",
        ["Relu"] = "relu",
        ["Relu6"] = "relu6",
        ["Elu"] = "elu",
        ["Selu"] = "selu",
        ["Softplus"] = "softplus",
        ["Softsign"] = "softsign",
        ["LeakyRelu"] = "leaky_relu",
        ["Exp"] = "exponential",
        ["Softmax"] = "softmax",
        ["Sin"] = "sin",
    };

    public static bool IsAdd(GraphNode node) => node.Op is "Add" or "AddV2" || (node.Op == "AddN" && node.Inputs.Count == 2);

    public static bool IsProduct(GraphNode node) => node.Op is "MatMul" or "BatchMatMul" or "BatchMatMulV2" or "BatchMatMulV3" or "SparseMatMul";

    /// <summary>What a pre-activation is made of.</summary>
    /// <param name="Products">The products with variables: the factor that is computed, and the variables' names.</param>
    /// <param name="Biases">The variables that are added.</param>
    /// <param name="IsNormalised">True if it is scaled or shifted by anything else on the way.</param>
    public sealed record Linear(IReadOnlyList<(GraphNode Node, Output Factor, IReadOnlyList<string> Kernel)> Products, IReadOnlyList<string> Biases, bool IsNormalised);

    /// <summary>Follows a pre-activation back to its products and biases.</summary>
    public static Linear LinearOf(Output start, GraphVariables variables)
    {
        var products = new List<(GraphNode, Output, IReadOnlyList<string>)>();
        var biases = new List<string>();
        var isNormalised = false;
        var todo = new Stack<Output>([start]);
        for (var step = 0; step < 40 && todo.Count > 0; step++)
        {
            if (GraphVariables.Behind(todo.Pop()) is not { } at)
            {
                continue;
            }

            var node = at.Node;
            if (IsProduct(node) && node.Input(0) is { } left && node.Input(1) is { } right)
            {
                var (kernel, factor) = variables.Names(right) is { Count: > 0 } names ? (names, left) : (variables.Names(left), right);
                products.Add((node, factor, kernel));
            }
            else if (node.Op is "BiasAdd" or "BiasAddV1" || IsAdd(node))
            {
                foreach (var input in node.Inputs)
                {
                    if (variables.Names(input) is { Count: > 0 } names)
                    {
                        biases.AddRange(names);
                    }
                    else if (input is { } value && GraphVariables.Scalar(value) is null)
                    {
                        todo.Push(value);
                    }
                }
            }
            else if (node.Op is "Reshape" or "Squeeze" or "ExpandDims")
            {
                if (node.Input(0) is { } value)
                {
                    todo.Push(value);
                }
            }
            else if (node.Op is "Mul" or "Sub" or "RealDiv" or "Rsqrt" or "Split" or "SplitV" || node.Op.StartsWith("FusedBatchNorm", StringComparison.Ordinal))
            {
                isNormalised = true;
            }
        }

        return new Linear(products, biases, isNormalised);
    }

    /// <summary>The activations that read an output, through operations that change nothing: name, and the output behind it.</summary>
    public static IReadOnlyList<(string Name, Output Result)> ActivationsAfter(Output start)
    {
        var found = new List<(string, Output)>();
        var todo = new Queue<Output>([start]);
        for (var visited = 0; todo.Count > 0 && visited < MaximumVisits;)
        {
            var at = todo.Dequeue();
            foreach (var (node, input) in at.Node.UsersOf(at.Index))
            {
                if (++visited > MaximumVisits)
                {
                    break;
                }

                if (Activations.TryGetValue(node.Op, out var name))
                {
                    found.Add((name, new Output(node, 0)));
                }
                else if (HardSigmoid(node, input) is { } hard)
                {
                    found.Add(("hard_sigmoid", hard));
                }
                else if (input == 0 && node.Op is "Identity" or "Reshape" or "CheckNumerics" or "StopGradient" or "Cast")
                {
                    todo.Enqueue(new Output(node, 0));
                }
            }
        }

        return found;
    }

    /// <summary>clip(0.2 x + 0.5, 0, 1), which starts with a product by 0.2.</summary>
    public static Output? HardSigmoid(GraphNode node, int input)
    {
        if (node.Op != "Mul" || GraphVariables.Scalar(node.Input(1 - input)) is not { Value: > 0.16 and < 0.21 })
        {
            return null;
        }

        var at = new Output(node, 0);
        for (var step = 0; step < MaximumSteps; step++)
        {
            var next = at.Node.UsersOf(at.Index).FirstOrDefault(user => IsAdd(user.Node) || user.Node.Op is "Minimum" or "Maximum" or "ClipByValue" or "Relu");
            if (next.Node is null)
            {
                return null;
            }

            at = new Output(next.Node, 0);
            var isLast = next.Node.Op == "ClipByValue"
                || (next.Node.Op is "Maximum" or "Minimum" && !at.Node.UsersOf().Any(user => user.Node.Op is "Maximum" or "Minimum" && user.Node.Op != next.Node.Op));
            if (isLast)
            {
                return at;
            }
        }

        return null;
    }

    /// <summary>The clip that reads an output: Minimum then Maximum (or the reverse), or ClipByValue.</summary>
    public static (Output Result, GraphFact<double>? Limit) ClipAfter(Output start)
    {
        foreach (var (node, input) in start.Node.UsersOf(start.Index))
        {
            if (node.Op == "ClipByValue" && input == 0 && GraphVariables.Scalar(node.Input(2)) is { } upper)
            {
                return (new Output(node, 0), new GraphFact<double>(upper.Value, node.Name));
            }

            if (node.Op is "Minimum" or "Maximum" && GraphVariables.Scalar(node.Input(1 - input)) is { } first)
            {
                var second = node.UsersOf().FirstOrDefault(user => user.Node.Op == (node.Op == "Minimum" ? "Maximum" : "Minimum"));
                if (second.Node is not null && GraphVariables.Scalar(second.Node.Input(1 - second.Input)) is { } other)
                {
                    return (new Output(second.Node, 0), new GraphFact<double>(Math.Max(first.Value, other.Value), node.Name));
                }
            }
        }

        return (start, null);
    }

    /// <summary>The data inputs of a concatenation, without its axis; null for any other node.</summary>
    public static IReadOnlyList<Output?>? Concatenated(Output? output) => GraphVariables.Behind(output) is not { } at ? null
        : at.Node.Op == "ConcatV2" ? at.Node.Inputs.GetRange(0, Math.Max(0, at.Node.Inputs.Count - 1))
        : at.Node.Op == "Concat" ? at.Node.Inputs.GetRange(Math.Min(1, at.Node.Inputs.Count), Math.Max(0, at.Node.Inputs.Count - 1))
        : null;

    /// <summary>The other factor of a product of two, or null.</summary>
    public static Output? Other(GraphNode node, int input) => node.Inputs.Count == 2 ? node.Input(1 - input) : null;
}
