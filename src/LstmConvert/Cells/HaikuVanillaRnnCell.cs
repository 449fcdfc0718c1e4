using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// VanillaRNN of Haiku (deepmind/dm-haiku haiku/_src/recurrent.py): <c>linear/{w,b}</c> reads the input, <c>linear_1/{w,b}</c> the state;
/// relu. Keras: SimpleRNN.
/// </summary>
internal static class HaikuVanillaRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("haiku.VanillaRNN")
    {
        Scopes = ["vanilla_rnn"],
        NeedsScope = true,
        Variables = [Role("linear/w", "(x, u)"), Role("linear/b", "(u,)"), Role("linear_1/w", "(u, u)"), Role("linear_1/b", "(u,)")],
        Facts = [Activation with { OnlyIfShown = true }],
        Fixed = new Dictionary<string, Facts.FactValue> { [Activation.Name] = Facts.FactValue.Of("relu") },
        Equations = at => new Equations.Haiku.VanillaRnn((at["linear/w"], at["linear/b"]), (at["linear_1/w"], at["linear_1/b"])),
        ToKeras = cell =>
        [
            SimpleRnn.Of(
                kernel: From("linear/w"),
                recurrentKernel: From("linear_1/w"),
                bias: Sum(From("linear/b"), From("linear_1/b")),
                units: cell.Units,
                activation: "relu",
                states: ["h"]),
        ],
    };
}
