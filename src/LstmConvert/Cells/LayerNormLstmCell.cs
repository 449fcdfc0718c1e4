using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LayerNormLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:2468-2735): LSTMCell with each gate and the state normalised.
/// <code>
/// kernel                                           (x+h, 4u)   rows x then h; columns i j f o; h = u, or p with a projection
/// bias                                             (4u,)       made and never added
/// {input,transform,forget,output,state}/gamma,beta (u,)        the forget bias is added to the normalised gate at run time
/// w_{i,f,o}_diag (u,)   projection/kernel (u, p)
/// </code>
/// Keras: our own ExtendedLSTMCell with the forget bias in the forget gate's beta.
/// </summary>
internal static class LayerNormLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("LayerNormLSTMCell")
        {
            Scopes = ["layer_norm_lstm_cell"],
            Variables =
            [
                Role("kernel", "(x+h, 4u)"),
                Optional("bias", "(4u,)"),
                .. LayerNormBasicLstmCell.NormRoles,
                Optional("w_i_diag", "(u,)", ""),
                Optional("w_f_diag", "(u,)", ""),
                Optional("w_o_diag", "(u,)", ""),
                Optional("projection/kernel", "(u, h)", ""),
            ],
            SizesByDefault = [new('h', 'u')],
            Gates = "ijfo",
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
                "i, j, f, o = split([x;h] @ kernel); i = norm(i, input); j = norm(j, transform); f = norm(f, forget); o = norm(o, output);"
                    + "c = sigmoid(f + forget_bias + w_f_diag?*c)*c + sigmoid(i + w_i_diag?*c)*activation(j); c = norm(c, state); c = clip(c, cell_clip);"
                    + "h = sigmoid(o + w_o_diag?*c)*activation(c); h = clip(h @ projection/kernel?, proj_clip)",
            ],
            Unread = _ => ["bias"],
            Equations = at => new Equations.TensorFlow1.LayerNormLstmCell(
                at["kernel"],
                LayerNormBasicLstmCell.NormsOf(at),
                at[ForgetBias],
                at[Activation])
            {
                Peepholes = at.Optional("w_i_diag") is { } input ? new(input, at["w_f_diag"], at["w_o_diag"]) : null,
                Projection = at.Optional("projection/kernel"),
                CellClip = at[CellClip],
                ProjectionClip = at[ProjectionClip],
            },
            Obstacle = LstmCell.Obstacles,
            ToKeras = cell =>
                [
                    LstmCell.Extended(
                        cell,
                        LayerNormBasicLstmCell.Recipe(cell) with
                        {
                            Peepholes = cell.Has("w_i_diag") ? (From("w_i_diag"), From("w_f_diag"), From("w_o_diag")) : null,
                        }),
                ],
        };
}
