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
/// A graph shows it as an LSTMCell. The normalisation is of all gates together, before the bias: Keras has our own ExtendedLSTMCell for that.
/// </summary>
internal static class Sonnet1LstmCell
{
    private const string Gates = "ijfo";
    private const string Projection = "w_h_projection";

    /// <summary>layer_norm.py:45, the default of snt.LayerNorm.</summary>
    private const double Epsilon = 1e-5;

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
        Equations = at => new Equations.TensorFlow1.Sonnet1Lstm(at["w_gates"], at["b_gates"], at[ForgetBias])
        {
            Projection = at.Optional(Projection),
            Norm = at.Optional("layer_norm/gamma") is { } gamma ? new(gamma, at["layer_norm/beta"], Epsilon) : null,
        },
        Obstacle = cell => cell.Variables.Keys.FirstOrDefault(role => role.EndsWith("_diag", StringComparison.Ordinal)) is { } diagonal
            ? $"peepholes ({diagonal}): its output gate's stands inside the tanh, which neither a layer of Keras nor one of ours has"
            : !cell[CellClip].IsNone ? $"{cell.Find(CellClip.Name)}: it clips the state before a step, which neither a layer of Keras nor one of ours does"
            : cell.Has("layer_norm/gamma") != cell.Has("layer_norm/beta") ? "half of its layer normalisation is missing" : null,
        ToKeras = cell => cell.Has("layer_norm/gamma")
            ? [LstmCell.Extended(cell, cell.Has(Projection) ? From(Projection) : null, Recipe(cell) with
            {
                Gates = (ExtendedLstmCell.Sum, [From("layer_norm/gamma").Gates(Gates, "ifco"), From("layer_norm/beta").Gates(Gates, "ifco")]),
                Epsilon = Epsilon,
            })]
            : LstmCell.ToKeras(cell, cell.Has(Projection) ? From(Projection) : null, Recipe(cell)),
    };

    private static ExtendedLstmRecipe Recipe(BoundCell cell) => new(From("w_gates").Rows("x").Gates(Gates, "ifco"), From("w_gates").Rows("h").Gates(Gates, "ifco"), cell.Units, "tanh", "sigmoid")
    {
        Bias = From("b_gates").Plus(ForgetBias.Name, "f", Gates).Gates(Gates, "ifco"),
    };
}
