namespace LstmConvert.Layouts.Operators;

/// <summary>The columns of one gate.</summary>
internal sealed record OneGate(Derivation Inner, char Letter, string? Old) : Derivation
{
    internal override IEnumerable<string> Roles => Inner.Roles;

    internal override Placement Place(Binding binding)
    {
        var inner = Inner.Place(binding);
        return inner.TakeGate(Letter, Order(inner, Old, this));
    }

    internal override string Text(Binding? binding) => $"{Inner.Text(binding)} {Letter}" + (Old is null ? "" : $" of {Old}");

    internal override string Words(Binding? binding) => $"gate {Letter} of {Inner.Words(binding)}";
}
