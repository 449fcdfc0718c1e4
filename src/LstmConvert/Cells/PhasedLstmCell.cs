using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>PhasedLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1915-2064): an LSTM that opens in phases of time.</summary>
internal static class PhasedLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("PhasedLSTMCell")
    {
        Scopes = ["phased_lstm_cell"],
        Variables =
        [
            Role("mask_gates/kernel", "(m, 2u)"), Role("mask_gates/bias", "(2u,)"), Role("new_input/kernel", "(x+u, u)"),
            Role("new_input/bias", "(u,)"), Role("output_gate/kernel", "(m, u)"), Role("output_gate/bias", "(u,)"),
            Role("period", "(u,)"), Role("phase", "(u,)"), Role("ratio_on", "(u,)"),
        ],
        Refusal = "it reads the time of each step: no Keras layer does",
    };
}
