using System.Globalization;
using System.Text.RegularExpressions;
using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Graphs.Reading;

/// <summary>
/// Links nodes by their data edges and puts the bodies of called functions in the place of the calls. A functional loop becomes what the
/// loops of TensorFlow 1 are: a Merge of the initial value and the next one for each loop variable. Backpropagation is left out.
/// </summary>
internal sealed partial class GraphBuilder
{
    /// <summary>The largest number of nodes after functions are put in place.</summary>
    public const int MaximumNodes = 2_000_000;

    /// <summary>The deepest nesting of calls, and the longest chain of calls that feed each other.</summary>
    public const int MaximumDepth = 100;

    private static readonly string[] LstmBlockOutputs = ["i", "cs", "f", "o", "ci", "co", "h"];

    /// <summary>The names of the outputs of operations with several; inside functions an edge names the output, then a number within
    /// it.</summary>
    private static readonly Dictionary<string, string[]> OutputNames = new(StringComparer.Ordinal)
    {
        ["LSTMBlockCell"] = LstmBlockOutputs,
        ["BlockLSTM"] = LstmBlockOutputs,
        ["BlockLSTMV2"] = LstmBlockOutputs,
        ["GRUBlockCell"] = ["r", "u", "c", "h"],
        ["CudnnRNN"] = ["output", "output_h", "output_c", "reserve_space"],
        ["CudnnRNNV2"] = ["output", "output_h", "output_c", "reserve_space", "host_reserved"],
        ["CudnnRNNV3"] = ["output", "output_h", "output_c", "reserve_space", "host_reserved"],
        ["Switch"] = ["output_false", "output_true"],
        ["RefSwitch"] = ["output_false", "output_true"],
        ["Merge"] = ["output", "value_index"],
        ["TopKV2"] = ["values", "indices"],
        ["TopK"] = ["values", "indices"],
        ["StatelessRandomGetKeyCounter"] = ["key", "counter"],
        ["TensorListPopBack"] = ["output_handle", "tensor"],
        ["TensorArrayV3"] = ["handle", "flow"],
        ["FusedBatchNorm"] = ["y", "batch_mean", "batch_variance"],
        ["FusedBatchNormV2"] = ["y", "batch_mean", "batch_variance"],
        ["FusedBatchNormV3"] = ["y", "batch_mean", "batch_variance"],
    };

    private readonly string path;
    private readonly Dictionary<string, FunctionDef> functions = new(StringComparer.Ordinal);
    private readonly Dictionary<GraphNode, IReadOnlyList<Output?>?> calls = new(ReferenceEqualityComparer.Instance);
    private readonly List<GraphNode> nodes = [];
    private int depth;

    private GraphBuilder(string path) => this.path = path;

    /// <summary>All nodes of a graph, linked.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="UnreadableInputException">It is larger, or nested deeper, than any program's.</exception>
    public static List<GraphNode> Build(GraphDef graph, string path)
    {
        var builder = new GraphBuilder(path);
        foreach (var function in (graph.Library?.Function ?? []).Where(function => !string.IsNullOrEmpty(function.Signature?.Name)))
        {
            builder.functions[function.Signature.Name] = function;
        }

        // A SavedModel calls its functions for their results or for what they save; nothing in the graph reads them.
        var top = builder.Instantiate(graph.Node, "", []);
        foreach (var (node, definition) in top.Nodes.Values)
        {
            _ = builder.Call(top, node, definition);
        }

        foreach (var (number, node) in builder.nodes.Index())
        {
            node.Number = number;
            for (var k = 0; k < node.Inputs.Count; k++)
            {
                if (node.Inputs[k] is { } input)
                {
                    input.Node.Users.Add((node, k, input.Index));
                }
            }
        }

        return builder.nodes;
    }

    private Scope Instantiate(IReadOnlyCollection<NodeDef> definitions, string prefix, Dictionary<string, Output> arguments)
    {
        var scope = new Scope(arguments);
        foreach (var definition in definitions)
        {
            if (Backpropagation().IsMatch(definition.Name))
            {
                continue;
            }

            var node = new GraphNode(prefix + definition.Name, definition.Op, definition);
            if (scope.Nodes.TryAdd(definition.Name, (node, definition)))
            {
                nodes.Add(node);
            }
        }

        if (nodes.Count > MaximumNodes)
        {
            throw new UnreadableInputException(
                $"{path} has more than {MaximumNodes} nodes when its functions are put in place. Export the inference graph alone.");
        }

        foreach (var (node, definition) in scope.Nodes.Values)
        {
            if (node.Inputs.Count == 0)
            {
                Link(scope, node, definition);
            }
        }

        return scope;
    }

    private void Link(Scope scope, GraphNode node, NodeDef definition)
    {
        // Set before anything is resolved: what feeds a call may lead back to it.
        var inputs = definition.Input.Where(input => !input.StartsWith('^')).ToArray();
        node.Inputs.AddRange(new Output?[inputs.Length]);
        for (var k = 0; k < inputs.Length; k++)
        {
            node.Inputs[k] = Resolve(scope, inputs[k]);
        }
    }

    private Output? Resolve(Scope scope, string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? text : text[..colon];
        if (scope.Arguments.TryGetValue(name, out var argument))
        {
            return argument;
        }

        if (!scope.Nodes.TryGetValue(name, out var found))
        {
            return null;
        }

        var index = OutputIndex(found.Node.Op, colon < 0 ? "" : text[(colon + 1)..]);
        return Call(scope, found.Node, found.Definition) is { } results
            ? (index < results.Count ? results[index] : null)
            : new Output(found.Node, index);
    }

    /// <summary>The number of an output from what stands behind a node's name: a number, or inside functions an output's name and a number
    /// within it.</summary>
    public static int OutputIndex(string op, string end)
    {
        var colon = end.LastIndexOf(':');
        var number = int.TryParse(colon < 0 ? end : end[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
            ? parsed
            : 0;
        var output = colon < 0 ? "" : end[..colon];
        return output.Length > 0 && OutputNames.TryGetValue(op, out var names) && Array.IndexOf(names, output) is >= 0 and var position
            ? position + number
            : number;
    }

    /// <summary>What a call returns, or null if the node is no call.</summary>
    private IReadOnlyList<Output?>? Call(Scope scope, GraphNode node, NodeDef definition)
    {
        var isLoop = node.Op is "While" or "StatelessWhile";
        var isCondition = node.Op is "If" or "StatelessIf";
        var name = isLoop ? node.Attribute("body")?.Func?.Name
            : isCondition ? node.Attribute("then_branch")?.Func?.Name
            : node.Op is "PartitionedCall" or "StatefulPartitionedCall" ? node.Attribute("f")?.Func?.Name
            : node.Op;
        if (name is null || !functions.TryGetValue(name, out var function))
        {
            return null;
        }

        if (calls.TryGetValue(node, out var known))
        {
            // Null while it is being put in place: then it feeds itself, which no program does outside a loop.
            return known ?? [];
        }

        if (++depth > MaximumDepth)
        {
            throw new UnreadableInputException(
                $"{path} nests its functions deeper than {MaximumDepth} calls. Export the inference graph alone.");
        }

        calls[node] = null;
        if (node.Inputs.Count == 0)
        {
            Link(scope, node, definition);
        }

        List<Output?> inputs = isCondition ? [.. node.Inputs.Skip(1)] : node.Inputs;
        var results = isLoop ? Loop(node, function, inputs)
            : isCondition ? Branches(node, function, functions.GetValueOrDefault(node.Attribute("else_branch")?.Func?.Name ?? ""), inputs)
            : Body(function, inputs);
        depth--;
        calls[node] = results;
        return results;
    }

    private Output?[] Body(FunctionDef function, IReadOnlyList<Output?> inputs)
    {
        var arguments = new Dictionary<string, Output>(StringComparer.Ordinal);
        for (var k = 0; k < function.Signature.InputArg.Count; k++)
        {
            arguments[function.Signature.InputArg[k].Name] =
                k < inputs.Count && inputs[k] is { } input ? input : new Output(Missing(function, k), 0);
        }

        var scope = Instantiate(function.NodeDef, function.Signature.Name + "::", arguments);
        return
        [
            .. function.Signature.OutputArg.Select(output =>
                function.Ret.TryGetValue(output.Name, out var source) ? Resolve(scope, source) : null),
        ];
    }

    private Output?[] Loop(GraphNode node, FunctionDef body, List<Output?> initial)
    {
        var variables = new Output?[initial.Count];
        for (var k = 0; k < variables.Length; k++)
        {
            var merge = new GraphNode($"{node.Name}/variable_{k}", "Merge", null) { IsLoopVariable = true };
            merge.Inputs.AddRange([initial[k], null]);
            nodes.Add(merge);
            variables[k] = new Output(merge, 0);
        }

        var next = Body(body, variables);
        for (var k = 0; k < variables.Length && k < next.Length; k++)
        {
            variables[k]!.Value.Node.Inputs[1] = next[k];
        }

        // Where the loop is over its variables are the last ones, as behind the loops of TensorFlow 1.
        return [.. variables.Select((variable, k) => (Output?)Leave(node, variable, k))];
    }

    private Output Leave(GraphNode node, Output? variable, int number)
    {
        var exit = new GraphNode($"{node.Name}/exit_{number}", "Exit", null);
        exit.Inputs.Add(variable);
        nodes.Add(exit);
        return new Output(exit, 0);
    }

    private Output?[] Branches(GraphNode node, FunctionDef then, FunctionDef? otherwise, IReadOnlyList<Output?> inputs)
    {
        var (left, right) = (Body(then, inputs), otherwise is null ? [] : Body(otherwise, inputs));
        var merged = new Output?[left.Length];
        for (var k = 0; k < merged.Length; k++)
        {
            var merge = new GraphNode($"{node.Name}/output_{k}", "Merge", null);
            merge.Inputs.AddRange([left[k], k < right.Length ? right[k] : null]);
            nodes.Add(merge);
            merged[k] = new Output(merge, 0);
        }

        return merged;
    }

    private GraphNode Missing(FunctionDef function, int argument)
    {
        var node = new GraphNode($"{function.Signature.Name}::{function.Signature.InputArg[argument].Name}", "Placeholder", null);
        nodes.Add(node);
        return node;
    }

    [GeneratedRegex("(^|/)gradients(_[0-9]+)?/", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Backpropagation();

    /// <summary>The nodes of a graph or of one body of a function, by name.</summary>
    private sealed class Scope(Dictionary<string, Output> arguments)
    {
        public Dictionary<string, Output> Arguments { get; } = arguments;

        public Dictionary<string, (GraphNode Node, NodeDef Definition)> Nodes { get; } = new(StringComparer.Ordinal);
    }
}
