using LstmConvert.Tensors;

namespace LstmConvert.Layouts.Operators;

/// <summary>A variable as it is.</summary>
internal sealed record Variable(string Role) : Derivation
{
    internal override IEnumerable<string> Roles => [Role];

    internal override Placement Place(Binding binding)
    {
        if (!binding.Variables.TryGetValue(Role, out var variable))
        {
            throw new InvalidOperationException($"No variable has the role {Role}.");
        }

        // What a kernel of more axes has before its last one are the rows of a matrix: each place of a window has a block of them.
        var shape =
            variable.Info.Shape is { Rank: > 2, ElementCount: > 0 } all && variable.Symbolic is not null
                ? new Shape(all.ElementCount / all[all.Rank - 1], all[all.Rank - 1])
                : variable.Info.Shape;
        var view = new View(0, shape.RowLength);
        return new Placement(shape, [new Piece(0, 0, shape.Rows, shape.RowLength, [new Term(Role, view, 0, 0, false, 1)], 0)])
        {
            RowBlocks = variable.Symbolic is { Rank: > 1 } matrix ? matrix.Axes[^2] : null,
            ColumnBlocks = variable.Symbolic is { Rank: > 0 } vector ? vector.Axes[^1] : null,
            Gates = variable.Gates,
        };
    }

    internal override string Text(Binding? binding) => Role;

    internal override string Words(Binding? binding) => Role;
}
