using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>TFLiteLSTMCell (tensorflow v1.15.5 lite/experimental/examples/lstm/rnn_cell.py): a kernel for each gate, transposed.</summary>
internal static class TfLiteLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("TFLiteLSTMCell")
    {
        Scopes = ["tf_lite_lstm_cell"],
        Variables =
        [
            Role("input_to_input_w", "(u, x)"), Role("input_to_forget_w", "(u, x)"), Role("input_to_cell_w", "(u, x)"),
            Role("input_to_output_w", "(u, x)"), Role("cell_to_input_w", "(u, h)"), Role("cell_to_forget_w", "(u, h)"),
            Role("cell_to_cell_w", "(u, h)"), Role("cell_to_output_w", "(u, h)"), Role("input_bias", "(u,)"),
            Role("forget_bias", "(u,)"), Role("cell_bias", "(u,)"), Role("output_bias", "(u,)"),
            Optional("w_i_diag", "(u,)"), Optional("w_f_diag", "(u,)"), Optional("w_o_diag", "(u,)"),
            Optional("projection/kernel", "(h, u)"),
        ],
        SizesByDefault = [new('h', 'u')],
        Refusal = "its kernels are transposed and kept gate by gate, which is not known to this version",
    };
}
