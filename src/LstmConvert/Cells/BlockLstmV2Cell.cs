using LstmConvert.Layouts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// The fused operation BlockLSTMV2 (tensorflow v1.15.5 core/ops/rnn_ops.cc, core/kernels/rnn/lstm_ops.cc): gates i f j o, which is
/// Keras' own order, and no forget bias at run time. No variable tells it from an LSTMCell; a graph or <c>--cell</c> does.
/// <code>
/// kernel   (x+u, 4u)   rows x then h; columns i f j o
/// bias     (4u,)
/// </code>
/// </summary>
public static class BlockLstmV2Cell
{
    private const string TensorFlowGates = "ifjo";
    private const string KerasGates = "ifco";

    /// <summary>The definition for the catalog.</summary>
    public static CellDefinition Definition { get; } = LstmCell.Definition with
    {
        Name = "BlockLSTMV2",
        AlsoKnownAs = [],
        ScopeNames = [],
        OptionalRoles = ["w_i_diag", "w_f_diag", "w_o_diag"],
        DefaultForgetBias = 0,
        DialectForgetBias = new Dictionary<string, double>(),
        LooksLikeDense = false,
        IsNamedOnly = true,
        Recipes = _ =>
        [
            new("LSTM", "",
            [
                new("kernel", From("kernel").Rows("x").Gates(TensorFlowGates, KerasGates)),
                new("recurrent_kernel", From("kernel").Rows("h").Gates(TensorFlowGates, KerasGates)),
                new("bias", From("bias").Plus("forget_bias", "f", TensorFlowGates).Gates(TensorFlowGates, KerasGates)),
            ]),
        ],
    };
}
