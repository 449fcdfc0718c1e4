namespace LstmConvert.Layouts.Operators;

/// <summary>The sum, element by element.</summary>
internal sealed record ElementSum(Derivation Left, Derivation Right) : Derivation
{
    internal override IEnumerable<string> Roles => Left.Roles.Concat(Right.Roles).Distinct();

    internal override Placement Place(Binding binding) => Left.Place(binding).Plus(Right.Place(binding));

    internal override string Text(Binding? binding) => $"({Left.Text(binding)} + {Right.Text(binding)})";

    internal override string Words(Binding? binding) => $"the sum of ({Left.Words(binding)}) and ({Right.Words(binding)})";
}
