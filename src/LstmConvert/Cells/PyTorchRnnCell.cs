using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// One layer and direction of torch.nn.RNN (pytorch torch/nn/modules/rnn.py): <c>weight_ih (u, x)</c>, <c>weight_hh (u, u)</c> and two
/// biases <c>(u,)</c>,
/// with tanh or relu, which no name tells. Keras: SimpleRNN.
/// </summary>
internal static class PyTorchRnnCell
{
    /// <summary>The ends of the names that MXNet gives, whose layer of the same equations has relu by default
    /// (gluon/rnn/rnn_layer.py).</summary>
    private static readonly string[] MxNet = ["i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias"];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("torch.nn.RNN")
        {
            Variables =
            [
                Role("weight_ih", "(u, x)"),
                Role("weight_hh", "(u, u)"),
                Optional("bias_ih", "(u,)"),
                Optional("bias_hh", "(u,)"),
            ],
            Facts =
            [
                Activation.By(
                    "tanh",
                    [.. MxNet.Select(leaf => new DefaultFor(null, leaf, FactValue.Of("relu"), "gluon.rnn.RNN of MXNet"))]),
            ],
            Equations = at => new Equations.PyTorch.Rnn(at["weight_ih"], at["weight_hh"], at[Activation])
            {
                Biases = at.Optional("bias_ih") is { } bias ? (bias, at["bias_hh"]) : null,
            },
            Obstacle = PyTorchLstmCell.Biases,
            ToKeras = cell =>
                [
                    SimpleRnn.Of(
                        kernel: From("weight_ih").Transposed(),
                        recurrentKernel: From("weight_hh").Transposed(),
                        bias: cell.Has("bias_ih") ? Sum(From("bias_ih"), From("bias_hh")) : null,
                        units: cell.Units,
                        activation: cell[Activation].Text!,
                        states: ["h"]),
                ],
        };
}
