using System.Globalization;
using LstmConvert.Tensors;

namespace LstmConvert.Layouts.Operators;

/// <summary>A piece of a vector, read in C order.</summary>
internal sealed record BufferPiece(Derivation Inner, long Offset, SymbolicShape Symbolic) : Derivation
{
    internal override IEnumerable<string> Roles => Inner.Roles;

    internal override Placement Place(Binding binding)
    {
        var (inner, shape) = (Inner.Place(binding), Symbolic.Resolve(binding.Sizes));
        if (inner.Rows != 1 || inner.Pieces is not [{ Terms: [{ IsTransposed: false, Row: 0 } term] } piece])
        {
            throw new InvalidOperationException($"{this}: only of a vector that is a part of one variable can elements be taken.");
        }

        if (Offset < 0 || Offset + shape.ElementCount > inner.Columns)
        {
            var range = $"elements {Offset} to {Offset + shape.ElementCount} of {inner.Columns}";
            throw new InvalidOperationException($"{this}: {range} are asked for.");
        }

        var start = term with { View = new View(term.View.Offset + term.Column + Offset, shape.RowLength), Row = 0, Column = 0 };
        return new Placement(shape, [new Piece(0, 0, shape.Rows, shape.RowLength, [start], piece.Constant)])
        {
            RowBlocks = Symbolic.Rank > 1 ? Symbolic.Axes[0] : null,
            ColumnBlocks = Symbolic.Axes[^1],
            Gates = inner.Gates,
        };
    }

    internal override string Text(Binding? binding) =>
        string.Create(CultureInfo.InvariantCulture, $"{Inner.Text(binding)}[{Offset}:] as {Symbolic}");

    internal override string Words(Binding? binding) =>
        string.Create(CultureInfo.InvariantCulture, $"the elements of {Inner.Words(binding)} from {Offset} on, as {Symbolic}");
}
