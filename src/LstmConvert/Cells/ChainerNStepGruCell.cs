using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// One layer and direction of chainer.links.NStepGRU and NStepBiGRU (chainer v7.8.1 functions/rnn/n_step_gru.py).
/// <code>
/// w0 w1 w2 (u, x)   w3 w4 w5 (u, u)   b0 … b5 (u,)   r z n, of the input, then of the state
/// </code>
/// Keras: GRU with <c>reset_after=True</c>; the update gate keeps the old state in both.
/// </summary>
internal static class ChainerNStepGruCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("chainer.links.NStepGRU")
    {
        AlsoKnownAs = ["chainer.links.NStepBiGRU"],
        Variables = [.. ChainerNStepLstmCell.Roles(3)],
        Facts = PlainFacts,
        Fixed = Plain,
        Equations = at => new Equations.Chainer.NStepGru([.. ChainerNStepLstmCell.GatesOf(at, 3)]),
        ToKeras = cell =>
        [
            Gru.ResetAfter(
                kernel: ChainerNStepLstmCell.Kernel(1, 0, 2),
                recurrentKernel: ChainerNStepLstmCell.Kernel(4, 3, 5),
                bias: Above(Biases(1, 0, 2), Biases(4, 3, 5)),
                units: cell.Units,
                activation: "tanh",
                recurrentActivation: "sigmoid",
                states: ["h"]),
        ],
    };

    private static Derivation Biases(params int[] numbers) => Beside([.. numbers.Select(ChainerNStepLstmCell.Bias)]);
}
