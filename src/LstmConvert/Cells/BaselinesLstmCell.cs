using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
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

    /// <summary>Gains and biases of the layer normalisation of its lnlstm.</summary>
    private static readonly string[] Norms = ["gx", "bx", "gh", "bh", "gc", "bc"];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("BaselinesLSTM")
    {
        Variables = [Role("wx", "(x, 4u)"), Role("wh", "(u, 4u)"), Role("bias", "(4u,)"), .. Norms.Select(role => Optional(role, "", ""))],
        Gates = Gates,
        States = [new("c", 'u'), new("h", 'u')],
        Facts = [ForgetBias with { OnlyIfShown = true }, Activation with { OnlyIfShown = true }, RecurrentActivation with { OnlyIfShown = true }],
        Fixed = PlainLstm,
        Equations = at => new Equations.Baselines.Lstm(at["wx"], at["wh"], at["bias"]),
        Obstacle = cell => Norms.Any(cell.Has) ? "layer normalisation: no Keras layer normalises its gates" : null,
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
