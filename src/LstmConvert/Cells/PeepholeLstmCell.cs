using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// PeepholeLSTMCell of TensorFlow Addons and of tf.keras.experimental (tfa/rnn/peephole_lstm_cell.py; keras v2.6.0
/// layers/recurrent.py:2521):
/// Keras's LSTM with peepholes. Addons' gates have the logistic function, the experimental cell's hard_sigmoid unless told otherwise, and
/// no
/// variable tells the two apart: Addons' is assumed, and said.
/// <code>
/// kernel (x, 4u)   recurrent_kernel (u, 4u)   bias (4u,)   {input,forget,output}_gate_peephole_weights (u,)      columns i f c o
/// </code>
/// Keras: our own ExtendedLSTMCell; the weights move as they are.
/// </summary>
internal static class PeepholeLstmCell
{
    private static readonly string[] Peepholes =
    [
        "input_gate_peephole_weights",
        "forget_gate_peephole_weights",
        "output_gate_peephole_weights",
    ];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("PeepholeLSTMCell")
        {
            Variables =
            [
                Role("kernel", "(x, 4u)"),
                Role("recurrent_kernel", "(u, 4u)"),
                Optional("bias", "(4u,)"),
                .. Peepholes.Select(role => Role(role, "(u,)", "")),
            ],
            Gates = "ifco",
            States = [new("h", 'u'), new("c", 'u')],
            Facts =
            [
                Activation.By("tanh"),
                RecurrentActivation with
                {
                    OtherDefaults =
                    [
                        new(
                            null,
                            null,
                            FactValue.Of("sigmoid"),
                            "PeepholeLSTMCell of TensorFlow Addons; tf.keras.experimental has hard_sigmoid"),
                    ],
                },
            ],
            Equations = at => new Equations.TensorFlow2.AddonsLstm(
                at["kernel"],
                at["recurrent_kernel"],
                at.Optional("bias"),
                at[Activation],
                at[RecurrentActivation])
            {
                Peepholes = (at[Peepholes[0]], at[Peepholes[1]], at[Peepholes[2]]),
            },
            ToKeras = cell =>
                [
                    ExtendedLstmCell.Of(
                        new(From("kernel"), From("recurrent_kernel"), cell.Units, cell[Activation].Text!, cell[RecurrentActivation].Text!)
                        {
                            Bias = cell.Has("bias") ? From("bias") : null,
                            Peepholes = (From(Peepholes[0]), From(Peepholes[1]), From(Peepholes[2])),
                        },
                        states: ["h", "c"]),
                ],
        };
}
