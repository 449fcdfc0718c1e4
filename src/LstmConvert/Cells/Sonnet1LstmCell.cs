using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LSTM of Sonnet 1 (deepmind/sonnet v1.36 sonnet/python/modules/gated_rnn.py:92-276): the equations of <see cref="LstmCell"/> under other names.
/// <code>
/// w_gates (x+h, 4u)   b_gates (4u,)   columns i j f o; the forget bias is added at run time; h = u, or p with a projection
/// w_h_projection (u, p)   w_{i,f,o}_diag (u,)   layer_norm/{gamma,beta} (4u,)
/// </code>
/// A graph shows it as an LSTMCell.
/// </summary>
internal static class Sonnet1LstmCell
{
    private const string Gates = "ijfo";
    private const string Projection = "w_h_projection";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("Sonnet1LSTM")
    {
        Variables =
        [
            Role("w_gates", "(x+h, 4u)"), Role("b_gates", "(4u,)"), Optional(Projection, "(u, h)", ""),
            Optional("w_i_diag", "(u,)", ""), Optional("w_f_diag", "(u,)", ""), Optional("w_o_diag", "(u,)", ""),
            Optional("layer_norm/gamma", "(4u,)"), Optional("layer_norm/beta", "(4u,)"),
        ],
        SizesByDefault = [new('h', 'u')],
        Gates = Gates,
        States = [new("c", 'u'), new("h", 'h')],
        OutputWidth = 'h',
        Facts = [ForgetBias.By(1), CellClip.ByNone(), Activation with { OnlyIfShown = true }, RecurrentActivation with { OnlyIfShown = true }],
        Fixed = Plain,
        Equations = at => new Equations.TensorFlow1.LstmCell(at["w_gates"], at["b_gates"], at[ForgetBias], LstmConvert.Equations.Activations.Tanh)
        {
            Projection = at.Optional(Projection),
            CellClip = at[CellClip],
        },
        Obstacle = cell => cell.Has("layer_norm/gamma") ? "layer normalisation: no Keras layer normalises its gates" : LstmCell.Obstacles(cell),
        ToKeras = cell => LstmCell.WithProjection(cell, Projection, From("w_gates").Rows("h").Gates(Gates, "ifco"), recurrent => Lstm.Of(
            kernel: From("w_gates").Rows("x").Gates(Gates, "ifco"),
            recurrentKernel: recurrent,
            bias: From("b_gates").Plus(ForgetBias.Name, "f", Gates).Gates(Gates, "ifco"),
            units: cell.Units,
            activation: "tanh",
            recurrentActivation: "sigmoid",
            states: ["h", "c"])),
    };
}
