using LstmConvert.Tensors;

namespace LstmConvert.Layouts;

/// <summary>A derivation that is worked out: its rectangles, and what its rows and columns mean.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Pieces">Disjoint rectangles that cover it.</param>
internal sealed record Placement(Shape Shape, IReadOnlyList<Piece> Pieces)
{
    /// <summary>The blocks of its rows by letter, where it has some.</summary>
    public SymbolicAxis? RowBlocks { get; init; }

    /// <summary>The blocks of its columns by letter, where it has some.</summary>
    public SymbolicAxis? ColumnBlocks { get; init; }

    /// <summary>The order of gates along its columns, where it is known.</summary>
    public string? Gates { get; init; }

    /// <summary>The rectangles alone.</summary>
    public BlockArrangement Arrangement => new(Shape, Pieces);

    /// <summary>The number of rows; 1 for a vector.</summary>
    public long Rows => Shape.Rows;

    /// <summary>The number of columns.</summary>
    public long Columns => Shape.RowLength;

    /// <summary>Some of the rows.</summary>
    /// <param name="start">The first one.</param>
    /// <param name="count">How many.</param>
    public Placement TakeRows(long start, long count) => this with
    {
        Shape = new Shape(count, Columns),
        Pieces = [.. Pieces.Select(piece => piece.Cut(start, 0, count, Columns)?.Moved(-start, 0)).OfType<Piece>()],
    };

    /// <summary>Some of the columns.</summary>
    /// <param name="start">The first one.</param>
    /// <param name="count">How many.</param>
    public Placement TakeColumns(long start, long count) => this with
    {
        Shape = Reshaped(count),
        Pieces = [.. Pieces.Select(piece => piece.Cut(0, start, Rows, count)?.Moved(0, -start)).OfType<Piece>()],
        ColumnBlocks = null,
        Gates = null,
    };

    /// <summary>The columns of one gate.</summary>
    /// <param name="gate">The gate's letter.</param>
    /// <param name="order">The order of the columns.</param>
    public Placement TakeGate(char gate, string order)
    {
        var width = GateWidth(order);
        return TakeColumns(GateOrder.Place(order, gate) * width, width);
    }

    /// <summary>The number of columns of one gate.</summary>
    /// <param name="order">The order of the columns.</param>
    public long GateWidth(string order) => Columns % order.Length == 0
        ? Columns / order.Length
        : throw new InvalidOperationException($"{Columns} columns do not hold {order.Length} gates of one width.");

    /// <summary>The pieces with other terms and another constant.</summary>
    /// <param name="change">The new piece.</param>
    public Placement With(Func<Piece, Piece> change) => this with { Pieces = [.. Pieces.Select(change)] };

    /// <summary>Parts of equally many rows beside each other.</summary>
    /// <param name="parts">From left to right.</param>
    public static Placement Beside(IReadOnlyList<Placement> parts)
    {
        var (rows, pieces, columns) = (parts[0].Rows, new List<Piece>(), 0L);
        foreach (var part in parts)
        {
            if (part.Rows != rows)
            {
                throw new InvalidOperationException($"{part.Shape} cannot stand beside {parts[0].Shape}.");
            }

            var at = columns;
            pieces.AddRange(part.Pieces.Select(piece => piece.Moved(0, at)));
            columns += part.Columns;
        }

        var shape = parts.All(part => part.Shape.Rank < 2) ? new Shape(columns) : new Shape(rows, columns);
        return new Placement(shape, pieces) { RowBlocks = parts[0].RowBlocks };
    }

    /// <summary>Parts of equally many columns below each other.</summary>
    /// <param name="parts">From top to bottom.</param>
    public static Placement Above(IReadOnlyList<Placement> parts)
    {
        var (columns, pieces, rows) = (parts[0].Columns, new List<Piece>(), 0L);
        foreach (var part in parts)
        {
            if (part.Columns != columns)
            {
                throw new InvalidOperationException($"{part.Shape} cannot stand below {parts[0].Shape}.");
            }

            var at = rows;
            pieces.AddRange(part.Pieces.Select(piece => piece.Moved(at, 0)));
            rows += part.Rows;
        }

        return new Placement(new Shape(rows, columns), pieces)
        {
            ColumnBlocks = parts[0].ColumnBlocks,
            Gates = parts.All(part => part.Gates == parts[0].Gates) ? parts[0].Gates : null,
        };
    }

    /// <summary>Rows as columns.</summary>
    public Placement Transposed() => new(
        new Shape(Columns, Rows),
        [.. Pieces.Select(piece => piece.Transposed())])
    {
        RowBlocks = ColumnBlocks,
        ColumnBlocks = RowBlocks,
        Gates = Gates,
    };

    /// <summary>The sum, element by element.</summary>
    /// <param name="other">A placement of the same shape.</param>
    public Placement Plus(Placement other)
    {
        if (!Shape.Equals(other.Shape))
        {
            throw new InvalidOperationException($"{Shape} and {other.Shape} cannot be added.");
        }

        var pieces =
            from left in Pieces
            from right in other.Pieces
            let a = left.Cut(right.Row, right.Column, right.Rows, right.Columns)
            where a is not null
            let b = right.Cut(a.Row, a.Column, a.Rows, a.Columns)
            select a with { Terms = [.. a.Terms, .. b.Terms], Constant = a.Constant + b.Constant };
        return this with { Pieces = [.. pieces], Gates = Gates == other.Gates ? Gates : null };
    }

    /// <summary>The product, element by element.</summary>
    /// <param name="other">A placement of the same shape, or one row for every row.</param>
    public Placement Times(Placement other)
    {
        var isRow = other.Rows == 1 && Rows > 1;
        if (Columns != other.Columns || (!isRow && Rows != other.Rows))
        {
            throw new InvalidOperationException($"{Shape} and {other.Shape} cannot be multiplied.");
        }

        var kind = isRow ? FactorKind.EachRow : FactorKind.Elements;
        var pieces =
            from left in Pieces
            from right in other.Pieces
            let a = isRow
                ? left.Cut(left.Row, right.Column, left.Rows, right.Columns)
                : left.Cut(right.Row, right.Column, right.Rows, right.Columns)
            where a is not null
            let b = isRow ? right.Cut(0, a.Column, 1, a.Columns) : right.Cut(a.Row, a.Column, a.Rows, a.Columns)
            select a with
            {
                Terms =
                [
                    Alone(a) with
                    {
                        Scale = Alone(a).Scale * Alone(b).Scale,
                        Factors = [.. Alone(a).Factors, new Factor(kind, Alone(b) with { Scale = 1 }), .. Alone(b).Factors],
                    },
                ],
            };
        return this with { Pieces = [.. pieces], Gates = Gates ?? other.Gates };
    }

    /// <summary>Every column scaled to the length 1.</summary>
    public Placement UnitColumns() =>
        With(piece =>
            piece.Row == 0 && piece.Rows == Rows && !Alone(piece).IsTransposed && Alone(piece).Factors.Count == 0
                ? piece with
                {
                    Terms = [Alone(piece) with { Factors = [new Factor(FactorKind.OverLength, Alone(piece) with { Scale = 1 }, Rows)] }],
                }
                : throw new InvalidOperationException($"Only of whole columns of one variable can the length be taken, not of {Shape}."));

    private static Term Alone(Piece piece) => piece is { Terms: [var only], Constant: 0 } ? only
        : throw new InvalidOperationException("Only what is a variable, and no sum, is multiplied.");

    /// <summary>The same elements in C order in another shape.</summary>
    /// <param name="shape">The shape; as many elements.</param>
    public Placement As(Shape shape)
    {
        if (shape.ElementCount != Shape.ElementCount)
        {
            throw new InvalidOperationException($"{Shape} has {Shape.ElementCount} elements and {shape} has {shape.ElementCount}.");
        }

        return shape.RowLength == Columns
            ? this with { Shape = shape }
            : new Placement(shape, [.. Pieces.SelectMany(piece => Runs(piece, shape.RowLength))]);
    }

    /// <summary>A piece row by row, each row cut where a row of the new width ends.</summary>
    private IEnumerable<Piece> Runs(Piece piece, long width)
    {
        for (long row = 0; row < piece.Rows; row++)
        {
            var start = ((piece.Row + row) * Columns) + piece.Column;
            for (long column = 0; column < piece.Columns;)
            {
                var at = start + column;
                var count = Math.Min(piece.Columns - column, width - (at % width));
                var (down, right) = (row, column);
                var terms = piece.Terms.Select(term => term.From(down, right));
                yield return new Piece(at / width, at % width, 1, count, [.. terms], piece.Constant);
                column += count;
            }
        }
    }

    private Shape Reshaped(long columns) => Shape.Rank < 2 ? new Shape(columns) : new Shape(Rows, columns);
}
