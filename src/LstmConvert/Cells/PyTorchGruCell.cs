using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// One layer and direction of torch.nn.GRU (pytorch torch/nn/modules/rnn.py).
/// <code>
/// weight_ih   (3u, x)   rows r z n        bias_ih   (3u,)
/// weight_hh   (3u, u)                     bias_hh   (3u,)
/// </code>
/// Keras: GRU with <c>reset_after=True</c>, the matrices transposed; the update gate keeps the old state in both.
/// </summary>
internal static class PyTorchGruCell
{
    private const string Gates = "rzh";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("torch.nn.GRU")
        {
            Variables =
            [
                Role("weight_ih", "(3u, x)"),
                Role("weight_hh", "(3u, u)"),
                Optional("bias_ih", "(3u,)"),
                Optional("bias_hh", "(3u,)"),
            ],
            Facts = PlainFacts,
            Fixed = Plain,
            Equations = at => new Equations.PyTorch.Gru(at["weight_ih"], at["weight_hh"])
            {
                Biases = at.Optional("bias_ih") is { } bias ? (bias, at["bias_hh"]) : null,
            },
            Obstacle = PyTorchLstmCell.Biases,
            ToKeras = cell =>
                [
                    Gru.ResetAfter(
                        kernel: From("weight_ih").Transposed().Gates(Gates, "zrh"),
                        recurrentKernel: From("weight_hh").Transposed().Gates(Gates, "zrh"),
                        bias: cell.Has("bias_ih") ? Above(From("bias_ih").Gates(Gates, "zrh"), From("bias_hh").Gates(Gates, "zrh")) : null,
                        units: cell.Units,
                        activation: "tanh",
                        recurrentActivation: "sigmoid",
                        states: ["h"]),
                ],
        };
}
