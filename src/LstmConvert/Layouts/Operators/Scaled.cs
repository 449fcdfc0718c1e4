using System.Globalization;

namespace LstmConvert.Layouts.Operators;

/// <summary>Every number times a factor; -1 turns the signs and rounds nothing.</summary>
internal sealed record Scaled(Derivation Inner, double Factor) : Derivation
{
    internal override IEnumerable<string> Roles => Inner.Roles;

    internal override Placement Place(Binding binding) => Inner.Place(binding).With(piece => piece with
    {
        Terms = [.. piece.Terms.Select(term => term with { Scale = term.Scale * Factor })],
        Constant = piece.Constant == 0 ? 0 : piece.Constant * Factor,
    });

    internal override string Text(Binding? binding) => Factor == -1
        ? $"-{(Inner is ElementSum or Scaled ? Operand(Inner, binding) : Inner.Text(binding))}"
        : string.Create(CultureInfo.InvariantCulture, $"{Factor} * {Operand(Inner, binding)}");

    internal override string Words(Binding? binding) =>
        Factor == -1
            ? $"{Inner.Words(binding)} with every sign turned"
            : string.Create(CultureInfo.InvariantCulture, $"{Inner.Words(binding)} times {Factor}");
}
