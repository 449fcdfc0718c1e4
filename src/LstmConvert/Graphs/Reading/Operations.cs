using LstmConvert.TensorFlow;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Reading;

/// <summary>What the operations of TensorFlow do, as far as it matters to find cells: their names stand here and nowhere in the
/// matching.</summary>
internal static class Operations
{
    private static readonly string[] Limiting = ["ClipByValue", "Minimum", "Maximum"];

    private static readonly string[] Products = ["MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "SparseMatMul"];

    private static readonly string[] Walking = ["strides", "dilations"];

    private static readonly string[] Scaling = ["Mul", "RealDiv"];

    /// <summary>The operations that a sum, a product with a matrix, a product by elements, a limit may end with.</summary>
    public static IReadOnlyList<string> OfProducts => Products;

    public static IReadOnlyList<string> OfTimes { get; } = ["Mul"];

    /// <summary>What adds up elements of one value, and what puts values together.</summary>
    public static IReadOnlyList<string> OfTotals { get; } = ["Sum"];

    public static IReadOnlyList<string> OfJoins { get; } = ["ConcatV2", "Concat"];

    public static IReadOnlyList<string> OfScaling => Scaling;

    public static IReadOnlyList<string> OfLimits => Limiting;

    /// <summary>A sum or a difference.</summary>
    public static bool IsSum(GraphNode node) => node.Op is "Add" or "AddV2" or "AddN" or "BiasAdd" or "BiasAddV1" or "Sub";

    /// <summary>A sum proper.</summary>
    public static bool IsAddition(GraphNode node) => IsSum(node) && !IsDifference(node);

    public static bool IsDifference(GraphNode node) => node.Op == "Sub";

    public static bool IsNegation(GraphNode node) => node.Op == "Neg";

    /// <summary>A product with a matrix.</summary>
    public static bool IsProduct(GraphNode node) => Array.IndexOf(Products, node.Op) >= 0;

    /// <summary>A convolution that keeps the size, channels last: every step of one, as many places behind it as before it.</summary>
    public static bool IsConvolution(GraphNode node) => node.Op is "Conv2D" or "Conv3D"
        && node.Attribute("padding")?.S.ToStringUtf8() == "SAME"
        && node.Attribute("data_format")?.S.ToStringUtf8() is null or "NHWC" or "NDHWC"
        && Walking.All(name => node.Attribute(name)?.List?.I.All(step => step == 1) != false);

    /// <summary>A product by elements.</summary>
    public static bool IsTimes(GraphNode node) => node.Op == "Mul";

    public static bool IsDivision(GraphNode node) => node.Op == "RealDiv";

    /// <summary>A product with a matrix, or a fused operation over a step or a sequence: what a cell does with its variables.</summary>
    public static bool Computes(GraphNode node) =>
        IsProduct(node)
        || node.Op is "LSTMBlockCell" or "BlockLSTM" or "BlockLSTMV2" or "GRUBlockCell"
        || node.Op.StartsWith("CudnnRNN", StringComparison.Ordinal);

    /// <summary>What sets a variable to a value.</summary>
    public static bool IsAssignment(GraphNode node) => node.Op is "Assign" or "AssignVariableOp" && node.Inputs.Count > 1;

    /// <summary>What stores, restores, initialises, trains or watches a variable.</summary>
    public static bool IsKeeping(GraphNode node) =>
        node.Op is "L2Loss"
        || node.Op.StartsWith("Save", StringComparison.Ordinal)
        || node.Op.StartsWith("Assign", StringComparison.Ordinal)
        || node.Op.Contains("Apply", StringComparison.Ordinal)
        || node.Op.EndsWith("Summary", StringComparison.Ordinal)
        || node.Op.EndsWith("SummaryV2", StringComparison.Ordinal);

    /// <summary>What a normalisation is made of.</summary>
    public static bool IsNormalising(GraphNode node) =>
        IsSum(node) || node.Op is "Mul" or "RealDiv" or "Rsqrt" || node.Op.StartsWith("FusedBatchNorm", StringComparison.Ordinal);

    /// <summary>Another form of the same values.</summary>
    public static bool IsReshape(GraphNode node) => node.Op is "Reshape" or "Squeeze" or "ExpandDims" or "Cast" or "EnsureShape";

    public static bool IsTransposed(GraphNode node) =>
        node.Attribute("transpose_a")?.B == true
        || node.Attribute("transpose_b")?.B == true
        || node.Attribute("adj_x")?.B == true
        || node.Attribute("adj_y")?.B == true;

    /// <summary>True for float16.</summary>
    public static bool IsHalf(GraphNode node) => node.Attribute("T") is { } type && TensorFlowDType.Read(type.Type) == DType.Float16;

    /// <summary>A choice between two values, row by row.</summary>
    public static bool IsChoice(GraphNode node) => node.Op is "Select" or "SelectV2";

    /// <summary>Of a comparison of the step's number with the rows' lengths: true if it holds at valid steps, false if it holds past them;
    /// null where it is not plain which side is the step.</summary>
    public static bool? IsWithinLength(GraphNode condition)
    {
        var (left, right) = (IsStep(condition.Input(0)), IsStep(condition.Input(1)));
        return left == right ? null
            : condition.Op is "Less" or "LessEqual" ? left
            : condition.Op is "Greater" or "GreaterEqual" ? right
            : null;
    }

    /// <summary>True for such a comparison that holds, or does not, one step too long: the step after the last counts from zero.</summary>
    public static bool IsStepLate(GraphNode condition) =>
        IsWithinLength(condition) is not null
        && (IsStep(condition.Input(0)) ? condition.Op is "Greater" or "LessEqual" : condition.Op is "Less" or "GreaterEqual");

    /// <summary>True for the number of a step: one that a loop counts, or a constant in a copy of its own.</summary>
    private static bool IsStep(Output? value) =>
        GraphVariables.Scalar(value) is not null
        || (
            GraphVariables.Behind(value) is { Node: { Op: "Merge" } merge }
            && GraphVariables.Behind(merge.Input(1)) is { } next
            && IsAddition(next.Node)
            && next.Node.Inputs.Exists(input => GraphVariables.Scalar(input) is not null));

    /// <summary>A comparison, or what spreads one over the units: the condition of a choice by a row's length.</summary>
    public static bool IsCondition(GraphNode node) =>
        node.Op is "GreaterEqual" or "Less" or "Greater" or "LessEqual" or "Tile" or "Reshape";

    /// <summary>Copies of a value beside each other.</summary>
    public static bool IsRepetition(GraphNode node) => node.Op == "Tile";

    /// <summary>The matrix whose rows and columns are exchanged; null for any other node.</summary>
    public static Output? Transposed(GraphNode node) =>
        node.Op == "Transpose" && GraphVariables.Integers(node.Input(1)) is [1, 0] ? node.Input(0) : null;

    /// <summary>True if a product exchanges rows and columns of its right factor, and only there.</summary>
    public static bool TransposesRight(GraphNode node) =>
        (node.Attribute("transpose_b")?.B == true || node.Attribute("adj_y")?.B == true)
        && node.Attribute("transpose_a")?.B != true
        && node.Attribute("adj_x")?.B != true;

    /// <summary>What a column's squares are at least taken to sum up to, so that nothing is divided by zero: no trained column is as
    /// short.</summary>
    private const double SmallestSquare = 1e-6;

    /// <summary>The matrix of which a node scales every column to the length 1 (<c>l2_normalize</c> along the rows); null for any other
    /// node.</summary>
    public static Output? UnitColumns(GraphNode node)
    {
        for (var k = 0; IsTimes(node) && k < 2; k++)
        {
            if (
                node.Input(k) is { } value
                && GraphVariables.Behind(node.Input(1 - k))?.Node is { Op: "Rsqrt" } root
                && GraphVariables.Behind(root.Input(0))?.Node is { Op: "Maximum" } limit
                && GraphVariables.Scalar(limit.Input(1)) is { Value: > 0 and <= SmallestSquare }
                && GraphVariables.Behind(limit.Input(0))?.Node is { Op: "Sum" } sum
                && GraphVariables.Integers(sum.Input(1)) is [0]
                && GraphVariables.Behind(sum.Input(0))?.Node is { Op: "Square" } square
                && GraphVariables.Behind(square.Input(0)) == GraphVariables.Behind(value))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Control flow and what puts values together, between a step and the choice that ends a row.</summary>
    public static bool IsPassage(GraphNode node) => node.Op is "Identity" or "Switch" or "Merge" or "Reshape" or "Concat" or "ConcatV2";

    public static bool IsSwitch(GraphNode node) => node.Op == "Switch";

    /// <summary>A function's call or loop: what reads a value in it is found inside.</summary>
    public static bool IsCall(GraphNode node) =>
        node.Op is "While" or "StatelessWhile" or "If" or "StatelessIf" or "PartitionedCall" or "StatefulPartitionedCall";

    /// <summary>The values that a node puts together, without the axis; null for any other node.</summary>
    public static IReadOnlyList<Output?>? Concatenated(GraphNode node) =>
        node.Op == "ConcatV2" ? new InputRange(node.Inputs, 0) : node.Op == "Concat" ? new InputRange(node.Inputs, 1) : null;

    /// <summary>True for what is left of a division, with the divisor's sign.</summary>
    public static bool IsRemainder(GraphNode node) => node.Op == "FloorMod";

    /// <summary>True for a comparison that holds where the first value is less.</summary>
    public static bool IsLess(GraphNode node) => node.Op == "Less";

    /// <summary>True for values that are put together below each other, along their first axis.</summary>
    public static bool IsAboveEachOther(GraphNode node) =>
        node.Op is "ConcatV2" or "Concat" && GraphVariables.Integers(node.Input(node.Op == "Concat" ? 0 : node.Inputs.Count - 1)) is [0];

    /// <summary>All inputs but one at an end; not copied, as a node may have thousands and is asked as often.</summary>
    private sealed class InputRange(List<Output?> inputs, int first) : IReadOnlyList<Output?>
    {
        public int Count => Math.Max(0, inputs.Count - 1);

        public Output? this[int index] => inputs[first + index];

        public IEnumerator<Output?> GetEnumerator() => inputs.Skip(first).Take(Count).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>Some columns of a value of two axes, by a slice; null for any other node. A count of -1 is all that follow.</summary>
    public static (Output Whole, long Begin, long Count)? ColumnsOf(GraphNode node) =>
        node.Input(0) is not { } whole ? null
        : node.Op == "Slice"
        && GraphVariables.Integers(node.Input(1)) is [0, >= 0 and < int.MaxValue and var begin]
        && GraphVariables.Integers(node.Input(2)) is [-1, >= -1 and < int.MaxValue and var count]
            ? (whole, begin, count)
        : node.Op == "StridedSlice"
        && GraphVariables.Integers(node.Input(1)) is [var row, >= 0 and < int.MaxValue and var from]
        && GraphVariables.Integers(node.Input(2)) is [_, >= 0 and < int.MaxValue and var to]
        && GraphVariables.Integers(node.Input(3)) is [1, 1]
        && !MaskedOtherwise(node)
        && ((Mask(node, "begin_mask") & 1) == 1 || row == 0)
        && (Mask(node, "end_mask") & 1) == 1
            ? Ranged(whole, (Mask(node, "begin_mask") & 2) == 2 ? 0 : from, (Mask(node, "end_mask") & 2) == 2 ? null : to)
        : null;

    private static (Output Whole, long Begin, long Count)? Ranged(Output whole, long from, long? to) =>
        to is null ? (whole, from, -1)
        : to > from ? (whole, from, to.Value - from)
        : null;

    private static long Mask(GraphNode node, string name) => node.Attribute(name)?.I ?? 0;

    private static bool MaskedOtherwise(GraphNode node) =>
        Mask(node, "ellipsis_mask") != 0 || Mask(node, "new_axis_mask") != 0 || Mask(node, "shrink_axis_mask") != 0;

    /// <summary>The number of equal parts that a node cuts a value into; null for any other node.</summary>
    public static long? EqualParts(GraphNode node) => node.Op == "Split" ? node.Attribute("num_split")?.I : null;

    /// <summary>Two limits of a value: ClipByValue, or Minimum and Maximum in either order.</summary>
    public static (Output Inner, double Low, double High, string Node)? Limits(GraphNode node)
    {
        if (node.Op == Limiting[0])
        {
            return
                node.Input(0) is { } value
                && GraphVariables.Scalar(node.Input(1)) is { } low
                && GraphVariables.Scalar(node.Input(2)) is { } high
                ? (value, low.Value, high.Value, node.Name)
                : null;
        }

        if (
            OneLimit(node) is not { } outer
            || GraphVariables.Behind(outer.Inner)?.Node is not { } inside
            || inside.Op == node.Op
            || OneLimit(inside) is not { } inner)
        {
            return null;
        }

        return node.Op == "Maximum"
            ? (inner.Inner, outer.Limit, inner.Limit, inside.Name)
            : (inner.Inner, inner.Limit, outer.Limit, inside.Name);
    }

    private static (Output Inner, double Limit)? OneLimit(GraphNode node)
    {
        for (var k = 0; node.Op is "Minimum" or "Maximum" && k < 2; k++)
        {
            if (GraphVariables.Scalar(node.Input(k)) is { } limit && node.Input(1 - k) is { } inner)
            {
                return (inner, limit.Value);
            }
        }

        return null;
    }
}
