using System.Globalization;

namespace LstmConvert.Layouts.Operators;

/// <summary>The columns of some gates times a factor, in float64, rounded once; the other columns as they are.</summary>
internal sealed record ScaledGates(Derivation Inner, double Factor, string Letters, string Columns) : Derivation
{
    internal override IEnumerable<string> Roles => Inner.Roles;

    internal override Placement Place(Binding binding) =>
        new SideBySide([
            .. Columns.Select(gate =>
                Letters.Contains(gate, StringComparison.Ordinal)
                    ? new Scaled(new OneGate(Inner, gate, Columns), Factor)
                    : (Derivation)new OneGate(Inner, gate, Columns)),
        ]).Place(binding);

    internal override string Text(Binding? binding) =>
        string.Create(CultureInfo.InvariantCulture, $"{Factor} * {Operand(Inner, binding)} at {Letters} of {Columns}");

    internal override string Words(Binding? binding) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Inner.Words(binding)}, the gates {string.Join(' ', Letters.AsEnumerable())} of {string.Join(' ', Columns.AsEnumerable())} times {Factor}"
        );
}
