using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// WeightNormLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:2819-3080; Salimans and Kingma 2016): an LSTM whose kernel is
/// normalised
/// as it runs. Without norms it is an <see cref="LstmCell"/>.
/// <code>
/// kernel              (x+h, 4u)   columns i j f o; the columns of its rows x, and of its rows h, are scaled to the lengths
/// norm_0, norm_1      (4u,)       and the rest as of <see cref="LstmCell"/>
/// projection/kernel   (u, p)      likewise to projection/norm_0 (p,)
/// </code>
/// Keras: LSTM (with peepholes or clips our own ExtendedLSTMCell) with the scaled kernels, computed in float64 and rounded once.
/// </summary>
internal static class WeightNormLstmCell
{
    private const string Gates = "ijfo";
    private const string Projection = "projection/kernel";
    private const string ProjectionNorm = "projection/norm_0";

    private const string Pattern =
        "i, j, f, o = split([x;h] @ [unit_columns(top(kernel))*norm_0;unit_columns(bottom(kernel))*norm_1] + bias?);"
            + "c = sigmoid(f + forget_bias + w_f_diag?*c)*c + sigmoid(i + w_i_diag?*c)*activation(j); c = clip(c, cell_clip);"
            + "h = sigmoid(o + w_o_diag?*c)*activation(c);";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("WeightNormLSTMCell")
        {
            Scopes = ["wn_lstm_cell", "weight_norm_lstm_cell"],
            Variables =
            [
                Role("kernel", "(x+h, 4u)"),
                Role("bias", "(4u,)"),
                Role("norm_0", "(4u,)"),
                Role("norm_1", "(4u,)"),
                Optional("w_i_diag", "(u,)", ""),
                Optional("w_f_diag", "(u,)", ""),
                Optional("w_o_diag", "(u,)", ""),
                Optional(Projection, "(u, h)", ""),
                Optional(ProjectionNorm, "(h,)", ""),
            ],
            SizesByDefault = [new('h', 'u')],
            Gates = Gates,
            States = [new("c", 'u'), new("h", 'h')],
            OutputWidth = 'h',
            Facts = [ForgetBias.By(1), Activation.By("tanh"), CellClip.ByNone(), ProjectionClip.ByNone() with { OnlyWith = Projection }],
            Graph = [Pattern, $"{Pattern} h = clip(h @ (unit_columns({Projection}?)*{ProjectionNorm}), proj_clip)"],
            Equations = at => new Equations.TensorFlow1.WeightNormLstmCell(
                at["kernel"],
                at["bias"],
                at["norm_0"],
                at["norm_1"],
                at[ForgetBias],
                at[Activation])
            {
                Peepholes = at.Optional("w_i_diag") is { } input ? new(input, at["w_f_diag"], at["w_o_diag"]) : null,
                Projection = at.Optional(Projection),
                ProjectionNorm = at.Optional(ProjectionNorm),
                CellClip = at[CellClip],
                ProjectionClip = at[ProjectionClip],
            },
            Obstacle = LstmCell.Obstacles,
            ToKeras = cell =>
                LstmCell.ToKeras(
                    cell,
                    cell.Has(Projection) ? Projected() : null,
                    new(Kernel("x", "norm_0"), Kernel("h", "norm_1"), cell.Units, cell[Activation].Text!, "sigmoid")
                    {
                        Bias = From("bias").Plus(ForgetBias.Name, "f", Gates).Gates(Gates, "ifco"),
                    }),
        };

    private static Layouts.Derivation Kernel(string rows, string norm) =>
        From("kernel").Rows(rows).UnitColumns().TimesElements(From(norm)).Gates(Gates, "ifco");

    private static Layouts.Derivation Projected() => From(Projection).UnitColumns().TimesElements(From(ProjectionNorm));
}
