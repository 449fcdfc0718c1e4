using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// TfLiteRNNCell (tensorflow v1.15.5 lite/experimental/examples/lstm/rnn_cell.py): a plain cell, transposed.
/// <code>
/// input_weights (u, x)   recurrent_weights (u, u)   bias (u,)        h' = act([x;h] @ [input_weights|recurrent_weights].T + bias)
/// </code>
/// Keras: SimpleRNN.
/// </summary>
internal static class TfLiteRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("TfLiteRNNCell")
    {
        Scopes = ["tf_lite_rnn_cell"],
        Variables = [Role("input_weights", "(u, x)"), Role("recurrent_weights", "(u, u)"), Role("bias", "(u,)")],
        Facts = [Activation.By("tanh")],
        Graph = ["h = activation([x;h] @ transposed([input_weights;recurrent_weights]) + bias?)"],
        IsPlainInGraphs = true,
        Equations = at => new Equations.TensorFlow1.TfLiteRnnCell(at["input_weights"], at["recurrent_weights"], at["bias"], at[Activation]),
        ToKeras = cell =>
        [
            SimpleRnn.Of(
                kernel: From("input_weights").Transposed(),
                recurrentKernel: From("recurrent_weights").Transposed(),
                bias: From("bias"),
                units: cell.Units,
                activation: cell[Activation].Text!,
                states: ["h"]),
        ],
    };
}
