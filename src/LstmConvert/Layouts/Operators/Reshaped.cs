using LstmConvert.Tensors;

namespace LstmConvert.Layouts.Operators;

/// <summary>The same elements in another shape.</summary>
internal sealed record Reshaped(Derivation Inner, SymbolicShape Symbolic) : Derivation
{
    internal override IEnumerable<string> Roles => Inner.Roles;

    internal override Placement Place(Binding binding)
    {
        var inner = Inner.Place(binding);
        return inner.As(Symbolic.Resolve(binding.Sizes)) with
        {
            RowBlocks = Symbolic.Rank > 1 ? Symbolic.Axes[0] : null,
            ColumnBlocks = Symbolic.Axes[^1],
            Gates = inner.Gates,
        };
    }

    internal override string Text(Binding? binding) => $"{Operand(Inner, binding)} as {Symbolic}";

    internal override string Words(Binding? binding) => $"{Inner.Words(binding)} in the shape {Symbolic}";
}
