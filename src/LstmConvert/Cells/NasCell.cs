using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>NASCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1466-1619; also tfa.rnn.NASCell): eight gates found by search.</summary>
internal static class NasCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("NASCell")
    {
        Scopes = ["nas_cell", "nas_rnn"],
        Variables =
        [
            Role("kernel", "(x, 8u)"), Role("recurrent_kernel", "(h, 8u)"), Optional("bias", "(8u,)"),
            Optional("projection_weights", "(u, h)"),
        ],
        SizesByDefault = [new('h', 'u')],
        Refusal = "no Keras layer has its equations",
    };
}
