using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LSTM of Deeplearning4j (LSTMParamInitializer; community.konduit.ai topic 124 for the order). Known by its names only where <c>--dialect
/// dl4j</c> says so.
/// <code>
/// W (x, 4u)   RW (u, 4u)   b (1, 4u)   columns c f o i; the forget bias is in the bias
/// </code>
/// Keras: LSTM. A GravesLSTM has three more columns in RW, its peepholes, and does not fit.
/// </summary>
internal static class Dl4jLstmCell
{
    private const string Gates = "cfoi";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("dl4j.LSTM")
    {
        Variables = [Role("dl4j/W", "(x, 4u)"), Role("dl4j/RW", "(u, 4u)"), Role("dl4j/b", "(1, 4u)")],
        Gates = Gates,
        States = [new("c", 'u'), new("h", 'u')],
        Facts = [ForgetBias with { OnlyIfShown = true }, Activation.By("tanh"), RecurrentActivation.By("sigmoid")],
        Fixed = PlainLstm,
        Equations = at => new Equations.Dl4j.Lstm(at["dl4j/W"], at["dl4j/RW"], at["dl4j/b"]),
        ToKeras = cell =>
        [
            Lstm.Of(
                kernel: From("dl4j/W").Gates(Gates, "ifco"),
                recurrentKernel: From("dl4j/RW").Gates(Gates, "ifco"),
                bias: From("dl4j/b").Gates(Gates, "ifco").AsShape("(4u,)"),
                units: cell.Units,
                activation: "tanh",
                recurrentActivation: "sigmoid",
                states: ["h", "c"]),
        ],
    };
}
