using LstmConvert.TensorFlow;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Reading;

/// <summary>What a value is made of: the edges along which values are moved, cut, joined, reversed, masked or dropped without being
/// computed.</summary>
internal static class DataEdges
{
    private const int MaximumMaskDepth = 8;

    /// <summary>Nodes that move what a program is given to where a step reads it.</summary>
    private const int MaximumMoves = 32;

    /// <summary>Nodes that are looked at to tell a mask: a dropout has a dozen.</summary>
    private const int MaximumMaskNodes = 200;

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

    /// <summary>True for a node that turns a sequence around: along one of the first two axes, not along the features.</summary>
    public static bool IsReversal(GraphNode node) => node.Op switch
    {
        "ReverseSequence" => (node.Attribute("seq_dim")?.I ?? 0) is 0 or 1 && !TurnsRows(node),
        "ReverseV2" => GraphVariables.Integers(node.Input(1)) is not [-1 or > 1, ..] && !IsOfOneStep(node) && !TurnsRows(node),
        "Reverse" => GraphVariables.Truths(node.Input(1)) is not [.., true] && !IsOfOneStep(node) && !TurnsRows(node),
        _ => false,
    };

    /// <summary>True for a reversal of what a loop, or a copy of a step, takes of a sequence in one step, or gives for one: its first axis is
    /// the batch.</summary>
    private static bool IsOfOneStep(GraphNode reversal) =>
        (
            GraphVariables.Behind(reversal.Input(0))?.Node.Op is { } op
            && (op.StartsWith("TensorArrayRead", StringComparison.Ordinal) || op is "TensorListGetItem" or "Unpack"))
        || reversal.Users.Exists(user => TakesOneStep(user.Node));

    /// <summary>True for a reversal along the axis of the batch: which one time lies along is known where a loop puts its steps together, and
    /// where one takes them.</summary>
    private static bool TurnsRows(GraphNode reversal) =>
        TurnedAlong(reversal) is { } turned && (TimeBehind(reversal) ?? TimeBefore(reversal)) is { } time && turned != time;

    private static long? TurnedAlong(GraphNode reversal) => reversal.Op switch
    {
        "ReverseSequence" => reversal.Attribute("seq_dim")?.I ?? 0,
        "ReverseV2" => GraphVariables.Integers(reversal.Input(1)) is [>= 0 and var only] ? only : null,
        _ => GraphVariables.Truths(reversal.Input(1)) switch { [true, false, ..] => 0, [false, true, ..] => 1, _ => null },
    };

    /// <summary>The axis of time in what a reversal reads: 0 where a loop puts its steps together.</summary>
    private static long? TimeBehind(GraphNode reversal)
    {
        var (at, axis) = (GraphVariables.Behind(reversal.Input(0)), 0L);
        for (var step = 0; step < MaximumMoves && at is { Node: var node }; step++)
        {
            if (SequenceEdges.Gathers(node))
            {
                return axis;
            }

            if (!SwapsTime(node) && TurnedAlong(node) is null)
            {
                return null;
            }

            axis = SwapsTime(node) ? 1 - axis : axis;
            at = GraphVariables.Behind(node.Input(0));
        }

        return null;
    }

    /// <summary>The axis of time in what a reversal gives: 0 where a loop takes its steps.</summary>
    private static long? TimeBefore(GraphNode reversal)
    {
        var (at, axis) = (reversal, 0L);
        for (var step = 0; step < MaximumMoves; step++)
        {
            var readers = at.UsersOf().Select(user => user.Node).Where(node => !IsShape(node)).ToArray();
            if (Array.Exists(readers, SequenceEdges.EntersLoop) && !Array.Exists(readers, IsEntry))
            {
                return axis;
            }

            if (Array.Find(readers, node => SwapsTime(node) || GraphVariables.IsTransparent(node)) is not { } next || IsEntry(next))
            {
                return null;
            }

            axis = SwapsTime(next) ? 1 - axis : axis;
            at = next;
        }

        return null;
    }

    private static bool SwapsTime(GraphNode node) =>
        node.Op == "Transpose"
        && GraphVariables.Behind(node.Input(1)) is { } order
        && (order.Node.Op != "Const" || GraphVariables.Integers(order) is [1, 0, ..]);

    /// <summary>True for what takes the value of one step: the next one, what collects them, the choice by a row's length.</summary>
    private static bool TakesOneStep(GraphNode node) =>
        node.Op is "NextIteration" or "RefNextIteration" or "TensorListSetItem" or "TensorListPushBack"
        || node.Op.StartsWith("TensorArrayWrite", StringComparison.Ordinal)
        || (Operations.IsChoice(node) && GraphVariables.Behind(node.Input(0)) is { Node: var condition } && Operations.IsCondition(condition));

    /// <summary>False where a node exchanges other axes than the first two of a sequence.</summary>
    private static bool IsTurnOfSequence(GraphNode transpose) =>
        GraphVariables.Integers(transpose.Input(1)) is not { } order || order is [0, 1] or [0, 1, 2] or [1, 0, 2] or { Count: > 3 };

    /// <summary>Which part of a sequence an output is, where a program cuts its sequence itself; null where that does not stand in the
    /// graph.</summary>
    public static int? Step(Output at) => at.Node.Op switch
    {
        "Unpack" or "Split" or "SplitV" => at.Index,
        "StridedSlice" or "Slice" => Begin(at.Node.Input(1)),
        _ => null,
    };

    /// <summary>True for values that are put together along an axis: features of several values, not steps of one.</summary>
    public static bool IsJoin(GraphNode node) => node.Op is "Concat" or "ConcatV2";

    /// <summary>True where one of several values is taken, by a condition or from step to step.</summary>
    public static bool IsAlternative(GraphNode node) => node.Op is "Merge" or "RefMerge" or "Select" or "SelectV2";

    /// <summary>True where a loop ends.</summary>
    public static bool IsExit(GraphNode node) => node.Op is "Exit" or "RefExit";

    /// <summary>True where single steps become a sequence, or a sequence single steps.</summary>
    public static bool IsSequence(GraphNode node) =>
        node.Op is "Pack" or "Stack" or "Unpack"
        || node.Op.StartsWith("TensorList", StringComparison.Ordinal)
        || node.Op.StartsWith("TensorArray", StringComparison.Ordinal);

    /// <summary>The inputs whose values an output is made of; null where following ends.</summary>
    public static IReadOnlyList<Output?>? Inputs(Output at)
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
            case "ReverseV2" or "Reverse" or "ReverseSequence":
                return IsReversal(node) ? [node.Input(0)] : null;
            case "Transpose":
                return IsTurnOfSequence(node) ? [node.Input(0)] : null;
            case "Reshape" or "Squeeze" or "ExpandDims" or "Cast" or "Slice" or "StridedSlice" or "Unpack" or "SplitV"
                or "TensorListStack" or "TensorListGetItem" or "TensorListFromTensor" or "TensorListPopBack" or "EnsureShape":
                return [node.Input(0)];
            case "Split":
                return [node.Input(1)];
            case "Pack" or "Stack":
                return node.Inputs;
            case "Select" or "SelectV2":
                return [node.Input(1), node.Input(2)];
            case "Concat" or "ConcatV2":
                return Operations.Concatenated(node);
            case "TensorListPushBack":
                return [node.Input(1)];
            case "TensorListSetItem":
                return [node.Input(2)];
            case "Mul" or "RealDiv":
                return Masked(node);
            default:
                return TensorArray(node) ?? (Operations.IsAddition(node) ? node.Inputs : null);
        }
    }

    /// <summary>What a value is computed from by a dense layer, an activation or a gate of a wrapper; null where following ends.</summary>
    public static IReadOnlyList<Output?>? ComputedFrom(GraphNode node) =>
        Operations.IsProduct(node)
        || node.Op
            is "BiasAdd"
                or "Max"
                or "Sum"
                or "Mean"
                or "Maximum"
                or "Minimum"
                or "ClipByValue"
                or "Sigmoid"
                or "Tanh"
                or "Relu"
                or "Relu6"
                or "Elu"
                or "Selu"
                or "Softplus"
                or "Softsign"
                or "LeakyRelu"
                or "Exp"
                or "Softmax"
                or "Sin"
            ? [node.Input(0)]
        : node.Op is "Mul" or "Sub" or "RealDiv" ? node.Inputs
        : null;

    /// <summary>True for zeros as such: what a state starts with where nothing else is said, and what is added without a change.</summary>
    public static bool IsNothing(GraphNode node) =>
        node.Op == "Fill" ? GraphVariables.Scalar(node.Input(1)) is { Value: 0 } : IsZero(node) && !IsNumbers(node);

    /// <summary>True for a constant of weights' type that is not all zero.</summary>
    private static bool IsNumbers(GraphNode node) =>
        node.Op == "Const"
        && node.Attribute("value")?.Tensor is { } value
        && TensorValues.Info(node.Name, value) is { } info
        && info.DType.IsWeight()
        && TensorValues.Given(info.DType, value).Span.ContainsAnyExcept((byte)0);

    /// <summary>What stands in the place of a value where there is none: past a row's end, before the first step.</summary>
    public static bool IsZero(GraphNode node) =>
        node.Op is "Fill" or "ZerosLike" or "Zeros" or "TensorListReserve" or "EmptyTensorList" || (node.Op == "Const" && !IsData(node));

    /// <summary>True for a constant of numbers that are not all zero: a frozen program may have its input so.</summary>
    public static bool IsData(GraphNode node) =>
        node.Op == "Const"
        && node.Attribute("value")?.Tensor is { } value
        && TensorValues.Info(node.Name, value) is { } info
        && info.DType.IsWeight()
        && info.Shape.Rank > 1
        && TensorValues.Given(info.DType, value).Span.ContainsAnyExcept((byte)0);

    /// <summary>The value that a loop variable has in the next step; null for any other node.</summary>
    public static Output? NextOfLoop(GraphNode node) =>
        node.Op is "Merge" or "RefMerge" ? node.IsLoopVariable ? node.Input(1)
            : node.Inputs.Find(input => input is { Node.Op: "NextIteration" or "RefNextIteration" }) : null;

    /// <summary>The variable that a value is in every row, moved and repeated at most: what a state starts from where that is trained; null
    /// for any other value.</summary>
    /// <param name="value">The value, <c>(b, u)</c>.</param>
    /// <param name="variables">The graph's variables.</param>
    public static string? RepeatedVariable(Output value, GraphVariables variables)
    {
        var at = value;
        for (var step = 0; step < MaximumMoves; step++)
        {
            if (variables.Names(at) is [var only])
            {
                return only;
            }

            if (
                !(GraphVariables.IsTransparent(at.Node) || at.Node.Op is "BroadcastTo" or "Tile" or "ExpandDims" or "Reshape")
                || at.Node.Input(0) is not { } before)
            {
                return null;
            }

            at = before;
        }

        return null;
    }

    /// <summary>True for the variable of a loop into which a value comes anew with each step: the same every time.</summary>
    public static bool IsSetAnew(GraphNode merge) =>
        merge.Inputs.Exists(input => input is { Node: var node } && IsEntry(node) && node.Attribute("is_constant")?.B == true);

    /// <summary>True for the variable of a loop that its program never closed: nothing gives it another value than that it begins
    /// with.</summary>
    public static bool IsUnclosed(GraphNode merge) =>
        merge.Op is "Merge" or "RefMerge" && merge.Inputs.Count > 0 && merge.Inputs.TrueForAll(input => input is { } from && IsEntry(from.Node));

    /// <summary>True where a value enters a loop.</summary>
    public static bool IsEntry(GraphNode node) => node.Op is "Enter" or "RefEnter";

    /// <summary>The value from which an output is cut, the number of the part, and how many equal ones there are (0 where that is not
    /// known).</summary>
    public static (Output Whole, int Index, long Count)? Cut(Output at)
    {
        var node = at.Node;
        return node.Op switch
        {
            "Split" when node.Input(1) is { } whole => (whole, at.Index, node.Attribute("num_split")?.I ?? 0),
            "Unpack" when node.Input(0) is { } whole => (whole, at.Index, node.Attribute("num")?.I ?? 0),
            "SplitV" or "Slice" or "StridedSlice" when node.Input(0) is { } whole => (whole, 0, 0),
            _ => null,
        };
    }

    /// <summary>True for a node that puts values together.</summary>
    public static bool PutsTogether(GraphNode node) => node.Op is "Pack" or "Stack" || IsJoin(node);

    /// <summary>The values that a node puts together; null for any other node.</summary>
    public static IReadOnlyList<Output?>? Together(GraphNode node) =>
        node.Op is "Pack" or "Stack" ? node.Inputs : Operations.Concatenated(node);

    /// <summary>The values one of which an output is, in another form or with dropout at most; null for what is made of a value in any
    /// other way.</summary>
    public static IReadOnlyList<Output?>? Same(Output at) =>
        at.Node.Op
            is "Reshape"
                or "Squeeze"
                or "ExpandDims"
                or "Cast"
                or "EnsureShape"
                or "Merge"
                or "RefMerge"
                or "Select"
                or "SelectV2"
                or "IdentityN"
                or "Mul"
                or "RealDiv"
        || GraphVariables.IsTransparent(at.Node)
            ? Inputs(at)
            : null;

    /// <summary>The value in a product with 1 minus what the program is given, and what that is: a state that is set back where a sequence
    /// ends within the batch; null for any other node.</summary>
    public static (Output Value, GraphNode Given)? Reset(GraphNode node)
    {
        for (var k = 0; node is { Op: "Mul", Inputs.Count: 2 } && k < 2; k++)
        {
            if (
                node.Input(k) is { } value
                && GraphVariables.Behind(node.Input(1 - k)) is { Node: { Op: "Sub" } kept }
                && GraphVariables.Scalar(kept.Input(0)) is { Value: 1 }
                && GivenBehind(kept.Input(1)) is { } given)
            {
                return (value, given);
            }
        }

        return null;
    }

    /// <summary>What the program is given, where an output is that, moved or in another form; null for anything else.</summary>
    private static GraphNode? GivenBehind(Output? output)
    {
        for (var step = 0; step < MaximumMoves && output is { } at; step++)
        {
            if (at.Node.Op is "Placeholder" or "PlaceholderV2" or "PlaceholderWithDefault" or "IteratorGetNext")
            {
                return at.Node;
            }

            output = at.Node.Op is not ("Mul" or "RealDiv") && Inputs(at) is [{ } only] ? only : null;
        }

        return null;
    }

    /// <summary>What reads the form of a value only.</summary>
    public static bool IsShape(GraphNode node) =>
        node.Op is "Shape" or "ShapeN" or "Size" or "Rank" or "ZerosLike" or "OnesLike" or "TensorArraySizeV3" or "NoOp";

    /// <summary>For what a program is given the table in which it is looked up, empty without one; null for what is computed.</summary>
    public static string? Given(Output at, GraphVariables variables) =>
        at.Node.Op switch
        {
            "Placeholder"
            or "PlaceholderV2"
            or "PlaceholderWithDefault"
            or "IteratorGetNext"
            or "Const"
            or "QueueDequeueV2"
            or "QueueDequeueManyV2"
            or "Variable"
            or "VariableV2"
            or "VarHandleOp"
            or "ReadVariableOp" => "",
            "Gather" or "GatherV2" or "ResourceGather" when variables.Names(at.Node.Input(0)) is { Count: > 0 } names => names[0],
            _ => null,
        };

    /// <summary>True for the operation of numbers that stand in the graph.</summary>
    /// <param name="operation">Its name.</param>
    public static bool IsConstant(string operation) => operation == "Const";

    /// <summary>True for what is neither data nor a variable.</summary>
    public static bool IsComputed(GraphNode node) =>
        node.Op
            is not (
                "Placeholder"
                or "PlaceholderV2"
                or "PlaceholderWithDefault"
                or "Const"
                or "Fill"
                or "Gather"
                or "GatherV2"
                or "ResourceGather"
                or "IteratorGetNext"
                or "Variable"
                or "VariableV2"
                or "VarHandleOp"
                or "ReadVariableOp"
                or "ZerosLike"
                or "Zeros");

    /// <summary>The first index of a slice whose place is constant: the time step where a program cuts its sequence itself.</summary>
    private static int? Begin(Output? begin)
    {
        if (
            GraphVariables.Behind(begin) is not { Node: { Op: "Const" } node }
            || node.Attribute("value")?.Tensor is not { } value
            || TensorValues.Info(node.Name, value) is not { DType: Tensors.DType.Int32, Shape: { Rank: 1, ElementCount: > 0 and < 8 } } info
            || (value.TensorContent.Length != info.ByteCount && value.IntVal.Count == 0))
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
            if (
                IsMask(node.Input(k))
                && node.Input(1 - k) is { } value
                && !(node.Op == "RealDiv" && k == 0)
                && !Shrinks(node, node.Input(k))
                && (GraphVariables.Scalar(node.Input(k)) is not { Value: not 1 } || IsDropped(node, value)))
            {
                return [value];
            }
        }

        // keep_prob may be fed, computed or a variable: what is divided by it goes on to be multiplied with the mask.
        return
            node.Op == "RealDiv"
            && (
                GraphVariables.Behind(node.Input(1)) is { Node.Op: "Placeholder" or "PlaceholderWithDefault" }
                || node.UsersOf()
                    .Any(user => user.Node.Op == "Mul" && user.Node.Inputs.Count == 2 && IsMask(user.Node.Input(1 - user.Input))))
            ? [node.Input(0)]
            : null;
    }

    /// <summary>
    /// True for a known scale that makes a value smaller, or turns its sign: a dropout makes what it keeps larger. What it keeps may be
    /// given to the program, as a part to keep or to drop: where all is kept nothing is changed.
    /// </summary>
    private static bool Shrinks(GraphNode node, Output? scale)
    {
        double? Scaled(double given) =>
            GraphVariables.Computed(scale, given) is { } number ? (node.Op == "RealDiv" ? 1 / number : number) : null;
        return Scaled(0) is { } dropped && Scaled(1) is { } kept && (dropped == kept ? kept < 1 : dropped != 1 && kept != 1);
    }

    /// <summary>True if a value is multiplied with random zeros and ones before, or after, a node scales it: that is a dropout, any other
    /// number is not.</summary>
    private static bool IsDropped(GraphNode scale, Output value) =>
        scale.UsersOf().Any(user => user.Node.Op == "Mul" && user.Node.Inputs.Count == 2 && IsRandomMask(user.Node.Input(1 - user.Input)))
        || (GraphVariables.Behind(value)?.Node is { Op: "Mul" } masked && masked.Inputs.Exists(IsRandomMask));

    /// <summary>True for random zeros and ones (scaled, it may be), with which dropout multiplies.</summary>
    public static bool IsRandomMask(Output? output) =>
        GraphVariables.Behind(output) is { Node: { Op: "Floor" or "RealDiv" or "Cast" or "Mul" } node } && IsRandom(node) == true;

    /// <summary>True for one number: a constant, what the program is given, or what is computed from those.</summary>
    public static bool IsScale(Output? output) =>
        GraphVariables.Scalar(output) is not null
        || (
            GraphVariables.Behind(output) is { Node: var node }
            && (GraphVariables.ShapeOf(new Output(node, 0)) is [] || IsRandom(node) == false));

    private static bool IsMask(Output? output) =>
        GraphVariables.Scalar(output) is not null
        || GraphVariables.Behind(output) is { Node: { Op: "RealDiv" } scale } && GraphVariables.Scalar(scale.Input(0)) is not null
        || GraphVariables.Behind(output) is { Node: var node } && node.Op is "Floor" or "RealDiv" or "Cast" && IsRandom(node) == true;

    private static bool? IsRandom(GraphNode node)
    {
        var nodesLeft = MaximumMaskNodes;
        return IsRandom(node, 0, ref nodesLeft);
    }

    /// <summary>True if a node is computed from random numbers and scalars alone, false from scalars alone, null if a value has a part in
    /// it.</summary>
    private static bool? IsRandom(GraphNode node, int depth, ref int nodesLeft)
    {
        if (node.Op.Contains("Random", StringComparison.Ordinal))
        {
            return true;
        }

        if (
            GraphVariables.Scalar(new Output(node, 0)) is not null
            || node.Op is "Placeholder" or "PlaceholderWithDefault"
            || GraphVariables.ShapeOf(new Output(node, 0)) is [])
        {
            return false;
        }

        // keep_prob may be chosen by a placeholder: a Select, or the Merge of a cond.
        if (
            depth > MaximumMaskDepth
            || --nodesLeft < 0
            || node.Inputs.Count is 0 or > 3
            || node.Op
                is not (
                    "Select"
                    or "SelectV2"
                    or "Merge"
                    or "Switch"
                    or "Floor"
                    or "Add"
                    or "AddV2"
                    or "Mul"
                    or "Sub"
                    or "RealDiv"
                    or "Cast"
                    or "GreaterEqual"
                    or "Less"
                    or "Greater"))
        {
            return null;
        }

        var isRandom = false;
        foreach (var input in node.Inputs)
        {
            if (GraphVariables.Behind(input) is not { Node: var behind } || IsRandom(behind, depth + 1, ref nodesLeft) is not { } one)
            {
                return null;
            }

            isRandom |= one;
        }

        return isRandom;
    }
}
