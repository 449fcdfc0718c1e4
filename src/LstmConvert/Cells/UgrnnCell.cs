using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// UGRNNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py; Collins et al. 2016): one gate and a candidate.
/// <code>
/// kernel (x+u, 2u)  rows x then h; columns g c        bias (2u,)
/// g = sigmoid([x;h] @ kernel_g + b_g + forget_bias)   c = act([x;h] @ kernel_c + b_c)   h' = g*h + (1-g)*c
/// </code>
/// Keras: GRU z r h with the reset gate held open (its bias is 100: sigmoid is 1 in float32 and float64 alike).
/// </summary>
internal static class UgrnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("UGRNNCell")
    {
        Scopes = ["ugrnn_cell", "UGRNNCell"],
        Variables = [Role("kernel", "(x+h, 2u)"), Role("bias", "(2u,)")],
        SizesByDefault = [new('h', 'u')],
        NeedsScope = true,
        Gates = "gc",
        Facts = [ForgetBias.By(1), Activation.By("tanh")],
        Graph = ["g, c = split([x;h] @ kernel + bias?); k = sigmoid(g + forget_bias); h = k*h + (1-k)*activation(c)"],
        Equations = at => new Equations.TensorFlow1.UgrnnCell(at["kernel"], at["bias"], at[ForgetBias], at[Activation]),
        Wrong = [Swapped('g', 'c'), Without(ForgetBias)],
        ToKeras = cell =>
        [
            Gru.ResetBefore(
                kernel: Beside(From("kernel").Rows("x").Gate("g", "gc"), Zero("(x, u)"), From("kernel").Rows("x").Gate("c", "gc")),
                recurrentKernel: Beside(From("kernel").Rows("h").Gate("g", "gc"), Zero("(u, u)"), From("kernel").Rows("h").Gate("c", "gc")),
                bias: Beside(From("bias").Gate("g", "gc").Plus(ForgetBias.Name), Constant(100, "(u,)"), From("bias").Gate("c", "gc")),
                units: cell.Units,
                activation: cell[Activation].Text!,
                recurrentActivation: "sigmoid",
                states: ["h"]),
        ],
    };
}
