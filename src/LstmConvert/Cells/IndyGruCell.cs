using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>IndyGRUCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3180-3290): a GRU whose recurrence is diagonal.</summary>
internal static class IndyGruCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("IndyGRUCell")
    {
        Scopes = ["indy_gru_cell"],
        Variables =
        [
            Role("gates/kernel_w", "(x, 2u)"), Role("gates/kernel_u", "(1, 2u)"), Role("gates/bias", "(2u,)"),
            Role("candidate/kernel", "(x, u)"), Role("candidate/kernel_u", "(1, u)"), Role("candidate/bias", "(u,)"),
        ],
        Refusal = "its recurrence is diagonal, and its conversion is not known to this version",
    };
}
