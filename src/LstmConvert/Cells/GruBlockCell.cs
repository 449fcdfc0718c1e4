using static LstmConvert.Facts.KnownFacts;

namespace LstmConvert.Cells;

/// <summary>
/// GRUBlockCell: the equations of <see cref="GruCell"/> under other names (tensorflow v1.15.5
/// contrib/rnn/python/ops/gru_ops.py:97-236): <c>w_ru (x+u, 2u)</c> columns r u, <c>b_ru (2u,)</c>, <c>w_c (x+u, u)</c>, <c>b_c (u,)</c>.
/// </summary>
internal static class GruBlockCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        GruCell.Of("GRUBlockCell", "w_ru", "b_ru", "w_c", "b_c") with
        {
            Scopes = ["GRUBlockCell", "gru_block_cell", "gru_cell"],
            Graph =
            [
                "_, _, _, h = GRUBlockCell(x, h, w_ru, w_c, b_ru, b_c); activation = tanh; recurrent_activation = sigmoid; gate_order = ru",
            ],
        };
}
