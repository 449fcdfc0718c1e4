using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>ConvLSTMCell, Conv1DLSTMCell, Conv2DLSTMCell and Conv3DLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:2067-2245).</summary>
internal static class ConvLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("ConvLSTMCell")
    {
        AlsoKnownAs = ["Conv1DLSTMCell", "Conv2DLSTMCell", "Conv3DLSTMCell"],
        Scopes = ["conv_lstm_cell", "conv_1d_lstm_cell", "conv_2d_lstm_cell", "conv_3d_lstm_cell"],
        Variables =
        [
            Role("kernel", ""), Optional("biases", "(4u,)"),
        ],
        NeedsScope = true,
        Refusal = "convolutional cells are not converted by this version",
    };
}
