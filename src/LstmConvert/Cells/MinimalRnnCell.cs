using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>MinimalRNNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3765-3877): a gate over a dense layer.</summary>
internal static class MinimalRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("MinimalRNNCell")
    {
        Scopes = ["minimal_rnn_cell"],
        Variables =
        [
            Role("kernel", "(x+z+h, u)"), Role("bias", "(u,)"),
        ],
        SizesByDefault = [new('z', 'u'), new('h', 'u')],
        NeedsScope = true,
        Refusal = "it is a Dense before a GRU, and that is not known to this version",
    };
}
