using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>WeightNormLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:2819-3080): an LSTM whose kernel is scaled as it runs.</summary>
internal static class WeightNormLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("WeightNormLSTMCell")
    {
        Scopes = ["wn_lstm_cell"],
        Variables =
        [
            Role("kernel", "(x+h, 4u)"), Role("bias", "(4u,)"), Role("norm_0", "(4u,)"), Role("norm_1", "(4u,)"),
            Optional("w_i_diag", "(u,)"), Optional("w_f_diag", "(u,)"), Optional("w_o_diag", "(u,)"),
            Optional("projection/kernel", "(u, h)"), Optional("projection/norm_0", "(h,)"),
        ],
        SizesByDefault = [new('h', 'u')],
        Refusal = "its kernel is normalised as it runs, and folding that is not known to this version",
    };
}
