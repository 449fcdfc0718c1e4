using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>LayerNormLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:2468-2735): an LSTM that normalises each gate; its bias is there and not used.</summary>
internal static class LayerNormLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("LayerNormLSTMCell")
    {
        Scopes = ["layer_norm_lstm_cell"],
        Variables =
        [
            Role("kernel", "(x+h, 4u)"), Role("bias", "(4u,)"), Role("input/gamma", "(u,)"), Role("input/beta", "(u,)"),
            Role("transform/gamma", "(u,)"), Role("transform/beta", "(u,)"), Role("forget/gamma", "(u,)"),
            Role("forget/beta", "(u,)"), Role("output/gamma", "(u,)"), Role("output/beta", "(u,)"),
            Role("state/gamma", "(u,)"), Role("state/beta", "(u,)"), Optional("w_i_diag", "(u,)"),
            Optional("w_f_diag", "(u,)"), Optional("w_o_diag", "(u,)"), Optional("projection/kernel", "(u, h)"),
        ],
        SizesByDefault = [new('h', 'u')],
        Refusal = "layer normalisation: no Keras layer normalises its gates",
    };
}
