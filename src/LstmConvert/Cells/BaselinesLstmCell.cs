using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// The lstm of OpenAI baselines and of stable-baselines (openai/baselines a2c/utils.py:81-102, stable_baselines tf_layers.py:142-172).
/// <code>
/// wx (x, 4u)   wh (u, 4u)   b (4u,)   columns i f o c; no forget bias
/// </code>
/// Keras: LSTM. A mask that is 1 sets the state to 0 before a step: that is the program's, between sequences.
/// </summary>
internal static class BaselinesLstmCell
{
    private const string Gates = "ifoc";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("BaselinesLSTM")
    {
        Variables = [Role("wx", "(x, 4u)"), Role("wh", "(u, 4u)"), Role("bias", "(4u,)")],
        Gates = Gates,
        States = [new("c", 'u'), new("h", 'u')],
        Equations = at => new Equations.Baselines.Lstm(at["wx"], at["wh"], at["bias"]),
        ToKeras = cell =>
        [
            Lstm.Of(
                kernel: From("wx").Gates(Gates, "ifco"),
                recurrentKernel: From("wh").Gates(Gates, "ifco"),
                bias: From("bias").Gates(Gates, "ifco"),
                units: cell.Units,
                activation: "tanh",
                recurrentActivation: "sigmoid",
                states: ["h", "c"]),
        ],
    };
}
