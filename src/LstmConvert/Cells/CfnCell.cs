using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>CFNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3880-4006): a chaos-free network.</summary>
internal static class CfnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("CFNCell")
    {
        Scopes = ["cfn_cell"],
        Variables =
        [
            Role("kernel", "(x, 3u)"), Role("recurrent_kernel", "(u, 2u)"), Role("bias", "(2u,)"),
        ],
        Refusal = "no Keras layer has its equations",
    };
}
