using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// BasicRNNCell (tensorflow v1.15.5 python/ops/rnn_cell_impl.py:446-471): <c>kernel (x+u, u)</c>, rows x then h, and
/// <c>bias (u,)</c>. Keras: SimpleRNN. CudnnRNNTanh and CudnnRNNRelu keep their canonical variables under the same names.
/// </summary>
internal static class BasicRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("BasicRNNCell")
    {
        Scopes = ["basic_rnn_cell", "BasicRNNCell"],
        Variables = [Role("kernel", "(x+h, u)"), Role("bias", "(u,)")],
        SizesByDefault = [new('h', 'u')],
        NeedsScope = true,
        Facts = [Activation.By("tanh")],
        Graph = ["h = activation([x;h] @ kernel + bias?)"],
        IsPlainInGraphs = true,
        GoesBack = use => use.ClassName == SimpleRnn.Definition.ClassName,
        Equations = at => new Equations.TensorFlow1.BasicRnnCell(at["kernel"], at["bias"], at[Activation]),
        ToKeras = cell =>
        [
            SimpleRnn.Of(
                kernel: From("kernel").Rows("x"),
                recurrentKernel: From("kernel").Rows("h"),
                bias: From("bias"),
                units: cell.Units,
                activation: cell[Activation].Text!,
                states: ["h"]),
        ],
    };
}
