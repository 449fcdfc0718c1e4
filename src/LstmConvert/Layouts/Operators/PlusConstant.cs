namespace LstmConvert.Layouts.Operators;

/// <summary>A constant added to all columns, or to those of one gate.</summary>
internal sealed record PlusConstant(Derivation Inner, string Name, char? Letter, string? Old) : Derivation
{
    internal override IEnumerable<string> Roles => Inner.Roles;

    internal override Placement Place(Binding binding)
    {
        var inner = Inner.Place(binding);
        if (!binding.Constants.TryGetValue(Name, out var constant))
        {
            throw new InvalidOperationException($"{this}: no constant is called {Name}.");
        }

        if (Letter is not { } letter)
        {
            return inner.With(piece => piece with { Constant = piece.Constant + constant });
        }

        var order = Order(inner, Old, this);
        var (width, place) = (inner.GateWidth(order), GateOrder.Place(order, letter));
        var gates = Enumerable.Range(0, order.Length).Select(k => inner.TakeColumns(k * width, width))
            .Select((gate, k) => k == place ? gate.With(piece => piece with { Constant = piece.Constant + constant }) : gate).ToArray();
        return inner with { Pieces = Placement.Beside(gates).Pieces };
    }

    internal override string Text(Binding? binding) => Letter is null
        ? $"({Inner.Text(binding)} + {Name})"
        : $"({Inner.Text(binding)} + {Name} at {Letter}{((Old ?? Declared(Inner, binding)) is { } order ? $" of {order}" : "")})";

    internal override string Words(Binding? binding) =>
        $"{Inner.Words(binding)} with {Name} added {(Letter is null ? "everywhere" : $"at gate {Letter}")}";
}
