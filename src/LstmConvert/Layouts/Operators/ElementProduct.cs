namespace LstmConvert.Layouts.Operators;

/// <summary>The product, element by element, or of every row with one row.</summary>
internal sealed record ElementProduct(Derivation Left, Derivation Right) : Derivation
{
    internal override IEnumerable<string> Roles => Left.Roles.Concat(Right.Roles).Distinct();

    internal override Placement Place(Binding binding) => Left.Place(binding).Times(Right.Place(binding));

    internal override string Text(Binding? binding) => $"{Operand(Left, binding)} * {Operand(Right, binding)}";

    internal override string Words(Binding? binding) => $"({Left.Words(binding)}) times ({Right.Words(binding)}), element by element";
}
