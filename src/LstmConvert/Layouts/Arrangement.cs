using LstmConvert.Tensors;

namespace LstmConvert.Layouts;

/// <summary>How the numbers of one weight come from the variables, worked out for given shapes.</summary>
/// <param name="Shape">The weight's shape.</param>
public abstract record Arrangement(Shape Shape)
{
    /// <summary>Every rectangle of the variables that is used.</summary>
    internal abstract IEnumerable<Term> Terms { get; }
}

/// <summary>A weight made of rectangles. A vector is a matrix of one row; a tensor of more axes has the rows of its first axis.</summary>
/// <param name="Shape">The weight's shape.</param>
/// <param name="Pieces">Disjoint rectangles; those of a weight cover it, those of an inverse may leave gaps.</param>
internal sealed record BlockArrangement(Shape Shape, IReadOnlyList<Piece> Pieces) : Arrangement(Shape)
{
    internal override IEnumerable<Term> Terms => Pieces.SelectMany(piece => piece.Terms);
}

/// <summary>A weight that is the matrix product of two others, computed in float64 and rounded once.</summary>
/// <param name="Shape">The weight's shape, <c>(a, c)</c>.</param>
/// <param name="Left"><c>(a, b)</c>.</param>
/// <param name="Right"><c>(b, c)</c>.</param>
internal sealed record ProductArrangement(Shape Shape, BlockArrangement Left, BlockArrangement Right) : Arrangement(Shape)
{
    internal override IEnumerable<Term> Terms => Left.Terms.Concat(Right.Terms);
}

/// <summary>
/// A rectangle of a weight: the sum of its terms and a constant. One term with the factor 1 or -1 and no constant moves numbers
/// bit by bit, or turns their sign; anything else is computed in float64 and rounded once.
/// </summary>
/// <param name="Row">Its first row in the weight.</param>
/// <param name="Column">Its first column in the weight.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Columns">The number of columns.</param>
/// <param name="Terms">What is summed; none leaves the constant alone.</param>
/// <param name="Constant">Added to the sum; 0 adds nothing.</param>
internal sealed record Piece(long Row, long Column, long Rows, long Columns, IReadOnlyList<Term> Terms, double Constant)
{
    /// <summary>The number of elements.</summary>
    public long Count => Rows * Columns;

    /// <summary>True if the numbers keep their bits, but for the sign.</summary>
    public bool IsMoved => Terms is [{ Scale: 1 or -1, Factors.Count: 0 }] && Constant == 0;

    /// <summary>The part that lies in a rectangle of the weight, or null.</summary>
    /// <param name="row">The rectangle's first row.</param>
    /// <param name="column">Its first column.</param>
    /// <param name="rows">Its number of rows.</param>
    /// <param name="columns">Its number of columns.</param>
    public Piece? Cut(long row, long column, long rows, long columns)
    {
        var (top, left) = (Math.Max(Row, row), Math.Max(Column, column));
        var (height, width) = (Math.Min(Row + Rows, row + rows) - top, Math.Min(Column + Columns, column + columns) - left);
        return height <= 0 || width <= 0 ? null
            : height == Rows && width == Columns ? this
            : new Piece(top, left, height, width, [.. Terms.Select(term => term.From(top - Row, left - Column))], Constant);
    }

    /// <summary>The same numbers elsewhere in the weight.</summary>
    /// <param name="rows">How many rows further down.</param>
    /// <param name="columns">How many columns further to the right.</param>
    public Piece Moved(long rows, long columns) => this with { Row = Row + rows, Column = Column + columns };

    /// <summary>The same numbers with rows as columns.</summary>
    public Piece Transposed() =>
        new(Column, Row, Columns, Rows, [.. Terms.Select(term => term.Transposed())], Constant);
}

/// <summary>Elements of a variable seen as a matrix in C order. A variable's own matrix starts at 0 and is as wide as its rows.</summary>
/// <param name="Offset">The element at row 0, column 0.</param>
/// <param name="Width">The number of columns.</param>
internal readonly record struct View(long Offset, long Width);

/// <summary>A rectangle of a variable with a factor.</summary>
/// <param name="Role">The variable's role; in an inverse, the weight's path.</param>
/// <param name="View">The matrix in which the rectangle lies.</param>
/// <param name="Row">The first row there.</param>
/// <param name="Column">The first column there.</param>
/// <param name="IsTransposed">True if the rows of the weight are columns there.</param>
/// <param name="Scale">The factor.</param>
internal sealed record Term(string Role, View View, long Row, long Column, bool IsTransposed, double Scale)
{
    /// <summary>The rectangle that starts so many rows and columns of the weight later.</summary>
    /// <param name="rows">Rows of the weight.</param>
    /// <param name="columns">Columns of the weight.</param>
    public Term From(long rows, long columns)
    {
        var (down, right) = IsTransposed ? (columns, rows) : (rows, columns);
        return this with
        {
            Row = Row + down,
            Column = Column + right,
            Factors = Factors.Count == 0 ? Factors : [.. Factors.Select(factor => factor.From(rows, columns))],
        };
    }

    /// <summary>What its numbers are multiplied with; computed in float64.</summary>
    public IReadOnlyList<Factor> Factors { get; init; } = [];

    /// <summary>The same rectangle with rows as columns.</summary>
    public Term Transposed() =>
        this with
        {
            IsTransposed = !IsTransposed,
            Factors = Factors.Count == 0 ? Factors : [.. Factors.Select(factor => factor.Transposed())],
        };
}

/// <summary>What a factor is of a rectangle.</summary>
internal enum FactorKind
{
    /// <summary>Another rectangle, number by number.</summary>
    Elements,

    /// <summary>One row, the same for every row.</summary>
    EachRow,

    /// <summary>For every column one over its length.</summary>
    OverLength,
}

/// <summary>Numbers with which a rectangle is multiplied.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Rectangle">Where they lie; of lengths the columns that are measured.</param>
/// <param name="Rows">The number of rows of the rectangle that is measured; not used of others.</param>
internal sealed record Factor(FactorKind Kind, Term Rectangle, long Rows = 0)
{
    /// <summary>The sum of squares below which a column counts as this long (tensorflow v1.15.5 python/ops/nn_impl.py,
    /// l2_normalize).</summary>
    public const double LeastSquare = 1e-12;

    /// <summary>The factor of what starts so many rows and columns later.</summary>
    public Factor From(long rows, long columns) =>
        this with
        {
            Rectangle = Rectangle.From(Kind == FactorKind.Elements ? rows : 0, columns),
        };

    /// <summary>The factor of the transposed rectangle.</summary>
    public Factor Transposed() => Kind == FactorKind.Elements
        ? this with { Rectangle = Rectangle.Transposed() }
        : throw new InvalidOperationException("Columns that were scaled stand in no transposed matrix.");
}
