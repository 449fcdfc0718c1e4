using LstmConvert.TensorFlow;

namespace LstmConvert.Graphs;

/// <summary>Where a value comes from: followed back through everything that moves, cuts, joins, reverses, masks or drops values.</summary>
/// <param name="uses">The cell that an output belongs to.</param>
internal sealed class DataFlow(IReadOnlyDictionary<Output, CellUse> uses)
{
    /// <summary>Nodes followed for one value; the loops of a program take a few hundred.</summary>
    private const int MaximumNodes = 20_000;

    /// <summary>A source of a value.</summary>
    /// <param name="Use">The cell whose output it is, or null.</param>
    /// <param name="Node">Where following ended.</param>
    /// <param name="Output">The output at which it ended.</param>
    /// <param name="IsReversed">True if it was reversed an odd number of times on the way.</param>
    /// <param name="ReversedBy">The node that reversed it last, or null.</param>
    /// <param name="Step">Which part of an unstacked sequence it is, or null.</param>
    /// <param name="IsComputed">True if something is computed on the way, or it ended at something that is neither a cell, nor data, nor a variable.</param>
    public sealed record Source(CellUse? Use, GraphNode Node, int Output, bool IsReversed, string? ReversedBy, int? Step, bool IsComputed);

    /// <summary>The value behind dropout and operations that change nothing.</summary>
    public static Output? Unmasked(Output? output)
    {
        for (var step = 0; step < 16; step++)
        {
            output = GraphVariables.Behind(output);
            if (output is not { Node: { Op: "Mul" or "RealDiv" } node } || Masked(node) is not [{ } value])
            {
                return output;
            }

            output = value;
        }

        return output;
    }

    /// <summary>The sources of a value, in the order in which they are joined.</summary>
    public IReadOnlyList<Source> Of(Output? start)
    {
        var found = new List<Source>();
        var seen = new HashSet<(Output, bool)>();
        var todo = new Stack<(Output At, bool IsReversed, string? By, int? Step, bool IsComputed)>();
        if (start is { } first)
        {
            todo.Push((first, false, null, null, false));
        }

        while (todo.Count > 0 && seen.Count < MaximumNodes)
        {
            var (at, reversed, by, step, computed) = todo.Pop();
            if (!seen.Add((at, reversed)))
            {
                continue;
            }

            if (uses.TryGetValue(at, out var use))
            {
                found.Add(new Source(use, at.Node, at.Index, reversed, by, step, computed));
                continue;
            }

            var node = at.Node;
            if (node.Op is "ReverseV2" or "Reverse" or "ReverseSequence")
            {
                (reversed, by) = (!reversed, node.Name);
            }

            if (node.Op is "Unpack" or "Split" or "SplitV")
            {
                step ??= at.Index;
            }
            else if (node.Op is "StridedSlice" or "Slice")
            {
                step ??= Begin(node.Input(1));
            }

            var inputs = Inputs(at);
            if (inputs is null)
            {
                inputs = ComputedFrom(node);
                computed |= inputs is not null;
            }

            if (inputs is null)
            {
                if (!IsZero(node))
                {
                    found.Add(new Source(null, node, at.Index, reversed, by, step, computed || IsComputed(node)));
                }

                continue;
            }

            // Pushed last to first, so that they come out first to last.
            for (var k = inputs.Count - 1; k >= 0; k--)
            {
                if (inputs[k] is { } input)
                {
                    todo.Push((input, reversed, by, step, computed));
                }
            }
        }

        return found;
    }

    /// <summary>The inputs whose values an output is made of; null where following ends.</summary>
    private static IReadOnlyList<Output?>? Inputs(Output at)
    {
        var node = at.Node;
        if (GraphVariables.IsTransparent(node))
        {
            return [node.Input(0)];
        }

        switch (node.Op)
        {
            case "IdentityN":
                return [node.Input(at.Index)];
            case "Merge" or "RefMerge":
                return node.Inputs;
            case "Reshape" or "Squeeze" or "ExpandDims" or "Cast" or "Transpose" or "Slice" or "StridedSlice" or "Unpack" or "SplitV" or "ReverseV2" or "Reverse" or "ReverseSequence"
                or "TensorListStack" or "TensorListGetItem" or "TensorListFromTensor" or "TensorListPopBack" or "EnsureShape" or "PlaceholderWithDefault":
                return node.Op == "PlaceholderWithDefault" ? null : [node.Input(0)];
            case "Split":
                return [node.Input(1)];
            case "Pack" or "Stack":
                return node.Inputs;
            case "Select" or "SelectV2":
                return [node.Input(1), node.Input(2)];
            case "Concat" or "ConcatV2":
                return CellAlgebra.Concatenated(at);
            case "TensorListPushBack":
                return [node.Input(1)];
            case "TensorListSetItem":
                return [node.Input(2)];
            case "Mul" or "RealDiv":
                return Masked(node);
            default:
                return TensorArray(node) ?? (CellAlgebra.IsAdd(node) ? node.Inputs : null);
        }
    }

    /// <summary>What a value is computed from by a dense layer, an activation or a gate of a wrapper; null where following ends.</summary>
    private static List<Output?>? ComputedFrom(GraphNode node) =>
        CellAlgebra.IsProduct(node) || node.Op is "BiasAdd" or "Max" or "Sum" or "Mean" or "Maximum" or "Minimum" or "ClipByValue" || CellAlgebra.Activations.ContainsKey(node.Op) ? [node.Input(0)]
        : node.Op is "Mul" or "Sub" or "RealDiv" ? node.Inputs
        : null;

    /// <summary>What stands in the place of a value where there is none: past a row's end, before the first step.</summary>
    private static bool IsZero(GraphNode node) => node.Op is "Fill" or "ZerosLike" or "Const" or "Zeros";

    /// <summary>The first index of a slice whose place is constant: the time step where a program cuts its sequence itself.</summary>
    private static int? Begin(Output? begin)
    {
        if (GraphVariables.Behind(begin) is not { Node: { Op: "Const" } node } || node.Attribute("value")?.Tensor is not { } value
            || TensorValues.Info(node.Name, value) is not { DType: Tensors.DType.Int32, Shape: { Rank: 1, ElementCount: > 0 and < 8 } } info || (value.TensorContent.Length != info.ByteCount && value.IntVal.Count == 0))
        {
            return null;
        }

        var numbers = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(TensorValues.Bytes(info, value, node.Name).Span);
        var sum = 0L;
        foreach (var number in numbers)
        {
            sum += number;
        }

        return (int)Math.Clamp(sum, int.MinValue, int.MaxValue);
    }

    /// <summary>
    /// Tensor arrays hand their contents on through the flow (tensorflow/core/ops/data_flow_ops.cc): what was written last is what is read.
    /// </summary>
    private static IReadOnlyList<Output?>? TensorArray(GraphNode node)
    {
        if (!node.Op.StartsWith("TensorArray", StringComparison.Ordinal))
        {
            return null;
        }

        var name = node.Op["TensorArray".Length..].TrimEnd('V', '2', '3');
        return name switch
        {
            "Read" or "Gather" => [node.Input(2)],
            "Pack" or "Concat" => [node.Input(1)],
            "Write" or "Scatter" => [node.Input(2)],
            "Unpack" or "Split" => [node.Input(1)],
            "" or "Grad" => [],
            _ => null,
        };
    }

    /// <summary>The value in a product with a dropout's mask or with a scale; null for any other product.</summary>
    private static Output?[]? Masked(GraphNode node)
    {
        for (var k = 0; k < 2; k++)
        {
            if (IsMask(node.Input(k)) && node.Input(1 - k) is { } value && !(node.Op == "RealDiv" && k == 0))
            {
                return [value];
            }
        }

        // keep_prob may be fed or computed: what is divided by it goes on to be multiplied with the mask.
        return node.Op == "RealDiv"
            && (GraphVariables.Behind(node.Input(1)) is { Node.Op: "Placeholder" or "PlaceholderWithDefault" } || node.UsersOf().Any(user => user.Node.Op == "Mul" && IsMask(CellAlgebra.Other(user.Node, user.Input))))
            ? [node.Input(0)] : null;
    }

    private static bool IsMask(Output? output) =>
        GraphVariables.Scalar(output) is not null
        || GraphVariables.Behind(output) is { Node: { Op: "RealDiv" } scale } && GraphVariables.Scalar(scale.Input(0)) is not null
        || GraphVariables.Behind(output) is { Node: var node } && (node.Op is "Floor" or "RealDiv" && IsRandom(node, 0)
            || (node.Op == "Cast" && node.Input(0) is { Node: { Op: "GreaterEqual" or "Less" or "Greater" } comparison } && IsRandom(comparison, 0)));

    /// <summary>True if a node is computed from random numbers, or from numbers alone.</summary>
    private static bool IsRandom(GraphNode node, int depth) =>
        node.Op.Contains("Random", StringComparison.Ordinal)
        || (depth < 8 && node.Inputs.Exists(input => GraphVariables.Behind(input) is { Node: var behind } && behind.Op is "Floor" or "Add" or "AddV2" or "Mul" or "Sub" or "RealDiv" or "RandomUniform" or "Identity" or "StatelessRandomUniform" or "StatelessRandomUniformV2"
            && IsRandom(behind, depth + 1)));

    private static bool IsComputed(GraphNode node) => node.Op is not ("Placeholder" or "PlaceholderV2" or "PlaceholderWithDefault" or "Const" or "Fill" or "Gather" or "GatherV2" or "ResourceGather" or "IteratorGetNext" or "Variable" or "VariableV2" or "VarHandleOp" or "ReadVariableOp" or "ZerosLike" or "Zeros");
}
