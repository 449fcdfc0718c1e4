using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>ESNCell of TensorFlow Addons (tfa/rnn/esn_cell.py): an echo state network, which has the names and shapes of a SimpleRNN.</summary>
internal static class EsnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("tfa.rnn.ESNCell")
    {
        Scopes = ["esn_cell", "esn"],
        Variables =
        [
            Role("kernel", "(x, u)"), Role("recurrent_kernel", "(u, u)"), Optional("bias", "(u,)"),
        ],
        NeedsScope = true,
        Refusal = "it leaks its state: no Keras layer does",
    };
}
