using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>SimpleCell of Flax (google/flax flax/linen/recurrent.py): dense layers <c>i</c> (with a bias) and <c>h</c>. Keras:
/// SimpleRNN.</summary>
internal static class FlaxSimpleCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("flax.SimpleCell")
    {
        Variables = [Role("i/kernel", "(x, u)"), Optional("i/bias", "(u,)"), Role("h/kernel", "(u, u)")],
        Facts = [Activation.By("tanh")],
        Equations = at => new Equations.Flax.Simple(FlaxLstmCell.Dense(at, "i"), FlaxLstmCell.Dense(at, "h"), at[Activation]),
        ToKeras = cell =>
        [
            SimpleRnn.Of(
                kernel: From("i/kernel"),
                recurrentKernel: From("h/kernel"),
                bias: cell.Has("i/bias") ? From("i/bias") : null,
                units: cell.Units,
                activation: cell[Activation].Text!,
                states: ["h"]),
        ],
    };
}
