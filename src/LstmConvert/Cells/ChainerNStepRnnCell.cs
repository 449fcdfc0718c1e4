using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// One layer and direction of chainer.links.NStepRNNTanh, NStepRNNReLU and their bidirectional ones (chainer v7.8.1
/// functions/rnn/n_step_rnn.py), which no name tells apart.
/// <code>
/// w0 (u, x)   w1 (u, u)   b0, b1 (u,)
/// </code>
/// Keras: SimpleRNN with the matrices transposed and both biases summed.
/// </summary>
internal static class ChainerNStepRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("chainer.links.NStepRNNTanh")
        {
            AlsoKnownAs = ["chainer.links.NStepRNNReLU", "chainer.links.NStepBiRNNTanh", "chainer.links.NStepBiRNNReLU"],
            Variables = [.. ChainerNStepLstmCell.Roles(1)],
            Facts = [Activation.By("tanh")],
            Equations = at => new Equations.PyTorch.Rnn(at["nstep/w0"], at["nstep/w1"], at[Activation])
            {
                Biases = (at["nstep/b0"], at["nstep/b1"]),
            },
            ToKeras = cell =>
                [
                    SimpleRnn.Of(
                        kernel: ChainerNStepLstmCell.Kernel(0),
                        recurrentKernel: ChainerNStepLstmCell.Kernel(1),
                        bias: Sum(ChainerNStepLstmCell.Bias(0), ChainerNStepLstmCell.Bias(1)),
                        units: cell.Units,
                        activation: cell[Activation].Text!,
                        states: ["h"]),
                ],
        };
}
