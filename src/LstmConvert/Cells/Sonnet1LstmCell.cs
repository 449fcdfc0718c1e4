using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LSTM of Sonnet 1 (deepmind/sonnet v1.36 sonnet/python/modules/gated_rnn.py:92-276): the equations of <see cref="LstmCell"/> under other
/// names,
/// but for the output's peephole, which stands inside the tanh, and the clips, which hold for the states that a step starts from.
/// <code>
/// w_gates (x+h, 4u)   b_gates (4u,)   columns i j f o; the forget bias is added at run time; h = u, or p with a projection
/// w_h_projection (u, p)   w_{i,f,o}_diag (u,)   layer_norm/{gamma,beta} (4u,)
/// </code>
/// Without peepholes and clips a graph shows it as an LSTMCell. The normalisation is of all gates together, before the bias. For all of
/// these Keras has our own
/// ExtendedLSTMCell.
/// </summary>
internal static class Sonnet1LstmCell
{
    private const string Gates = "ijfo";
    private const string Projection = "w_h_projection";

    private static readonly LimitFact HiddenClip = new LimitFact("hidden_clip")
    {
        NeutralCondition = CellClip.NeutralCondition,
        Meaning = "the limit to which the output is clipped before the next step",
    }.ByNone();

    private static readonly string[] Peepholes = ["w_i_diag", "w_f_diag", "w_o_diag"];

    /// <summary>layer_norm.py:45, the default of snt.LayerNorm.</summary>
    private const double Epsilon = 1e-5;

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("Sonnet1LSTM")
        {
            Variables =
            [
                Role("w_gates", "(x+h, 4u)"),
                Role("b_gates", "(4u,)"),
                Optional(Projection, "(u, h)", ""),
                Optional("w_i_diag", "(u,)", ""),
                Optional("w_f_diag", "(u,)", ""),
                Optional("w_o_diag", "(u,)", ""),
                Optional("layer_norm/gamma", "(4u,)"),
                Optional("layer_norm/beta", "(4u,)"),
            ],
            SizesByDefault = [new('h', 'u')],
            Gates = Gates,
            States = [new("c", 'u'), new("h", 'h')],
            OutputWidth = 'h',
            Facts =
            [
                ForgetBias.By(1),
                CellClip.ByNone(),
                HiddenClip,
                .. PlainFacts,
            ],
            Fixed = Plain,
            Graph =
            [
                $"k = limited(c, cell_clip); m = clip(h, hidden_clip); {Equation("k", "m", "")}",
                $"m = limited(h, hidden_clip); {Equation("c", "m", "")}",
                $"k = clip(c, cell_clip); m = clip(h, hidden_clip); {Equation("k", "m", " + w_o_diag*c")}",
                $"k = clip(c, cell_clip); m = clip(h, hidden_clip); {Equation("k", "m", "", isNormalised: true)}",
                $"k = clip(c, cell_clip); m = clip(h, hidden_clip); {Equation("k", "m", " + w_o_diag*c", isNormalised: true)}",
            ],
            Equations = at => new Equations.TensorFlow1.Sonnet1Lstm(at["w_gates"], at["b_gates"], at[ForgetBias])
            {
                Projection = at.Optional(Projection),
                CellClip = at[CellClip],
                HiddenClip = at[HiddenClip],
                Peepholes = at.Optional(Peepholes[0]) is { } input ? new(input, at[Peepholes[1]], at[Peepholes[2]]) : null,
                Norm = at.Optional("layer_norm/gamma") is { } gamma ? new(gamma, at["layer_norm/beta"], Epsilon) : null,
            },
            Obstacle = cell =>
                LstmCell.Obstacles(cell)
                ?? (cell.Has("layer_norm/gamma") != cell.Has("layer_norm/beta") ? "half of its layer normalisation is missing" : null),
            ToKeras = cell =>
                NeedsExtension(cell)
                    ? [Extended(cell)]
                    : LstmCell.WithProjection(cell, Projection, Recipe(cell).RecurrentKernel, recurrent =>
                        Lstm.Of(Recipe(cell).Kernel, recurrent, Recipe(cell).Bias, cell.Units, "tanh", "sigmoid", states: ["h", "c"])),
        };

    private static ExtendedLstmRecipe Recipe(BoundCell cell) =>
        new(From("w_gates").Rows("x").Gates(Gates, "ifco"), From("w_gates").Rows("h").Gates(Gates, "ifco"), cell.Units, "tanh", "sigmoid")
        {
            Bias = From("b_gates").Plus(ForgetBias.Name, "f", Gates).Gates(Gates, "ifco"),
        };

    /// <summary>A step from these states.</summary>
    private static string Equation(string c, string h, string peephole, bool isNormalised = false)
    {
        var product = $"[x;{h}] @ w_gates";
        product = isNormalised ? $"norm({product}, layer_norm, 0.00001)" : product;
        return $"i, j, f, o = split({product} + b_gates?);"
            + $"c = sigmoid(f + forget_bias + w_f_diag?*{c})*{c} + sigmoid(i + w_i_diag?*{c})*tanh(j);"
            + $"h = sigmoid(o)*tanh(c{peephole}); h = h @ {Projection}?";
    }

    private static bool NeedsExtension(BoundCell cell) =>
        cell.Has(Peepholes[0]) || cell.Has("layer_norm/gamma") || !cell[CellClip].IsNone || !cell[HiddenClip].IsNone;

    private static LayerRecipe Extended(BoundCell cell) =>
        ExtendedLstmCell.Of(
            Recipe(cell) with
            {
                Projection = cell.Has(Projection) ? (From(Projection), cell.OutputSize) : null,
                CellClip = cell[CellClip],
                ProjectionClip = cell[HiddenClip],
                ClipsIncoming = !cell[CellClip].IsNone || !cell[HiddenClip].IsNone,
                Peepholes = cell.Has(Peepholes[0]) ? (From(Peepholes[0]), From(Peepholes[1]), From(Peepholes[2])) : null,
                PeepsIntoState = cell.Has(Peepholes[0]),
                Gates = cell.Has("layer_norm/gamma")
                    ? (ExtendedLstmCell.Sum, [From("layer_norm/gamma").Gates(Gates, "ifco"), From("layer_norm/beta").Gates(Gates, "ifco")])
                    : null,
                Epsilon = Epsilon,
            },
            states: ["h", "c"]);
}
