using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>LayerNormSimpleRNNCell of TensorFlow Addons (tfa/rnn/layer_norm_simple_rnn_cell.py).</summary>
internal static class AddonsLayerNormSimpleRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("tfa.rnn.LayerNormSimpleRNNCell")
    {
        Variables =
        [
            Role("kernel", "(x, u)"), Role("recurrent_kernel", "(u, u)"), Optional("bias", "(u,)"),
            Role("layernorm/gamma", "(u,)"), Role("layernorm/beta", "(u,)"),
        ],
        Refusal = "layer normalisation: no Keras layer normalises its state",
    };
}
