using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>GLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:2248-2465): an LSTM in groups.</summary>
internal static class GlstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("GLSTMCell")
    {
        Scopes = ["glstm_cell"],
        Variables =
        [
            Role("group0/kernel", "(r, c)"), Optional("group1/kernel", "(r, c)"), Optional("group2/kernel", "(r, c)"),
            Optional("group3/kernel", "(r, c)"), Optional("group4/kernel", "(r, c)"),
            Optional("group5/kernel", "(r, c)"), Optional("group6/kernel", "(r, c)"),
            Optional("group7/kernel", "(r, c)"), Optional("group8/kernel", "(r, c)"),
            Optional("group9/kernel", "(r, c)"), Optional("group10/kernel", "(r, c)"),
            Optional("group11/kernel", "(r, c)"), Optional("group12/kernel", "(r, c)"),
            Optional("group13/kernel", "(r, c)"), Optional("group14/kernel", "(r, c)"),
            Optional("group15/kernel", "(r, c)"), Role("bias_i", "(u,)"), Role("bias_j", "(u,)"), Role("bias_f", "(u,)"),
            Role("bias_o", "(u,)"), Optional("projection/kernel", "(u, p)"),
        ],
        Refusal = "its kernels are groups of a block-diagonal one, and putting them together is not known to this version",
    };
}
