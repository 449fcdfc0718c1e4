using System.Globalization;
using LstmConvert.Tensors;

namespace LstmConvert.Layouts.Operators;

/// <summary>One number everywhere.</summary>
internal sealed record Filled(double Value, SymbolicShape Symbolic) : Derivation
{
    internal override IEnumerable<string> Roles => [];

    internal override Placement Place(Binding binding)
    {
        var shape = Symbolic.Resolve(binding.Sizes);
        return new Placement(shape, [new Piece(0, 0, shape.Rows, shape.RowLength, [], Value)])
        {
            RowBlocks = Symbolic.Rank > 1 ? Symbolic.Axes[0] : null,
            ColumnBlocks = Symbolic.Axes[^1],
        };
    }

    internal override string Text(Binding? binding) => Value.ToString(CultureInfo.InvariantCulture);

    internal override string Words(Binding? binding) =>
        string.Create(CultureInfo.InvariantCulture, $"{(Value == 0 ? "zeros" : $"the number {Value}")} {Symbolic}");
}
