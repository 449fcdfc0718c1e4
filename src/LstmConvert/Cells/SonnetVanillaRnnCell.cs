using LstmConvert.Layouts;
using LstmConvert.Tensors;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// VanillaRNN of Sonnet 2 (deepmind/sonnet v2 sonnet/src/recurrent.py).
/// <code>
/// input_to_hidden/w   (x, u)
/// hidden_to_hidden/w  (u, u)
/// b                   (u,)
/// </code>
/// </summary>
public static class SonnetVanillaRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static CellDefinition Definition { get; } = new()
    {
        Name = "SonnetVanillaRNN",
        ScopeNames = [],
        Roles = ["w_i", "w_h", "bias"],
        HasOwnRecurrentKernel = true,
        Solve = Solve,
        Recipes = _ => [new("SimpleRNN", "", [new("kernel", From("w_i")), new("recurrent_kernel", From("w_h")), new("bias", From("bias"))])],
    };

    private static Solution Solve(IReadOnlyDictionary<string, TensorInfo> roles)
    {
        var (input, recurrent, bias) = (roles["w_i"], roles["w_h"], roles["bias"]);
        var units = recurrent.Shape.Rank == 2 ? recurrent.Shape[0] : 0;
        return units == 0 || recurrent.Shape[1] != units || input.Shape.Rank != 2 || input.Shape[1] != units || !bias.Shape.Equals(new Shape(units))
            ? Solution.Not($"{input.Name} is {input.Shape}, {recurrent.Name} {recurrent.Shape} and {bias.Name} {bias.Shape}; a VanillaRNN of Sonnet 2 has (x, u), (u, u) and (u,)")
            : Solution.Of(units, input.Shape[0]);
    }
}
