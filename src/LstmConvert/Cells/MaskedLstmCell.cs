using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// MaskedLSTMCell and MaskedBasicLSTMCell (tensorflow v1.15.5 contrib/model_pruning/python/layers/rnn_cells.py): an LSTM whose kernel is
/// pruned by a
/// mask as it runs.
/// <code>
/// kernel   (x+h, 4u)   columns i j f o        mask   (x+h, 4u)   0 or 1        the kernel of the step is kernel*mask
/// bias     (4u,)       and the rest as of <see cref="LstmCell"/>; the projection has no mask
/// </code>
/// Keras: LSTM (with peepholes or clips our own ExtendedLSTMCell) with the mask multiplied in. The threshold and the old weights are of the
/// training.
/// </summary>
internal static class MaskedLstmCell
{
    private const string Gates = "ijfo";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("MaskedLSTMCell")
        {
            AlsoKnownAs = ["MaskedBasicLSTMCell"],
            Scopes = ["masked_lstm_cell", "masked_basic_lstm_cell"],
            Variables =
            [
                Role("kernel", "(x+h, 4u)"),
                Role("bias", "(4u,)"),
                Role("mask", "(x+h, 4u)"),
                Optional("w_i_diag", "(u,)", ""),
                Optional("w_f_diag", "(u,)", ""),
                Optional("w_o_diag", "(u,)", ""),
                Optional("projection/kernel", "(u, h)", ""),
            ],
            SizesByDefault = [new('h', 'u')],
            Gates = Gates,
            States = [new("c", 'u'), new("h", 'h')],
            OutputWidth = 'h',
            Facts =
            [
                ForgetBias.By(1),
                Activation.By("tanh"),
                CellClip.ByNone(),
                ProjectionClip.ByNone() with
                {
                    OnlyWith = "projection/kernel",
                },
            ],
            Graph =
            [
                "i, j, f, o = split([x;h] @ (kernel*mask) + bias?);"
                    + "c = sigmoid(f + forget_bias + w_f_diag?*c)*c + sigmoid(i + w_i_diag?*c)*activation(j); c = clip(c, cell_clip);"
                    + "h = sigmoid(o + w_o_diag?*c)*activation(c); h = clip(h @ projection/kernel?, proj_clip)",
            ],
            Equations = at => new Equations.TensorFlow1.LstmCell(at["kernel"] * at["mask"], at["bias"], at[ForgetBias], at[Activation])
            {
                Peepholes = at.Optional("w_i_diag") is { } input ? new(input, at["w_f_diag"], at["w_o_diag"]) : null,
                Projection = at.Optional("projection/kernel"),
                CellClip = at[CellClip],
                ProjectionClip = at[ProjectionClip],
            },
            Obstacle = LstmCell.Obstacles,
            ToKeras = cell =>
                LstmCell.ToKeras(
                    cell,
                    cell.Has("projection/kernel") ? From("projection/kernel") : null,
                    new(Kernel("x"), Kernel("h"), cell.Units, cell[Activation].Text!, "sigmoid")
                    {
                        Bias = From("bias").Plus(ForgetBias.Name, "f", Gates).Gates(Gates, "ifco"),
                    }),
        };

    private static Layouts.Derivation Kernel(string rows) =>
        From("kernel").Rows(rows).Gates(Gates, "ifco").TimesElements(From("mask").Rows(rows).Gates(Gates, "ifco"));
}
