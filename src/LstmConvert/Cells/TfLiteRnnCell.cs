using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>TfLiteRNNCell (tensorflow v1.15.5 lite/experimental/examples/lstm/rnn_cell.py): a plain cell, transposed.</summary>
internal static class TfLiteRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("TfLiteRNNCell")
    {
        Scopes = ["tf_lite_rnn_cell"],
        Variables =
        [
            Role("input_weights", "(u, x)"), Role("recurrent_weights", "(u, u)"), Role("bias", "(u,)"),
        ],
        Refusal = "its kernels are transposed, which is not known to this version",
    };
}
