using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>IndyLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3292-3414): an LSTM whose recurrence is diagonal.</summary>
internal static class IndyLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("IndyLSTMCell")
    {
        Scopes = ["indy_lstm_cell"],
        Variables =
        [
            Role("kernel_w", "(x, 4u)"), Role("kernel_u", "(1, 4u)"), Role("bias", "(4u,)"),
        ],
        Refusal = "its recurrence is diagonal, and its conversion is not known to this version",
    };
}
