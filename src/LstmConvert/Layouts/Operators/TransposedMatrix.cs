namespace LstmConvert.Layouts.Operators;

/// <summary>Rows as columns.</summary>
internal sealed record TransposedMatrix(Derivation Inner) : Derivation
{
    internal override IEnumerable<string> Roles => Inner.Roles;

    internal override Placement Place(Binding binding) => Inner.Place(binding).Transposed();

    internal override string Text(Binding? binding) => $"{Operand(Inner, binding)}.T";

    internal override string Words(Binding? binding) => $"{Inner.Words(binding)}, rows as columns";
}
