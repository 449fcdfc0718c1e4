namespace LstmConvert.Cells;

/// <summary>
/// GRUBlockCell: the equations of <see cref="GruCell"/> under other names (tensorflow v1.15.5
/// contrib/rnn/python/ops/gru_ops.py:97-236): <c>w_ru (x+u, 2u)</c> columns r u, <c>b_ru (2u,)</c>, <c>w_c (x+u, u)</c>, <c>b_c (u,)</c>.
/// </summary>
public static class GruBlockCell
{
    /// <summary>The definition for the catalog.</summary>
    public static CellDefinition Definition { get; } = new()
    {
        Name = "GRUBlockCell",
        ScopeNames = ["GRUBlockCell", "gru_block_cell", "gru_cell"],
        Roles = ["w_ru", "b_ru", "w_c", "b_c"],
        Solve = roles => GruCell.Solve(roles, "w_ru", "b_ru", "w_c", "b_c"),
        Recipes = _ => GruCell.Recipes("w_ru", "b_ru", "w_c", "b_c"),
    };
}
