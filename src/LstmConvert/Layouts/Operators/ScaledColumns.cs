namespace LstmConvert.Layouts.Operators;

/// <summary>Every column scaled to the length 1.</summary>
internal sealed record ScaledColumns(Derivation Inner) : Derivation
{
    internal override IEnumerable<string> Roles => Inner.Roles;

    internal override Placement Place(Binding binding) => Inner.Place(binding).UnitColumns();

    internal override string Text(Binding? binding) => $"unit_columns({Inner.Text(binding)})";

    internal override string Words(Binding? binding) => $"{Inner.Words(binding)}, each column scaled to the length 1";
}
