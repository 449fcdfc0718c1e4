using LstmConvert.Layouts;
using LstmConvert.Tensors;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LSTM and UnrolledLSTM of Sonnet 2 (deepmind/sonnet v2 sonnet/src/recurrent.py). The forget bias was added to b when it was made.
/// <code>
/// w_i         (x, 4u)   columns i f g o, which is Keras' order
/// w_h         (h, 4u)   h = u, or p with a projection
/// b           (4u,)
/// projection  (u, p)
/// </code>
/// </summary>
public static class SonnetLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static CellDefinition Definition { get; } = new()
    {
        Name = "SonnetLSTM",
        ScopeNames = [],
        Roles = ["w_i", "w_h", "bias"],
        OptionalRoles = ["projection/kernel"],
        HasOwnRecurrentKernel = true,
        DefaultForgetBias = 0,
        Solve = Solve,
        Recipes = Recipes,
    };

    private static IReadOnlyList<Recipe> Recipes(CellSizes sizes) => sizes.Projection is null
        ? [new("LSTM", "", [new("kernel", From("w_i")), new("recurrent_kernel", From("w_h")), new("bias", From("bias").Plus("forget_bias", "f", "ifco"))])]
        :
        [
            new("LSTM", "", [new("kernel", From("w_i")), new("recurrent_kernel", From("projection/kernel").Times(From("w_h"))), new("bias", From("bias").Plus("forget_bias", "f", "ifco"))]),
            new("Dense", "_projection", [new("kernel", From("projection/kernel"))]),
        ];

    private static Solution Solve(IReadOnlyDictionary<string, TensorInfo> roles)
    {
        var (input, recurrent, bias) = (roles["w_i"], roles["w_h"], roles["bias"]);
        var projection = roles.GetValueOrDefault("projection/kernel");
        if (input.Shape.Rank != 2 || recurrent.Shape.Rank != 2 || input.Shape[1] != recurrent.Shape[1] || input.Shape[1] % 4 != 0)
        {
            return Solution.Not($"{input.Name} is {input.Shape} and {recurrent.Name} {recurrent.Shape}; an LSTM of Sonnet 2 has (x, 4u) and (u, 4u)");
        }

        var units = input.Shape[1] / 4;
        return projection is null && recurrent.Shape[0] != units
            ? Solution.Not($"{recurrent.Name} is {recurrent.Shape}; an LSTM of {units} units in Sonnet 2 has ({units}, {4 * units})")
            : projection is not null && !projection.Shape.Equals(new Shape(units, recurrent.Shape[0]))
            ? Solution.Not($"{projection.Name} is {projection.Shape}; beside {recurrent.Name} {recurrent.Shape} a projection is ({units}, {recurrent.Shape[0]})")
            : !bias.Shape.Equals(new Shape(4 * units))
            ? Solution.Not($"{bias.Name} is {bias.Shape}; an LSTM of {units} units has a bias of ({4 * units},)")
            : Solution.Of(units, input.Shape[0], projection?.Shape[1]);
    }
}
