using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>SRUCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:2738-2816): a simple recurrent unit.</summary>
internal static class SruCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("SRUCell")
    {
        Scopes = ["sru_cell"],
        Variables =
        [
            Role("kernel", "(x, 4u)"), Role("bias", "(2u,)"),
        ],
        Refusal = "it is no single Keras layer, and its composition is not known to this version",
    };
}
