using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// GRUCell of Flax (google/flax flax/linen/recurrent.py).
/// <code>
/// ir, iz, in: kernel (x, u), bias (u,)   hr, hz: kernel (u, u)   hn: kernel (u, u), bias (u,)
/// </code>
/// Keras: GRU with <c>reset_after=True</c>; the update gate keeps the old state in both.
/// </summary>
internal static class FlaxGruCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("flax.GRUCell")
        {
            Variables =
            [
                .. "rzn".SelectMany(gate =>
                    new[] { Role($"i{gate}/kernel", "(x, u)"), Role($"i{gate}/bias", "(u,)"), Role($"h{gate}/kernel", "(u, u)") }),
                Role("hn/bias", "(u,)"),
            ],
            Facts = PlainFacts,
            Fixed = Plain,
            Equations = at => new Equations.Flax.Gru([
                .. "rzn".Select(gate => (FlaxLstmCell.Dense(at, $"i{gate}"), FlaxLstmCell.Dense(at, $"h{gate}"))),
            ]),
            ToKeras = cell =>
                [
                    Gru.ResetAfter(
                        kernel: Beside([.. "zrn".Select(gate => From($"i{gate}/kernel"))]),
                        recurrentKernel: Beside([.. "zrn".Select(gate => From($"h{gate}/kernel"))]),
                        bias: Above(
                            Beside([.. "zrn".Select(gate => From($"i{gate}/bias"))]),
                            Beside(Zero("(u,)"), Zero("(u,)"), From("hn/bias"))),
                        units: cell.Units,
                        activation: "tanh",
                        recurrentActivation: "sigmoid",
                        states: ["h"]),
                ],
        };
}
