namespace LstmConvert.Layouts.Operators;

/// <summary>Parts beside each other.</summary>
internal sealed record SideBySide(IReadOnlyList<Derivation> Parts) : Derivation
{
    internal override IEnumerable<string> Roles => Parts.SelectMany(part => part.Roles).Distinct();

    internal override Placement Place(Binding binding) => Placement.Beside([.. Parts.Select(part => part.Place(binding))]);

    internal override string Text(Binding? binding) => $"[{string.Join(" | ", Parts.Select(part => part.Text(binding)))}]";

    internal override string Words(Binding? binding) => $"side by side ({string.Join(" | ", Parts.Select(part => part.Words(binding)))})";
}
