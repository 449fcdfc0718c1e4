using LstmConvert.Tensors;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// BasicRNNCell (tensorflow v1.15.5 python/ops/rnn_cell_impl.py:446-471): <c>kernel (x+u, u)</c>, rows x then h, and
/// <c>bias (u,)</c>. Keras: SimpleRNN.
/// </summary>
public static class BasicRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static CellDefinition Definition { get; } = new()
    {
        Name = "BasicRNNCell",
        ScopeNames = ["basic_rnn_cell", "BasicRNNCell"],
        Roles = ["kernel", "bias"],
        LooksLikeDense = true,
        Solve = Solve,
        Recipes = _ => [new("SimpleRNN", "", [new("kernel", From("kernel").Rows("x")), new("recurrent_kernel", From("kernel").Rows("h")), new("bias", From("bias"))])],
    };

    private static Solution Solve(IReadOnlyDictionary<string, TensorInfo> roles)
    {
        var (kernel, bias) = (roles["kernel"], roles["bias"]);
        return kernel.Shape.Rank != 2
            ? Solution.Not($"{kernel.Name} is {kernel.Shape}; a BasicRNNCell's kernel is (x+u, u)")
            : bias.Shape.Rank != 1 || bias.Shape[0] != kernel.Shape[1]
            ? Solution.Not($"{bias.Name} is {bias.Shape}; beside the kernel {kernel.Shape} a BasicRNNCell's bias is ({kernel.Shape[1]},)")
            : kernel.Shape[0] <= kernel.Shape[1]
            ? Solution.Not($"{kernel.Name} is {kernel.Shape}; a BasicRNNCell of {kernel.Shape[1]} units has more than {kernel.Shape[1]} rows")
            : Solution.Of(kernel.Shape[1], kernel.Shape[0] - kernel.Shape[1]);
    }
}
