using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>TimeFreqLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:325-496): an LSTM over windows of frequency.</summary>
internal static class TimeFreqLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("TimeFreqLSTMCell")
    {
        Scopes = ["time_freq_lstm_cell", "TimeFreqLSTMCell"],
        Variables =
        [
            Role("kernel", "(x+z+h, 4u)"), Role("bias", "(4u,)"), Optional("w_i_diag", "(u,)"),
            Optional("w_f_diag", "(u,)"), Optional("w_o_diag", "(u,)"),
        ],
        SizesByDefault = [new('z', 'u'), new('h', 'u')],
        NeedsScope = true,
        Refusal = "it scans frequencies within a step: no Keras layer does",
    };
}
