using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>LayerNormLSTMCell of TensorFlow Addons (tfa/rnn/layer_norm_lstm_cell.py): Keras's LSTM with normalised products.</summary>
internal static class AddonsLayerNormLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("tfa.rnn.LayerNormLSTMCell")
    {
        Variables =
        [
            Role("kernel", "(x, 4u)"), Role("recurrent_kernel", "(u, 4u)"), Role("bias", "(4u,)"),
            Role("kernel_norm/gamma", "(w,)"), Role("kernel_norm/beta", "(w,)"), Role("recurrent_norm/gamma", "(w,)"),
            Role("recurrent_norm/beta", "(w,)"), Role("state_norm/gamma", "(u,)"), Role("state_norm/beta", "(u,)"),
        ],
        Refusal = "layer normalisation: no Keras layer normalises its gates",
    };
}
