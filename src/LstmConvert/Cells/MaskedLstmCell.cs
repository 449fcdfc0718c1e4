using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>MaskedLSTMCell and MaskedBasicLSTMCell (tensorflow v1.15.5 contrib/model_pruning/python/layers/rnn_cells.py): an LSTM whose kernel is pruned by a mask.</summary>
internal static class MaskedLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("MaskedLSTMCell")
    {
        AlsoKnownAs = ["MaskedBasicLSTMCell"],
        Scopes = ["masked_lstm_cell", "masked_basic_lstm_cell"],
        Variables =
        [
            Role("kernel", "(x+h, 4u)"), Role("bias", "(4u,)"), Role("mask", "(x+h, 4u)"), Role("threshold", "()"),
            Optional("old_weight", "(x+h, 4u)"), Optional("w_i_diag", "(u,)"), Optional("w_f_diag", "(u,)"),
            Optional("w_o_diag", "(u,)"), Optional("projection/kernel", "(u, h)"), Optional("projection/mask", "(u, h)"),
        ],
        SizesByDefault = [new('h', 'u')],
        Refusal = "its kernel is masked as it runs, and multiplying the mask in is not known to this version",
    };
}
