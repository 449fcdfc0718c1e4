using static LstmConvert.Cells.Cell;

namespace LstmConvert.Cells;

/// <summary>IntersectionRNNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1716-1843): gates over state and depth.</summary>
internal static class IntersectionRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("IntersectionRNNCell")
    {
        Scopes = ["intersection_rnn_cell"],
        Variables =
        [
            Role("kernel", "(u+v, 4u)"), Role("bias", "(4u,)"), Optional("in_projection/kernel", "(x, u)"),
            Optional("in_projection/bias", "(u,)"),
        ],
        SizesByDefault = [new('v', 'u')],
        NeedsScope = true,
        Refusal = "no Keras layer has its equations",
    };
}
