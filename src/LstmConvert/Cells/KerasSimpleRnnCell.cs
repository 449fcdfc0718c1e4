using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// The SimpleRNN layer of Keras (keras 2.15 src/layers/rnn/simple_rnn.py): <c>kernel (x, u)</c>, <c>recurrent_kernel (u, u)</c>,
/// <c>bias (u,)</c>. Cells of other libraries have the same names and shapes (an echo state network of TensorFlow Addons): the scope
/// or a configuration tells.
/// </summary>
internal static class KerasSimpleRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("KerasSimpleRNN")
    {
        AlsoKnownAs = ["SimpleRNN"],
        Scopes = ["simple_rnn_cell", "simple_rnn"],
        Variables = [Role("kernel", "(x, u)"), Role("recurrent_kernel", "(u, u)"), Optional("bias", "(u,)")],
        NeedsScope = true,
        Facts = [Activation.By("tanh")],
        Graph = ["h = activation(x @ kernel + h @ recurrent_kernel + bias?)"],
        IsPlainInGraphs = true,
        IsOfKeras = use => use.ClassName == SimpleRnn.Definition.ClassName || use.ClassName == SimpleRnnCell.Definition.ClassName,
        Equations = at => new Equations.TensorFlow2.SimpleRnn(at["kernel"], at["recurrent_kernel"], at.Optional("bias"), at[Activation]),
        ToKeras = cell =>
        [
            SimpleRnn.Of(
                kernel: From("kernel"),
                recurrentKernel: From("recurrent_kernel"),
                bias: cell.Has("bias") ? From("bias") : null,
                units: cell.Units,
                activation: cell[Activation].Text!,
                states: ["h"]),
        ],
    };
}
