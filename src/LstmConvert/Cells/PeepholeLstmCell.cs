using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>PeepholeLSTMCell of tf.keras.experimental and TensorFlow Addons (tfa/rnn/peephole_lstm_cell.py): Keras's LSTM with peepholes.</summary>
internal static class PeepholeLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("PeepholeLSTMCell")
    {
        Variables =
        [
            Role("kernel", "(x, 4u)"), Role("recurrent_kernel", "(u, 4u)"), Role("bias", "(4u,)"),
            Role("input_gate_peephole_weights", "(u,)"), Role("forget_gate_peephole_weights", "(u,)"),
            Role("output_gate_peephole_weights", "(u,)"),
        ],
        Refusal = "peepholes: no Keras layer has peephole connections",
    };
}
