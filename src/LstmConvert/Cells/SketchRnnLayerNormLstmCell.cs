using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LayerNormLSTMCell of sketch-rnn (magenta/magenta 2.1.4 models/sketch_rnn/rnn.py:265-304): each gate is normalised, and the state where
/// the
/// output sees it.
/// <code>
/// W_xh (x, 4u)   W_hh (u, 4u)   ln_all/{ln_gamma,ln_beta} (4u,)   ln_c/{ln_gamma,ln_beta} (u,)      columns i j f o
/// </code>
/// Keras: our own ExtendedLSTMCell with the forget bias in the forget gate's beta.
/// </summary>
internal static class SketchRnnLayerNormLstmCell
{
    /// <summary>rnn.py:187, the default of layer_norm_all and layer_norm.</summary>
    internal const double Epsilon = 1e-3;

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("sketch_rnn.LayerNormLSTMCell")
        {
            Variables =
            [
                Role("W_xh", "(x, 4u)"),
                Role("W_hh", "(u, 4u)"),
                Role("ln_all/ln_gamma", "(4u,)"),
                Role("ln_all/ln_beta", "(4u,)"),
                Role("ln_c/ln_gamma", "(u,)", ""),
                Role("ln_c/ln_beta", "(u,)", ""),
            ],
            Gates = "ijfo",
            States = [new("h", 'u'), new("c", 'u')],
            Facts = [ForgetBias.By(1), .. PlainFacts],
            Fixed = Plain,
            Graph =
            [
                "i, j, f, o = split(norm([x;h] @ [W_xh;W_hh], ln_all/ln_gamma, ln_all/ln_beta, 0.001, 4));"
                    + "c = sigmoid(f + forget_bias)*c + sigmoid(i)*tanh(j);"
                    + "h = sigmoid(o)*tanh(norm(c, ln_c/ln_gamma, ln_c/ln_beta, 0.001))",
            ],
            Equations = at => new Equations.TensorFlow1.SketchRnnLayerNormLstmCell(
                at["W_xh"],
                at["W_hh"],
                new(at["ln_all/ln_gamma"], at["ln_all/ln_beta"], Epsilon),
                new(at["ln_c/ln_gamma"], at["ln_c/ln_beta"], Epsilon),
                at[ForgetBias]),
            ToKeras = cell =>
                [
                    ExtendedLstmCell.Of(
                        new(From("W_xh").Gates("ijfo", "ifjo"), From("W_hh").Gates("ijfo", "ifjo"), cell.Units, "tanh", "sigmoid")
                        {
                            Gates = (
                                ExtendedLstmCell.Each,
                                [
                                    From("ln_all/ln_gamma").Gates("ijfo", "ifjo"),
                                    From("ln_all/ln_beta").Plus(ForgetBias.Name, "f", "ijfo").Gates("ijfo", "ifjo"),
                                ]),
                            State = (ExtendedLstmCell.Output, From("ln_c/ln_gamma"), From("ln_c/ln_beta")),
                            Epsilon = Epsilon,
                        },
                        states: ["h", "c"]),
                ],
        };
}
