using LstmConvert.Tensors;

namespace LstmConvert.Layouts;

/// <summary>What a recipe is applied to: the variables by role, the sizes <c>x</c> and <c>h</c>, the constants by name.</summary>
/// <param name="Variables">Name, dtype and shape of each role.</param>
/// <param name="Sizes">The number of rows of each block of the kernel: <c>x</c> input size, <c>h</c> width of the recurrent input.</param>
/// <param name="Constants">Numbers that no variable holds: <c>forget_bias</c>.</param>
public sealed record Binding(
    IReadOnlyDictionary<string, TensorInfo> Variables,
    IReadOnlyDictionary<string, long> Sizes,
    IReadOnlyDictionary<string, double> Constants);

/// <summary>A rectangle of a variable, where it goes, and what is added to it on the way. A vector is a matrix of one row.</summary>
/// <param name="Role">The variable's role.</param>
/// <param name="SourceRow">Its first row there.</param>
/// <param name="SourceColumn">Its first column there.</param>
/// <param name="Row">Its first row in the result.</param>
/// <param name="Column">Its first column in the result.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Columns">The number of columns.</param>
/// <param name="Plus">Added in float64, the sum rounded once; 0 leaves the bits as they are.</param>
public sealed record Move(string Role, long SourceRow, long SourceColumn, long Row, long Column, long Rows, long Columns, double Plus);

/// <summary>How the numbers of one weight come from the variables, worked out for given shapes.</summary>
/// <param name="Shape">The weight's shape.</param>
public abstract record Arrangement(Shape Shape);

/// <summary>A weight whose numbers are only moved, but for constants added: each number comes from exactly one place.</summary>
/// <param name="Shape">The weight's shape.</param>
/// <param name="Moves">The rectangles; together they cover the weight once.</param>
public sealed record MovedArrangement(Shape Shape, IReadOnlyList<Move> Moves) : Arrangement(Shape);

/// <summary>A weight that is the matrix product of two moved ones, computed in float64 and rounded once.</summary>
/// <param name="Shape">The weight's shape, <c>(a, c)</c>.</param>
/// <param name="Left"><c>(a, b)</c>.</param>
/// <param name="Right"><c>(b, c)</c>.</param>
public sealed record ProductArrangement(Shape Shape, MovedArrangement Left, MovedArrangement Right) : Arrangement(Shape);
