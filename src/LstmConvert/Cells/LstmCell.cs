using LstmConvert.Layouts;
using LstmConvert.Tensors;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// BasicLSTMCell, LSTMCell, LSTMBlockCell, LSTMBlockFusedCell and CudnnCompatibleLSTMCell: the same variables in the same order
/// of gates (tensorflow v1.15.5 python/ops/rnn_cell_impl.py:725-1063, core/kernels/rnn/lstm_ops.h).
/// <code>
/// kernel             (x+h, 4u)   rows x then h; columns i j f o; h = u, or p with a projection
/// bias               (4u,)       the forget bias is not in it, it is added at run time
/// w_{i,f,o}_diag     (u,)        peepholes
/// projection/kernel  (u, p)
/// </code>
/// Keras: LSTM with columns i f c o and the forget bias in the bias; with a projection, <c>recurrent_kernel = W_proj @ R</c>
/// (exact, rank at most p) and a Dense after it.
/// </summary>
public static class LstmCell
{
    private const string TensorFlowGates = "ijfo";
    private const string KerasGates = "ifco";

    /// <summary>The definition for the catalog.</summary>
    public static CellDefinition Definition { get; } = new()
    {
        Name = "LSTMCell",
        AlsoKnownAs = ["BasicLSTMCell", "LSTMBlockCell", "LSTMBlockFusedCell", "CudnnCompatibleLSTMCell"],
        ScopeNames =
        [
            "lstm_cell", "basic_lstm_cell", "LSTMCell", "BasicLSTMCell", "LSTMBlockCell", "LSTMFusedCell", "LSTMBlockFusedCell",
            "lstm_block_wrapper", "lstm_fused_cell", "cudnn_compatible_lstm_cell", "lstm_block_cell",
        ],
        Roles = ["kernel", "bias"],
        OptionalRoles = ["w_i_diag", "w_f_diag", "w_o_diag", "projection/kernel"],
        Solve = Solve,
        DefaultForgetBias = 1,
        DialectForgetBias = new Dictionary<string, double> { ["cudnn_compatible_lstm_cell"] = 0 },
        LooksLikeDense = true,
        Obstacle = roles => roles.Keys.FirstOrDefault(role => role.EndsWith("_diag", StringComparison.Ordinal)) is { } diagonal
            ? $"peepholes ({diagonal}): no Keras layer has peephole connections"
            : null,
        Recipes = Recipes,
    };

    private static IReadOnlyList<Recipe> Recipes(CellSizes sizes)
    {
        var kernel = From("kernel").Rows("x").Gates(TensorFlowGates, KerasGates);
        var recurrent = From("kernel").Rows("h").Gates(TensorFlowGates, KerasGates);
        var bias = From("bias").Plus("forget_bias", "f", TensorFlowGates).Gates(TensorFlowGates, KerasGates);
        return sizes.Projection is null
            ? [new("LSTM", "", [new("kernel", kernel), new("recurrent_kernel", recurrent), new("bias", bias)])]
            :
            [
                new("LSTM", "", [new("kernel", kernel), new("recurrent_kernel", From("projection/kernel").Times(recurrent)), new("bias", bias)]),
                new("Dense", "_projection", [new("kernel", From("projection/kernel"))]),
            ];
    }

    private static Solution Solve(IReadOnlyDictionary<string, TensorInfo> roles)
    {
        var (kernel, bias) = (roles["kernel"], roles["bias"]);
        if (kernel.Shape.Rank != 2 || kernel.Shape[1] % 4 != 0)
        {
            return Solution.Not($"{kernel.Name} is {kernel.Shape}; an LSTM kernel is (x+u, 4u)" + (kernel.Shape.Rank == 2 ? $", and {kernel.Shape[1]} is not a multiple of 4" : ""));
        }

        var units = kernel.Shape[1] / 4;
        if (bias.Shape.Rank != 1 || bias.Shape[0] != 4 * units)
        {
            return Solution.Not($"{bias.Name} is {bias.Shape}; beside the kernel {kernel.Shape} an LSTM bias is ({4 * units},)");
        }

        foreach (var diagonal in roles.Where(role => role.Key.EndsWith("_diag", StringComparison.Ordinal)).Select(role => role.Value))
        {
            if (diagonal.Shape.Rank != 1 || diagonal.Shape[0] != units)
            {
                return Solution.Not($"{diagonal.Name} is {diagonal.Shape}; beside the kernel {kernel.Shape} a peephole diagonal is ({units},)");
            }
        }

        long? projection = null;
        if (roles.TryGetValue("projection/kernel", out var matrix))
        {
            if (matrix.Shape.Rank != 2 || matrix.Shape[0] != units)
            {
                return Solution.Not($"{matrix.Name} is {matrix.Shape}; beside the kernel {kernel.Shape} a projection is ({units}, p)");
            }

            projection = matrix.Shape[1];
        }

        var recurrent = projection ?? units;
        return kernel.Shape[0] <= recurrent
            ? Solution.Not($"{kernel.Name} is {kernel.Shape}; an LSTM of {units} units{(projection is null ? "" : $" and projection {projection}")} has more than {recurrent} rows")
            : Solution.Of(units, kernel.Shape[0] - recurrent, projection);
    }
}
