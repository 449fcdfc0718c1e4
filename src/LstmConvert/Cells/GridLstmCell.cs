using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>GridLSTMCell and BidirectionalGridLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:499-1106): LSTMs over time and frequency.</summary>
internal static class GridLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("GridLSTMCell")
    {
        AlsoKnownAs = ["BidirectionalGridLSTMCell"],
        Scopes = ["grid_lstm_cell", "bidirectional_grid_lstm_cell", "GridLSTMCell"],
        Variables =
        [
            Role("W_f_0_0", "(r, c)"), Role("B_f_0", "(c,)"), Optional("W_t_0_0", "(r, c)"), Optional("B_t_0", "(c,)"),
        ],
        Refusal = "it runs over time and frequency: no Keras layer does",
    };
}
