using LstmConvert.Layouts;
using LstmConvert.Tensors;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// GRUCell and GRUBlockCellV2 (tensorflow v1.15.5 python/ops/rnn_cell_impl.py:549-598, contrib/rnn/python/ops/gru_ops.py).
/// <code>
/// gates/kernel      (x+u, 2u)   rows x then h; columns r u
/// gates/bias        (2u,)
/// candidate/kernel  (x+u, u)
/// candidate/bias    (u,)
/// </code>
/// Keras: GRU with <c>reset_after=False</c>, columns z r h; the update gate keeps the old state in both.
/// </summary>
public static class GruCell
{
    /// <summary>The definition for the catalog.</summary>
    public static CellDefinition Definition { get; } = new()
    {
        Name = "GRUCell",
        AlsoKnownAs = ["GRUBlockCellV2"],
        ScopeNames = ["gru_cell", "GRUCell", "GRUBlockCellV2", "gru_block_cell_v2"],
        Roles = ["gates/kernel", "gates/bias", "candidate/kernel", "candidate/bias"],
        Solve = roles => Solve(roles, "gates/kernel", "gates/bias", "candidate/kernel", "candidate/bias"),
        Recipes = _ => Recipes("gates/kernel", "gates/bias", "candidate/kernel", "candidate/bias"),
    };

    internal static IReadOnlyList<Recipe> Recipes(string gates, string gatesBias, string candidate, string candidateBias) =>
    [
        new("GRU", "",
        [
            new("kernel", Beside(From(gates).Rows("x").Gates("ru", "zr"), From(candidate).Rows("x"))),
            new("recurrent_kernel", Beside(From(gates).Rows("h").Gates("ru", "zr"), From(candidate).Rows("h"))),
            new("bias", Beside(From(gatesBias).Gates("ru", "zr"), From(candidateBias))),
        ]),
    ];

    internal static Solution Solve(IReadOnlyDictionary<string, TensorInfo> roles, string gatesRole, string gatesBiasRole, string candidateRole, string candidateBiasRole)
    {
        var (gates, gatesBias, candidate, candidateBias) = (roles[gatesRole], roles[gatesBiasRole], roles[candidateRole], roles[candidateBiasRole]);
        if (candidate.Shape.Rank != 2)
        {
            return Solution.Not($"{candidate.Name} is {candidate.Shape}; a GRU's candidate kernel is (x+u, u)");
        }

        var (rows, units) = (candidate.Shape[0], candidate.Shape[1]);
        return !gates.Shape.Equals(new Shape(rows, 2 * units))
            ? Solution.Not($"{gates.Name} is {gates.Shape}; beside the candidate kernel {candidate.Shape} the gates' kernel is ({rows}, {2 * units})")
            : !gatesBias.Shape.Equals(new Shape(2 * units))
            ? Solution.Not($"{gatesBias.Name} is {gatesBias.Shape}; beside the candidate kernel {candidate.Shape} the gates' bias is ({2 * units},)")
            : !candidateBias.Shape.Equals(new Shape(units))
            ? Solution.Not($"{candidateBias.Name} is {candidateBias.Shape}; beside the candidate kernel {candidate.Shape} its bias is ({units},)")
            : rows <= units
            ? Solution.Not($"{candidate.Name} is {candidate.Shape}; a GRU of {units} units has more than {units} rows")
            : Solution.Of(units, rows - units);
    }
}
