using LstmConvert.Tensors;

namespace LstmConvert.Layouts.Operators;

/// <summary>A vector on the diagonal of a square matrix, zeros elsewhere.</summary>
internal sealed record DiagonalMatrix(Derivation Inner) : Derivation
{
    internal override IEnumerable<string> Roles => Inner.Roles;

    internal override Placement Place(Binding binding)
    {
        var inner = Inner.Place(binding);
        if (inner.Rows != 1)
        {
            throw new InvalidOperationException($"{this}: {inner.Shape} has more than one row, and cannot be a diagonal.");
        }

        var size = inner.Columns;
        var pieces = new List<Piece>();
        foreach (var piece in inner.Pieces)
        {
            for (var k = piece.Column; k < piece.Column + piece.Columns; k++)
            {
                pieces.Add(piece.Cut(0, k, 1, 1)!.Moved(k, 0));
                AddZeros(pieces, k, 0, k);
                AddZeros(pieces, k, k + 1, size - k - 1);
            }
        }

        return new Placement(new Shape(size, size), pieces) { RowBlocks = inner.ColumnBlocks, ColumnBlocks = inner.ColumnBlocks };
    }

    internal override string Text(Binding? binding) => $"diag({Inner.Text(binding)})";

    internal override string Words(Binding? binding) => $"{Inner.Words(binding)} on the diagonal of a matrix of zeros";

    private static void AddZeros(List<Piece> pieces, long row, long column, long columns)
    {
        if (columns > 0)
        {
            pieces.Add(new Piece(row, column, 1, columns, [], 0));
        }
    }
}
