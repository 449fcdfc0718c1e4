using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LSTM of Haiku (deepmind/dm-haiku haiku/_src/recurrent.py).
/// <code>
/// linear/w (x+u, 4u)   linear/b (4u,)   columns i g f o; 1 is added to the forget gate at run time, always
/// </code>
/// Keras: LSTM with the forget bias in the bias.
/// </summary>
internal static class HaikuLstmCell
{
    private const string Gates = "igfo";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("haiku.LSTM")
    {
        Scopes = ["lstm"],
        NeedsScope = true,
        Variables = [Role("linear/w", "(x+u, 4u)"), Role("linear/b", "(4u,)")],
        Gates = Gates,
        States = [new("h", 'u'), new("c", 'u')],
        Facts = [ForgetBias.By(1), .. PlainFacts],
        Fixed = Plain,
        Equations = at => new Equations.Haiku.Lstm(at["linear/w"], at["linear/b"], at[ForgetBias]),
        ToKeras = cell =>
        [
            Lstm.Of(
                kernel: From("linear/w").Rows("x").Gates(Gates, "ifgo"),
                recurrentKernel: From("linear/w").Rows("u").Gates(Gates, "ifgo"),
                bias: From("linear/b").Plus(ForgetBias.Name, "f", Gates).Gates(Gates, "ifgo"),
                units: cell.Units,
                activation: "tanh",
                recurrentActivation: "sigmoid",
                states: ["h", "c"]),
        ],
    };
}
