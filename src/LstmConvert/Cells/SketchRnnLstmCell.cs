using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LSTMCell of sketch-rnn (magenta/magenta 2.1.4 models/sketch_rnn/rnn.py:83-116): the equations of <see cref="LstmCell"/> with a matrix
/// for each of input and state. A graph shows it as an LSTMCell.
/// <code>
/// W_xh (x, 4u)   W_hh (u, 4u)   bias (4u,)   columns i j f o; the forget bias is added at run time
/// </code>
/// Keras: LSTM.
/// </summary>
internal static class SketchRnnLstmCell
{
    private const string Gates = "ijfo";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("sketch_rnn.LSTMCell")
    {
        Variables = [Role("W_xh", "(x, 4u)"), Role("W_hh", "(u, 4u)"), Role("bias", "(4u,)")],
        Gates = Gates,
        States = [new("c", 'u'), new("h", 'u')],
        Facts = [ForgetBias.By(1), .. PlainFacts],
        Fixed = Plain,
        Equations = at => new Equations.TensorFlow1.SketchRnnLstmCell(at["W_xh"], at["W_hh"], at["bias"], at[ForgetBias]),
        ToKeras = cell =>
        [
            Lstm.Of(
                kernel: From("W_xh").Gates(Gates, "ifjo"),
                recurrentKernel: From("W_hh").Gates(Gates, "ifjo"),
                bias: From("bias").Plus(ForgetBias.Name, "f", Gates).Gates(Gates, "ifjo"),
                units: cell.Units,
                activation: "tanh",
                recurrentActivation: "sigmoid",
                states: ["h", "c"]),
        ],
    };
}
