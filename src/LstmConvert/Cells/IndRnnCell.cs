using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>IndRNNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3083-3178): a plain cell whose recurrence is diagonal.</summary>
internal static class IndRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("IndRNNCell")
    {
        Scopes = ["ind_rnn_cell"],
        Variables =
        [
            Role("kernel_w", "(x, u)"), Role("kernel_u", "(1, u)"), Role("bias", "(u,)"),
        ],
        Refusal = "its recurrence is diagonal, and its conversion is not known to this version",
    };
}
