using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>LayerNormBasicLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1342-1463): an LSTM that normalises each gate.</summary>
internal static class LayerNormBasicLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("LayerNormBasicLSTMCell")
    {
        Scopes = ["layer_norm_basic_lstm_cell", "LayerNormBasicLSTMCell"],
        Variables =
        [
            Role("kernel", "(x+u, 4u)"), Role("input/gamma", "(u,)"), Role("input/beta", "(u,)"),
            Role("transform/gamma", "(u,)"), Role("transform/beta", "(u,)"), Role("forget/gamma", "(u,)"),
            Role("forget/beta", "(u,)"), Role("output/gamma", "(u,)"), Role("output/beta", "(u,)"),
            Role("state/gamma", "(u,)"), Role("state/beta", "(u,)"),
        ],
        Refusal = "layer normalisation: no Keras layer normalises its gates",
    };
}
