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

        var shape = variable.Info.Shape;
        var view = new View(0, shape.RowLength);
        return new Placement(shape, [new Piece(0, 0, shape.Rows, shape.RowLength, [new Term(Role, view, 0, 0, false, 1)], 0)])
        {
            RowBlocks = variable.Symbolic is { Rank: > 1 } matrix ? matrix.Axes[0] : null,
            ColumnBlocks = variable.Symbolic is { Rank: > 0 } vector ? vector.Axes[^1] : null,
            Gates = variable.Gates,
        };
    }

    internal override string Text(Binding? binding) => Role;

    internal override string Words(Binding? binding) => Role;
}
