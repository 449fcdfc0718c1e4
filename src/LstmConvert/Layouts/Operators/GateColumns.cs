namespace LstmConvert.Layouts.Operators;

/// <summary>The columns in another order of gates.</summary>
internal sealed record GateColumns(Derivation Inner, string? Old, string New) : Derivation
{
    internal override IEnumerable<string> Roles => Inner.Roles;

    internal override Placement Place(Binding binding)
    {
        var inner = Inner.Place(binding);
        var order = Order(inner, Old, this);
        var width = inner.GateWidth(order);
        var gates = GateOrder.Places(order, New).Select(place => inner.TakeColumns(place * width, width)).ToArray();
        return inner with { Pieces = Placement.Beside(gates).Pieces, Gates = New };
    }

    internal override string Text(Binding? binding) => $"{Inner.Text(binding)} {Old ?? Declared(Inner, binding)}->{New}";

    internal override string Words(Binding? binding) =>
        $"{Inner.Words(binding)}, its blocks of gate columns reordered from {Spaced(Old ?? Declared(Inner, binding))} to {Spaced(New)}";
}
