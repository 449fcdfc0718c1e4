using LstmConvert.TensorFlow;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Reading;

/// <summary>Where the axis of time lies in a value.</summary>
internal enum TimeAxis
{
    /// <summary>One step: <c>(b, w)</c>.</summary>
    None,

    /// <summary><c>(t, b, w)</c>.</summary>
    First,

    /// <summary><c>(b, t, w)</c>.</summary>
    Second,
}

/// <summary>What an input of a program says of a sequence, beside its values.</summary>
internal enum SequenceExtent
{
    /// <summary>The valid length of each row, <c>(b)</c>.</summary>
    Lengths,

    /// <summary>The number of steps that are run, a scalar.</summary>
    Steps,

    /// <summary>True at each valid step, <c>(b, t)</c>.</summary>
    Mask,
}

/// <summary>How sequences become steps and steps sequences, and along which axis: what must be known to feed and fetch a whole
/// sequence.</summary>
internal static class SequenceEdges
{
    private const int MaximumSteps = 64;

    /// <summary>True where one step is put among the others.</summary>
    public static bool Stores(GraphNode node) =>
        node.Op.StartsWith("TensorArrayWrite", StringComparison.Ordinal) || node.Op is "TensorListSetItem" or "TensorListPushBack";

    /// <summary>The node that puts a value of a step among the others, on no way that leads through one of several others; null where none
    /// does.</summary>
    /// <param name="value">The value.</param>
    /// <param name="others">Values whose own way is not followed.</param>
    public static GraphNode? StoredBy(Output value, IReadOnlySet<Output> others)
    {
        var (seen, todo) = (new HashSet<Output> { value }, new Queue<Output>([value]));
        while (todo.TryDequeue(out var at) && seen.Count < MaximumSteps)
        {
            foreach (var (node, _) in at.Node.UsersOf(at.Index))
            {
                if (Stores(node))
                {
                    return node;
                }

                // The next step reads it as another value.
                if ((Operations.IsChoice(node) || !DataEdges.IsAlternative(node)) && Onwards(node, at) is { } next)
                {
                    foreach (var one in next.Where(one => !others.Contains(one) && seen.Add(one)))
                    {
                        todo.Enqueue(one);
                    }
                }
            }
        }

        return null;
    }

    /// <summary>True where the steps come out as one value, time first.</summary>
    public static bool Gathers(GraphNode node) =>
        node.Op is "TensorListStack" or "TensorArrayPack" || node.Op.StartsWith("TensorArrayGather", StringComparison.Ordinal);

    /// <summary>True for one step that is taken of what a loop has just put together, and that nothing reads: Keras's loop takes the last
    /// one of every layer, wanted or not.</summary>
    public static bool IsUnreadStep(GraphNode node) =>
        node.Op == "StridedSlice" && node.Users.Count == 0 && GraphVariables.Behind(node.Input(0)) is { Node: var whole } && Gathers(whole);

    /// <summary>The axis of time of what a node is made of, from the axis in what it gives.</summary>
    public static TimeAxis Before(Output at, TimeAxis axis)
    {
        var node = at.Node;
        switch (node.Op)
        {
            case "TensorListFromTensor" or "TensorArrayUnpack" or "TensorArrayScatterV2" or "TensorArrayScatterV3" or "TensorArrayScatter":
                return TimeAxis.First;
            case "Unpack" when axis == TimeAxis.None:
                return Along(node.Attribute("axis")?.I ?? 0);
            case "Split" when axis == TimeAxis.None:
                return Along(GraphVariables.Integers(node.Input(0)) is [var split] ? split : -1);
            case "SplitV" when axis == TimeAxis.None:
                return Along(GraphVariables.Integers(node.Input(2)) is [var parted] ? parted : -1);
            case "StridedSlice" when axis == TimeAxis.None:
                return (node.Attribute("shrink_axis_mask")?.I ?? 0) switch
                {
                    1 => TimeAxis.First,
                    2 => TimeAxis.Second,
                    _ => TimeAxis.None,
                };
            case "Slice" when axis == TimeAxis.None:
                return GraphVariables.Integers(node.Input(2)) is [var first, var second, _]
                    ? second == 1
                        ? TimeAxis.Second
                        : first == 1
                            ? TimeAxis.First
                            : TimeAxis.None
                    : TimeAxis.None;
            case "Transpose" when axis != TimeAxis.None && GraphVariables.Integers(node.Input(1)) is [1, 0, ..]:
                return axis == TimeAxis.First ? TimeAxis.Second : TimeAxis.First;

            // The axes may be exchanged by what is computed of the rank: concat([1, 0], range(2, rank)).
            case "Transpose" when axis != TimeAxis.None && GraphVariables.Behind(node.Input(1)) is { Node.Op: not "Const" }:
                return axis == TimeAxis.First ? TimeAxis.Second : TimeAxis.First;
            default:
                return axis;
        }
    }

    /// <summary>
    /// The tensor outside all loops whose value a state has at the first step, and which columns of it, where a loop hands several states on
    /// as one; null where that is no tensor of its own.
    /// </summary>
    /// <param name="state">Where a step reads the state.</param>
    /// <param name="isInLoop">True if a loop hands the state on from step to step.</param>
    public static (Output Tensor, ColumnCut? Cut)? Initial(Output state, bool isInLoop) =>
        !isInLoop ? (state, null)
        : LoopVariable(state) is not var (merge, cut) || merge.Input(0) is not { } initial ? null
        : DataEdges.IsEntry(initial.Node) ? (initial.Node.Input(0) is { } entered ? (entered, cut) : null)
        : (initial, cut);

    /// <summary>The tensor outside a loop that has a state after the last step, and which columns of it, where a loop hands several states on
    /// as one; null where it hands each on by itself.</summary>
    /// <param name="state">Where a step reads the state.</param>
    public static (Output Tensor, ColumnCut? Cut)? PackedFinal(Output state) =>
        LoopVariable(state) is (var merge, { } cut)
        && merge.UsersOf(0).Select(user => user.Node).FirstOrDefault(node => node.Op is "Switch" or "RefSwitch") is { } choice
        && choice.UsersOf(0).Select(user => user.Node).FirstOrDefault(DataEdges.IsExit) is { } exit
            ? (new Output(exit, 0), cut)
            : null;

    /// <summary>The variable of a loop that nothing gives another value, for a state that lies in one: a program that was stopped while it
    /// made the loop leaves that; null for any other state.</summary>
    /// <param name="state">Where a step reads the state.</param>
    public static GraphNode? Unclosed(Output state) =>
        LoopVariable(state) is (var merge, _) && DataEdges.IsUnclosed(merge) ? merge : null;

    /// <summary>The variable of a loop that a state is, or lies in.</summary>
    private static (GraphNode Merge, ColumnCut? Cut)? LoopVariable(Output state)
    {
        var (at, cut) = (state, (ColumnCut?)null);
        for (var step = 0; step < MaximumSteps; step++)
        {
            if (at.Node.Op is "Merge" or "RefMerge")
            {
                return (at.Node, cut);
            }

            if (ColumnCut.Of(at, cut) is { } part)
            {
                (at, cut) = part;
            }
            else if (GraphVariables.IsTransparent(at.Node) && at.Node.Input(0) is { } before)
            {
                at = before;
            }
            else
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The outputs of a node that hand on one of its inputs, joined with nothing and added to nothing.</summary>
    public static IEnumerable<Output> Onwards(GraphNode node, Output value)
    {
        if (Operations.IsAddition(node) || DataEdges.IsJoin(node) || DataEdges.IsReversal(node))
        {
            yield break;
        }

        foreach (var index in node.Users.Select(user => user.Output).Append(0).Distinct().Take(64))
        {
            if (DataEdges.Inputs(new Output(node, index)) is { } inputs && inputs.Contains(value))
            {
                yield return new Output(node, index);
            }
        }
    }

    /// <summary>The lengths of the axes that a node itself states, null for any length; null where it states none.</summary>
    public static IReadOnlyList<int?>? Shape(Output at)
    {
        var shape =
            at.Node.Op == "Const" ? at.Node.Attribute("value")?.Tensor?.TensorShape
            : at.Node.Op.StartsWith("Placeholder", StringComparison.Ordinal) ? at.Node.Attribute("shape")?.Shape
            : null;
        return shape is { UnknownRank: false, Dim.Count: > 0 }
            ? [.. shape.Dim.Select(dim => dim.Size is >= 0 and <= int.MaxValue ? (int?)dim.Size : null)]
            : null;
    }

    /// <summary>What an input of the program says of the sequence that a step's condition, or a fused operation's count of steps, depends
    /// on; null where it says nothing.</summary>
    public static SequenceExtent? Extent(GraphNode node, bool isCount)
    {
        if (
            node.Op
                is not (
                    "Placeholder"
                    or "PlaceholderV2"
                    or "PlaceholderWithDefault"
                    or "IteratorGetNext"
                    or "QueueDequeueV2"
                    or "QueueDequeueManyV2")
            || (node.Attribute("dtype") ?? node.Attribute("T")) is not { } type)
        {
            return null;
        }

        // Releases before 1.1 write an unknown shape as an empty one.
        var rank = node.Attribute("shape")?.Shape is { UnknownRank: false, Dim.Count: > 0 and var axes } ? axes : (int?)null;
        return TensorFlowDType.Read(type.Type) switch
        {
            DType.Int32 or DType.Int64 when rank is 1 || (rank is null && !isCount) => SequenceExtent.Lengths,
            DType.Int32 or DType.Int64 when rank is null => SequenceExtent.Steps,
            DType.Bool when rank is 2 => SequenceExtent.Mask,
            _ => null,
        };
    }

    /// <summary>True where an axis of length 1 is dropped.</summary>
    public static bool DropsAxis(GraphNode node) => node.Op == "Squeeze";

    /// <summary>True for the largest of several numbers.</summary>
    public static bool IsLargest(GraphNode node) => node.Op == "Max";

    /// <summary>The input of a node that says how many steps there are; null for what is no operation over a sequence.</summary>
    public static Output? StepCount(GraphNode node) => node.Op is "BlockLSTM" or "BlockLSTMV2" ? node.Input(0) : null;

    /// <summary>True where a loop reads one step of what lies outside of it.</summary>
    public static bool EntersLoop(GraphNode node) =>
        node.Op
            is "TensorListFromTensor"
                or "TensorArrayUnpack"
                or "TensorArrayScatterV2"
                or "TensorArrayScatterV3"
                or "TensorArrayScatter"
                or "Enter"
                or "RefEnter";

    /// <summary>How a fused operation reads its states: cuDNN's have an axis of layers before the batch.</summary>
    public static TimeAxis AxisOfStates(GraphNode node) =>
        node.Op.StartsWith("CudnnRNN", StringComparison.Ordinal) ? TimeAxis.First : TimeAxis.None;

    private static TimeAxis Along(long axis) => axis switch { 0 => TimeAxis.First, 1 => TimeAxis.Second, _ => TimeAxis.None };
}
