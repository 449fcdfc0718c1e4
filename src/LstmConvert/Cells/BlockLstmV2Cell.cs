using LstmConvert.Facts;
using static LstmConvert.Facts.KnownFacts;

namespace LstmConvert.Cells;

/// <summary>
/// The fused operation BlockLSTMV2 (tensorflow v1.15.5 core/ops/rnn_ops.cc, core/kernels/rnn/lstm_ops.cc): gates i f j o, which is
/// Keras's own order, and no forget bias at run time. No variable tells it from an LSTMCell; a graph or the user does.
/// <code>
/// kernel   (x+u, 4u)   rows x then h; columns i f j o
/// bias     (4u,)
/// </code>
/// </summary>
internal static class BlockLstmV2Cell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("BlockLSTMV2")
    {
        Variables = [.. LstmCell.Definition.Variables.Where(role => role.Name != "projection/kernel")],
        SizesByDefault = LstmCell.Definition.SizesByDefault,
        Gates = "ifjo",
        States = LstmCell.Definition.States,
        OutputWidth = 'h',
        IsNamedOnly = true,
        Facts = [ForgetBias.By(0) with { OnlyIfShown = true }, CellClip.ByNone()],
        Graph =
        [
            new(
                $"i, c, f, o, ci, co, h = BlockLSTMV2(_, x, c, h, {LstmCell.FusedInputs}; cell_clip = 0 none <= 0);"
                + "forget_bias = 0; activation = tanh; recurrent_activation = sigmoid; gate_order = ifjo",
                IsSequence: true),
        ],
        Equations = at => new Equations.TensorFlow1.BlockLstmV2(at["kernel"], at["bias"])
        {
            ForgetBias = at[ForgetBias],
            Peepholes = at.Optional("w_i_diag") is { } input ? new(input, at["w_f_diag"], at["w_o_diag"]) : null,
            CellClip = at[CellClip] ?? 0,
        },
        Obstacle = LstmCell.Obstacles,
        ToKeras = cell => LstmCell.ToKeras(cell.With(new Fact(Activation, FactValue.Of("tanh"), new Evidence(EvidenceKind.Dialect))), "ifjo"),
    };
}
