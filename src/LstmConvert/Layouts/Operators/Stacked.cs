namespace LstmConvert.Layouts.Operators;

/// <summary>Parts below each other.</summary>
internal sealed record Stacked(IReadOnlyList<Derivation> Parts) : Derivation
{
    internal override IEnumerable<string> Roles => Parts.SelectMany(part => part.Roles).Distinct();

    internal override Placement Place(Binding binding) => Placement.Above([.. Parts.Select(part => part.Place(binding))]);

    internal override string Text(Binding? binding) => $"[{string.Join(" / ", Parts.Select(part => part.Text(binding)))}]";

    internal override string Words(Binding? binding) =>
        $"one below the other ({string.Join(" / ", Parts.Select(part => part.Words(binding)))})";
}
