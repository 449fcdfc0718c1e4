using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// IndRNNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3083-3178): a plain cell whose recurrence is diagonal.
/// <code>
/// kernel_w (x, u)   kernel_u (1, u)   bias (u,)        h' = act(x @ kernel_w + kernel_u*h + bias)
/// </code>
/// Keras: SimpleRNN with kernel_u on the diagonal of its recurrent kernel.
/// </summary>
internal static class IndRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("IndRNNCell")
    {
        Scopes = ["ind_rnn_cell"],
        Variables = [Role("kernel_w", "(x, u)"), Role("kernel_u", "(1, u)"), Role("bias", "(u,)")],
        NeedsScope = true,
        Facts = [Activation.By("tanh")],
        Graph = ["h = activation(x @ kernel_w + kernel_u*h + bias?)"],
        IsPlainInGraphs = true,
        Equations = at => new Equations.TensorFlow1.IndRnnCell(at["kernel_w"], at["kernel_u"], at["bias"], at[Activation]),
        Wrong = [Changed("no recurrence", "kernel_u", one => one * 0), Changed("sign of the recurrence", "kernel_u", one => -one)],
        ToKeras = cell =>
        [
            SimpleRnn.Of(
                kernel: From("kernel_w"),
                recurrentKernel: From("kernel_u").Diagonal(),
                bias: From("bias"),
                units: cell.Units,
                activation: cell[Activation].Text!,
                states: ["h"]),
        ],
    };
}
