using LstmConvert.Graphs.Reading;
using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Graphs.Execution;

/// <summary>
/// Finds the nodes behind names, as far as they are asked for, and puts the bodies of functions in the place of their calls; loops and
/// branches stay what they are.
/// Nothing here recurs: a call whose argument is a call is followed step by step.
/// </summary>
internal sealed class ProgramBuilder
{
    /// <summary>The longest way from a name through arguments and results of calls.</summary>
    private const int MaximumHops = 10_000;

    /// <summary>The ways of all names together; each node's inputs are one each.</summary>
    private const int MaximumHopsOfGraph = 10_000_000;

    private readonly string path;
    private readonly Dictionary<string, Function> functions = new(StringComparer.Ordinal);
    private readonly Function top;
    private readonly bool hasFrames;
    private int made;
    private int hops;

    public ProgramBuilder(GraphDef graph, string path)
    {
        this.path = path;
        foreach (var function in graph.Library?.Function ?? [])
        {
            functions.TryAdd(function.Signature?.Name ?? "", new Function(function));
        }

        top = new Function(graph.Node);
        Top = new Scope(top, null, null, "");
        hasFrames = graph.Node.Any(node => node.Op is "Enter" or "RefEnter" or "Switch" or "RefSwitch");
        NodeCount = graph.Node.Count + functions.Values.Sum(function => function.Nodes.Count);
    }

    /// <summary>The graph itself.</summary>
    public Scope Top { get; }

    /// <summary>Nodes of the file.</summary>
    public int NodeCount { get; }

    /// <summary>The scope of a function that a loop or a branch runs: its arguments are nodes of their own.</summary>
    /// <returns>The scope, its arguments and what it returns; null for a function that is not there.</returns>
    public (IReadOnlyList<ProgramNode> Arguments, IReadOnlyList<Edge?> Results)? Body(string name)
    {
        if (!functions.TryGetValue(name, out var function))
        {
            return null;
        }

        var scope = new Scope(function, null, null, name + "::");
        var arguments = function
            .Arguments.Select(argument => new ProgramNode($"{name}::{argument}", "_Arg", null) { IsLinked = true })
            .ToArray();
        for (var k = 0; k < arguments.Length; k++)
        {
            scope.Made[function.Arguments[k]] = arguments[k];
        }

        return (arguments, [.. function.Results.Select(result => result is null ? null : Resolve(scope, result))]);
    }

    /// <summary>Links a node with what it reads.</summary>
    public void Link(ProgramNode node)
    {
        if (node.IsLinked)
        {
            return;
        }

        node.IsLinked = true;
        var (scope, definition) = origins[node];
        var inputs = new List<Edge?>();
        var controls = new List<ProgramNode>();
        foreach (var input in definition.Input)
        {
            if (!input.StartsWith('^'))
            {
                inputs.Add(Resolve(scope, input));
            }
            else if (Control(scope, input[1..]) is { } before)
            {
                controls.Add(before);
            }
        }

        // In a loop or on a branch of TensorFlow 1 a constant of a function stands where the function is called.
        if (
            hasFrames
            && inputs.Count == 0
            && controls.Count == 0
            && scope.Call?.Input.FirstOrDefault() is { } argument
            && Control(scope.Caller!, argument.TrimStart('^')) is { } place)
        {
            controls.Add(place);
        }

        (node.Inputs, node.Controls) = (inputs, controls);
    }

    /// <summary>The output that a name means: <c>x</c>, <c>x:1</c>, <c>function::x:0</c>; null if nothing has it.</summary>
    public Edge? Find(string name)
    {
        if (Resolve(Top, name) is { } found)
        {
            return found;
        }

        var colons = name.LastIndexOf("::", StringComparison.Ordinal);
        if ((colons < 0 ? Top : ScopeOf(name[..colons])) is not { } scope)
        {
            return null;
        }

        var inner = colons < 0 ? name : name[(colons + 2)..];
        if (colons >= 0 && Resolve(scope, inner) is { } within)
        {
            return within;
        }

        // Matching says where a loop is left, and where branches meet, as TensorFlow 1 has it.
        var (number, slash) = (inner.LastIndexOf('_'), inner.LastIndexOf('/'));
        return
            slash > 0
            && number > slash
            && inner[(slash + 1)..number] is "exit" or "output"
            && inner[(number + 1)..].Split(':')[0] is var index
            && int.TryParse(index, out _)
            ? Resolve(scope, $"{inner[..slash]}:{index}")
            : null;
    }

    private readonly Dictionary<ProgramNode, (Scope Scope, NodeDef Definition)> origins = new(ReferenceEqualityComparer.Instance);

    private ProgramNode? Control(Scope scope, string name) =>
        scope.Function.Nodes.TryGetValue(name, out var definition) && CalledBy(definition) is not null ? null : Resolve(scope, name)?.Node;

    private Edge? Resolve(Scope scope, string text)
    {
        for (var hop = 0; hop < MaximumHops && hops < MaximumHopsOfGraph; hop++, hops++)
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            var name = colon < 0 ? text : text[..colon];
            if (scope.Made.TryGetValue(name, out var known))
            {
                return new Edge(known, GraphBuilder.OutputIndex(known.Op, colon < 0 ? "" : text[(colon + 1)..]));
            }

            if (scope.Caller is { } caller && scope.Function.ArgumentIndex(name) is { } argument)
            {
                if (scope.DataInput(argument) is not { } input)
                {
                    return null;
                }

                (scope, text) = (caller, input);
                continue;
            }

            if (!scope.Function.Nodes.TryGetValue(name, out var definition))
            {
                return null;
            }

            var index = GraphBuilder.OutputIndex(definition.Op, colon < 0 ? "" : text[(colon + 1)..]);
            if (CalledBy(definition) is not { } called)
            {
                return new Edge(Make(scope, name, definition), index);
            }

            if (index >= called.Results.Count || called.Results[index] is not { } result)
            {
                return null;
            }

            (scope, text) = (Inner(scope, name, definition, called), result);
        }

        throw new UnreadableInputException(
            $"{path} cannot be executed: its functions call each other without an end. Export the inference graph alone.");
    }

    private ProgramNode Make(Scope scope, string name, NodeDef definition)
    {
        if (++made > GraphBuilder.MaximumNodes / 4)
        {
            throw new UnreadableInputException(
                $"{path} has more than {GraphBuilder.MaximumNodes / 4} nodes when its functions are put in place. Export the inference graph alone."
            );
        }

        var node = new ProgramNode(scope.Prefix + name, definition.Op, definition);
        scope.Made[name] = node;
        origins[node] = (scope, definition);
        return node;
    }

    private static Scope Inner(Scope scope, string name, NodeDef definition, Function called)
    {
        if (!scope.Calls.TryGetValue(name, out var inner))
        {
            scope.Calls[name] = inner = new Scope(called, scope, definition, called.Name + "::");
        }

        return inner;
    }

    private Function? CalledBy(NodeDef definition) =>
        functions.GetValueOrDefault(
            definition.Op is "PartitionedCall" or "StatefulPartitionedCall"
                ? definition.Attr.TryGetValue("f", out var f)
                    ? f.Func?.Name ?? ""
                    : ""
                : definition.Op);

    /// <summary>The first call of a function, breadth first.</summary>
    private Scope? ScopeOf(string function)
    {
        var todo = new Queue<Scope>([Top]);
        for (var count = 0; todo.Count > 0 && count < MaximumHops; count++)
        {
            var scope = todo.Dequeue();
            if (scope.Function.Name == function && scope.Caller is not null)
            {
                return scope;
            }

            foreach (var (name, definition) in scope.Function.Nodes)
            {
                if (CalledBy(definition) is { } called)
                {
                    todo.Enqueue(Inner(scope, name, definition, called));
                }
            }
        }

        return null;
    }

    /// <summary>A function of the library, or the graph itself.</summary>
    internal sealed class Function
    {
        private readonly Dictionary<string, int> arguments = new(StringComparer.Ordinal);

        public Function(FunctionDef function)
            : this(function.NodeDef)
        {
            Name = function.Signature?.Name ?? "";
            Arguments = [.. (function.Signature?.InputArg ?? []).Select(argument => argument.Name)];
            for (var k = 0; k < Arguments.Count; k++)
            {
                arguments.TryAdd(Arguments[k], k);
            }

            Results =
            [
                .. (function.Signature?.OutputArg ?? []).Select(output =>
                    function.Ret.TryGetValue(output.Name, out var source) ? source : null),
            ];
        }

        public Function(IEnumerable<NodeDef> nodes)
        {
            foreach (var node in nodes)
            {
                Nodes.TryAdd(node.Name, node);
            }
        }

        public string Name { get; } = "";

        public Dictionary<string, NodeDef> Nodes { get; } = new(StringComparer.Ordinal);

        public IReadOnlyList<string> Arguments { get; } = [];

        public IReadOnlyList<string?> Results { get; } = [];

        public int? ArgumentIndex(string name) => arguments.TryGetValue(name, out var index) ? index : null;
    }

    /// <summary>One call of a function, or the graph itself.</summary>
    internal sealed class Scope(Function function, Scope? caller, NodeDef? call, string prefix)
    {
        public Function Function { get; } = function;

        public Scope? Caller { get; } = caller;

        public NodeDef? Call { get; } = call;

        public string Prefix { get; } = prefix;

        public Dictionary<string, ProgramNode> Made { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Scope> Calls { get; } = new(StringComparer.Ordinal);

        /// <summary>What feeds an argument.</summary>
        public string? DataInput(int index)
        {
            var inputs = Call!.Input;
            return index < inputs.Count && !inputs[index].StartsWith('^') ? inputs[index] : null;
        }
    }
}
