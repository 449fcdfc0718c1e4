namespace LstmConvert.Graphs.Reading;

/// <summary>
/// A value attended to in equal parts (Bahdanau et al. 2015), as contrib's attention cell spells it (tensorflow v1.15.5
/// contrib/rnn/python/ops/rnn_cell.py, AttentionCellWrapper._attention): <code>
/// p (b, l, 1, a) = the parts      w = softmax over l of sum(scores * tanh(p conv memory + query))      sum of w*p over l
/// </code>
/// </summary>
/// <param name="Whole">The value, of all parts beside each other.</param>
/// <param name="Query">What is added to each part, <c>(b, v)</c>.</param>
/// <param name="Memory">The kernel, <c>(1, 1, a, v)</c>.</param>
/// <param name="Scores">The factor, <c>(v,)</c>.</param>
/// <param name="Length">l.</param>
internal sealed record AdditiveAttention(Output Whole, Output Query, Output Memory, Output Scores, long Length)
{
    /// <summary>The attention that ends at a node: the sum over the parts; null for any other node.</summary>
    public static AdditiveAttention? At(GraphNode node)
    {
        for (var k = 0; k < 2 && IsSumOver(node, 1, 2) && Behind(node.Input(0)) is { } weighted && Operations.IsTimes(weighted); k++)
        {
            if (
                Behind(weighted.Input(k)) is { } spread
                && LengthsOf(spread) is [_, var length, 1, 1]
                && Behind(spread.Input(0)) is { Op: "Softmax" } weights
                && Behind(weighted.Input(1 - k)) is { } parts
                && LengthsOf(parts) is [_, var count, 1, > 0]
                && count == length
                && Scored(Behind(weights.Input(0)), parts) is var (query, memory, scores)
                && parts.Input(0) is { } whole)
            {
                return new AdditiveAttention(whole, query, memory, scores, length);
            }
        }

        return null;
    }

    /// <summary>A value of equal parts without the first one, and another one behind the last; null for any other node.</summary>
    public static (Output Whole, Output Last, long Length)? Moved(GraphNode node) =>
        Operations.Concatenated(node) is { Count: 2 } parts
        && GraphVariables.Integers(node.Input(node.Op == "Concat" ? 0 : 2)) is [1]
        && Behind(parts[0]) is { Op: "Slice" } rest
        && GraphVariables.Integers(rest.Input(1)) is [0, 1, 0]
        && GraphVariables.Integers(rest.Input(2)) is [-1, -1, -1]
        && Behind(rest.Input(0)) is { } cut
        && LengthsOf(cut) is [_, > 0 and var length, > 0]
        && cut.Input(0) is { } whole
        && Behind(parts[1]) is { Op: "ExpandDims" } last
        && GraphVariables.Scalar(last.Input(1)) is { Value: 1 }
        && last.Input(0) is { } added
            ? (whole, added, length)
            : null;

    private static (Output Query, Output Memory, Output Scores)? Scored(GraphNode? sum, GraphNode parts)
    {
        for (var k = 0; k < 2 && sum is not null && IsSumOver(sum, 2, 3) && Behind(sum.Input(0)) is { } scored; k++)
        {
            if (
                Operations.IsTimes(scored)
                && scored.Input(1 - k) is { } scores
                && Behind(scored.Input(k)) is { Op: "Tanh" } squashed
                && Behind(squashed.Input(0)) is { } added
                && Operations.IsAddition(added)
                && Added(added, parts) is var (query, memory))
            {
                return (query, memory, scores);
            }
        }

        return null;
    }

    private static (Output Query, Output Memory)? Added(GraphNode added, GraphNode parts)
    {
        for (var k = 0; k < 2; k++)
        {
            if (
                Behind(added.Input(k)) is { } product
                && Operations.IsConvolution(product)
                && Behind(product.Input(0)) == parts
                && product.Input(1) is { } memory
                && Behind(added.Input(1 - k)) is { } spread
                && LengthsOf(spread) is [_, 1, 1, > 0]
                && spread.Input(0) is { } query)
            {
                return (query, memory);
            }
        }

        return null;
    }

    private static bool IsSumOver(GraphNode node, int first, int second) =>
        node.Op == "Sum"
        && GraphVariables.Integers(node.Input(1)) is [var one, var other]
        && one == first
        && other == second
        && node.Attribute("keep_dims")?.B != true;

    /// <summary>The shape that a value is given; null where it is given none.</summary>
    private static IReadOnlyList<long>? LengthsOf(GraphNode node) => node.Op == "Reshape" ? GraphVariables.Integers(node.Input(1)) : null;

    private static GraphNode? Behind(Output? output) => GraphVariables.Behind(output)?.Node;
}
